import { connect, eras } from "@mooring/testing";
import { expect, test } from "vitest";
import { server } from "../../src/server.ts";
import { fakeDatabase } from "../fake-database.ts";

const item = (id: number) => ({ id, amount: 2, name: `Item ${id}`, internal: "planted" });
const textOf = (content: unknown) => (content as { text: string }[])[0]?.text ?? "";

test.for(eras)("lists a page and says how to go on (era %s)", async (era) => {
  const { deps, sent } = fakeDatabase(() => [item(7), item(9)]);
  await using mcp = await connect(server, { deps }, era);
  const { content } = await mcp.call("list_items", { limit: 2, cursor: "5" });
  expect(textOf(content)).toContain("7 2 Item 7\n9 2 Item 9");
  expect(textOf(content)).toContain('More: cursor "9".');
  expect(sent).toEqual([["read", expect.stringContaining("id > $1"), ["5", 2]]]);
});

test("begins at the beginning, and a page that is not full is the last", async () => {
  const { deps, sent } = fakeDatabase(() => [item(7)]);
  await using mcp = await connect(server, { deps });
  expect(textOf((await mcp.call("list_items", { limit: 2 })).content)).not.toContain("More");
  expect(sent).toEqual([["read", expect.any(String), ["0", 2]]]);
});

test("marks what others wrote, and passes on no column that nobody asked for", async () => {
  await using mcp = await connect(server, { deps: fakeDatabase(() => [item(7)]).deps });
  const { content } = await mcp.call("list_items");
  expect(textOf(content)).toMatch(/^<untrusted \S+>\n7 2 Item 7\n<\/untrusted \S+>$/);
});

test("says so when there is none, and refuses an argument it does not know", async () => {
  await using mcp = await connect(server, { deps: fakeDatabase().deps });
  expect(textOf((await mcp.call("list_items")).content)).toBe("Nothing found.");
  const { isError, content } = await mcp.call("list_items", { lmit: 3 });
  expect([isError, textOf(content)]).toEqual([true, expect.stringContaining("limit")]);
});
