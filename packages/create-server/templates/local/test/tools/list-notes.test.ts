import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { connect, eras } from "@mooring/testing";
import { expect, test } from "vitest";
import { server } from "../../src/server.ts";
import { folderOf } from "../folder.ts";

const textOf = (content: unknown) => (content as { text: string }[])[0]?.text ?? "";

test.for(eras)("lists a page and says how to go on (era %s)", async (era) => {
  await using folder = await folderOf({ "c.md": "", "a.md": "", "b.md": "" });
  await using mcp = await connect(server, { deps: folder.deps }, era);
  const first = textOf((await mcp.call("list_notes", { limit: 2 })).content);
  expect(first).toContain("a\nb");
  expect(first).toContain('More: cursor "b".');
  const second = textOf((await mcp.call("list_notes", { limit: 2, cursor: "b" })).content);
  expect(second).toMatch(/^<untrusted \S+>\nc\n<\/untrusted \S+>$/);
});

test("shows what a call can name, and nothing else", async () => {
  await using folder = await folderOf({ "a.md": "", ".hidden.md": "", "b.txt": "", "-rf.md": "", ".md": "" });
  await mkdir(join(folder.path, "folder.md"));
  await using mcp = await connect(server, { deps: folder.deps });
  expect(textOf((await mcp.call("list_notes")).content)).toMatch(/^<untrusted \S+>\na\n<\/untrusted \S+>$/);
});

test("says so when there is none, and refuses an argument it does not know", async () => {
  await using folder = await folderOf();
  await using mcp = await connect(server, { deps: folder.deps });
  expect(textOf((await mcp.call("list_notes")).content)).toBe("Nothing found.");
  const { isError, content } = await mcp.call("list_notes", { lmit: 3 });
  expect([isError, textOf(content)]).toEqual([true, expect.stringContaining("limit")]);
});
