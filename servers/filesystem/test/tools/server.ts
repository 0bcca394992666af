import { connect, type Era, type TestClient } from "@mooring/core/testing";
import { fixture, type Fixture } from "../journal/fixture.ts";
import { defineServer } from "@mooring/core";
import { mapError } from "../../src/errors.ts";
import type { JournalOptions } from "../../src/journal/journal.ts";
import type { Sandbox } from "../../src/sandbox/sandbox.ts";
import type { Deps } from "../../src/tool.ts";
import { remove } from "../../src/tools/delete.ts";
import { edit } from "../../src/tools/edit.ts";
import { move } from "../../src/tools/move.ts";
import { undo } from "../../src/tools/undo.ts";
import { write } from "../../src/tools/write.ts";

/** The changing tools on a fresh directory, behind a real client. */
export interface Server extends AsyncDisposable {
  readonly files: Fixture;
  readonly mcp: TestClient;
  /** The text of a call that must succeed. */
  ok(name: string, args: Record<string, unknown>): Promise<string>;
  /** `kind: text` of a call that must fail. */
  fails(name: string, args: Record<string, unknown>): Promise<string>;
}

export const changing = defineServer<Deps>({
  name: "filesystem",
  title: "Files",
  version: "0.0.0",
  tools: [edit, write, move, remove, undo],
  mapError,
});

export interface ServeOptions {
  readonly journal?: Partial<JournalOptions>;
  readonly access?: "write" | "full";
  /** Left out: the host's approval counts. */
  readonly answer?: (message: string) => boolean;
  readonly wrap?: (sandbox: Sandbox) => Sandbox;
  readonly encoding?: string;
  readonly era?: Era;
}

export async function serve({
  journal,
  access = "full",
  answer,
  wrap,
  encoding,
  era,
}: ServeOptions = {}): Promise<Server> {
  const files = fixture(journal);
  const own = wrap ? files.restart({ sandbox: wrap(files.sandbox) }) : files;
  const deps = { sandbox: own.sandbox, journal: own.journal, encoding } as Deps;
  const mcp = await connect(changing, { deps, access, ...(answer ? { answer } : { confirm: "host" }) }, era);
  const call = async (name: string, args: Record<string, unknown>) => {
    const { content, isError, _meta } = await mcp.call(name, args);
    const text = content.map((block) => (block.type === "text" ? block.text : "")).join("\n");
    return { text, isError, kind: (_meta?.["mooring/error"] as { kind?: string } | undefined)?.kind };
  };
  return {
    files,
    mcp,
    async ok(name, args) {
      const { text, isError } = await call(name, args);
      if (isError) throw new Error(text);
      return text;
    },
    async fails(name, args) {
      const { text, isError, kind } = await call(name, args);
      if (!isError) throw new Error(`It should have failed: ${text}`);
      return `${kind}: ${text}`;
    },
    async [Symbol.asyncDispose]() {
      await mcp[Symbol.asyncDispose]();
      files[Symbol.dispose]();
    },
  };
}

/** The id that a result names. */
export function undoId(text: string): string {
  const id = /undo id ([0-9a-z]{13})\./.exec(text)?.[1];
  if (id === undefined) throw new Error(`No undo id in: ${text}`);
  return id;
}
