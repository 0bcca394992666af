import { ProtocolError, ProtocolErrorCode } from "@modelcontextprotocol/server";
import { ToolError } from "../errors.ts";
import { showInvisible } from "../fence.ts";
import type { Stage } from "../pipeline.ts";

/** A tool that is hidden by level or list answers exactly like one that does not exist. */
export const admit: Stage = {
  name: "admit",
  layer(subject) {
    if (subject.kind === "unknown")
      return (call) =>
        Promise.reject(
          new ProtocolError(
            ProtocolErrorCode.InvalidParams,
            `Unknown tool: ${showInvisible(call.target.slice(0, 64))}`,
          ),
        );
    if (subject.kind === "draining")
      return () =>
        Promise.reject(
          new ToolError("unavailable", "The server is shutting down.", { hint: "Repeat the call once it runs again." }),
        );
    return undefined;
  },
};
