import type { CallToolResult } from "@modelcontextprotocol/client";
import { connect, type Era } from "@mooring/core/testing";
import { filesystem } from "../../src/server.ts";
import type { SandboxOptions } from "../../src/sandbox/create.ts";
import type { Deps } from "../../src/tool.ts";
import { type Workspace, workspace } from "../sandbox/workspace.ts";

/** The reading tools on a fresh directory, behind a real client. */
export interface Reading extends AsyncDisposable {
  readonly space: Workspace;
  call(name: string, args: Record<string, unknown>): Promise<CallToolResult>;
  /** The texts of a call that must succeed. */
  ok(name: string, args: Record<string, unknown>): Promise<string[]>;
  /** `kind: text` of a call that must fail. */
  fails(name: string, args: Record<string, unknown>): Promise<string>;
}

export interface ReadingOptions {
  readonly sandbox?: Partial<SandboxOptions>;
  readonly encoding?: string;
  readonly era?: Era;
  /** What `list` says of the server. */
  readonly access?: "read" | "write" | "full";
  readonly journal?: boolean;
}

export async function reading({
  sandbox = {},
  encoding,
  era,
  access = "read",
  journal = true,
}: ReadingOptions = {}): Promise<Reading> {
  const space = workspace();
  // Reading uses nothing else.
  const deps = { sandbox: space.sandbox(sandbox), encoding, access, journal: { enabled: journal } } as Deps;
  const mcp = await connect(filesystem, { deps }, era);
  const texts = ({ content }: CallToolResult) => content.map((block) => (block.type === "text" ? block.text : ""));
  return {
    space,
    call: (name, args) => mcp.call(name, args),
    async ok(name, args) {
      const result = await mcp.call(name, args);
      if (result.isError) throw new Error(texts(result).join("\n"));
      return texts(result);
    },
    async fails(name, args) {
      const result = await mcp.call(name, args);
      if (!result.isError) throw new Error(`It should have failed: ${texts(result).join("\n")}`);
      const error = result._meta?.["mooring/error"] as { kind?: string } | undefined;
      return `${error?.kind}: ${texts(result).join("\n")}`;
    },
    async [Symbol.asyncDispose]() {
      await mcp[Symbol.asyncDispose]();
      space[Symbol.dispose]();
    },
  };
}
