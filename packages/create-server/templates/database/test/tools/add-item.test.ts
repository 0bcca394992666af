import { connect } from "@mooring/testing";
import { expect, test } from "vitest";
import { server } from "../../src/server.ts";
import { fakeDatabase } from "../fake-database.ts";

test("sends the item as values and answers with its id", async () => {
  const { deps, sent } = fakeDatabase(() => [{ id: 3 }]);
  await using mcp = await connect(server, { deps, access: "write" });
  const { structuredContent } = await mcp.call("add_item", { name: "'); DROP TABLE items; --", amount: 2 });
  expect(structuredContent).toEqual({ id: 3 });
  expect(sent).toEqual([["write", expect.not.stringContaining("DROP"), ["'); DROP TABLE items; --", 2, ""]]]);
});

test("is not there at --access read", async () => {
  const { deps, sent } = fakeDatabase();
  await using mcp = await connect(server, { deps });
  await expect(mcp.call("add_item", { name: "Oars", amount: 2 })).rejects.toThrow(/add_item/);
  expect(sent).toEqual([]);
});

test.for([
  { name: "", amount: 2 },
  { name: "Oars", amount: -1 },
  { name: "Oars", amount: 1.5 },
])("refuses %o before anything is sent", async (input) => {
  const { deps, sent } = fakeDatabase();
  await using mcp = await connect(server, { deps, access: "write" });
  expect((await mcp.call("add_item", input)).isError).toBe(true);
  expect(sent).toEqual([]);
});
