import { ProtocolError, ProtocolErrorCode } from "@modelcontextprotocol/server";
import { ToolError } from "../errors.ts";
import { showInvisible } from "../fence.ts";
import type { Stage } from "../pipeline.ts";

/** Longer than any tool's name with a prefix; never cut, since half a secret is not masked. */
const LONGEST = 64;

/** A tool that is hidden by level or list answers exactly like one that does not exist. */
export const admit: Stage = {
  name: "admit",
  layer(subject) {
    if (subject.kind === "unknown")
      return ({ target }) => {
        const name = target.length > LONGEST ? `a name of ${target.length} characters` : showInvisible(target);
        const error = new ProtocolError(ProtocolErrorCode.InvalidParams, `Unknown ${subject.what}: ${name}`);
        return Promise.reject(error);
      };
    if (subject.kind === "draining")
      return () =>
        Promise.reject(
          new ToolError("unavailable", "The server is shutting down.", { hint: "Repeat the call once it runs again." }),
        );
    return undefined;
  },
};
