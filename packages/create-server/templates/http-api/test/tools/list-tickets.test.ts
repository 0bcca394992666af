import { connect, eras } from "@mooring/testing";
import { expect, test } from "vitest";
import { server } from "../../src/server.ts";
import { fakeApi } from "../fake-api.ts";

const ticket = (id: string) => ({ id, title: `Ticket ${id}`, state: "open", text: "", internal: "planted" });
const textOf = (content: unknown) => (content as { text: string }[])[0]?.text ?? "";

test.for(eras)("lists a page and says how to go on (era %s)", async (era) => {
  const { deps, sent } = fakeApi({ "GET /tickets": [ticket("a"), ticket("b")] });
  await using mcp = await connect(server, { deps }, era);
  const { content } = await mcp.call("list_tickets", { limit: 2, cursor: "0" });
  expect(textOf(content)).toContain("a open Ticket a\nb open Ticket b");
  expect(textOf(content)).toContain('More: cursor "b".');
  expect(sent).toEqual([{ method: "GET", path: "/tickets", query: { after: "0", limit: 2 } }]);
});

test("marks what others wrote, and passes on no field that nobody asked for", async () => {
  await using mcp = await connect(server, { deps: fakeApi({ "GET /tickets": [ticket("a")] }).deps });
  const { content } = await mcp.call("list_tickets");
  expect(textOf(content)).toMatch(/^<untrusted \S+>\na open Ticket a\n<\/untrusted \S+>$/);
});

test("says so when there is none, and refuses an argument it does not know", async () => {
  await using mcp = await connect(server, { deps: fakeApi({ "GET /tickets": [] }).deps });
  expect(textOf((await mcp.call("list_tickets")).content)).toBe("Nothing found.");
  const { isError, content } = await mcp.call("list_tickets", { lmit: 3 });
  expect([isError, textOf(content)]).toEqual([true, expect.stringContaining("limit")]);
});
