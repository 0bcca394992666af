import { connect } from "@mooring/testing";
import { expect, test } from "vitest";
import { server } from "../../src/server.ts";
import { fakeDatabase } from "../fake-database.ts";

test("says what to do, and asks the database nothing", async () => {
  const { deps, sent } = fakeDatabase();
  await using mcp = await connect(server, { deps });
  const { messages } = await mcp.client.getPrompt({ name: "restock" });
  expect(messages).toMatchObject([{ content: { type: "text", text: expect.stringContaining("order") as string } }]);
  expect(sent).toEqual([]);
});
