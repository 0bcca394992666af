import { connect } from "@mooring/testing";
import { expect, test } from "vitest";
import { server } from "../../src/server.ts";
import { folderOf } from "../folder.ts";

test("says what to do, and quotes what was asked about", async () => {
  await using folder = await folderOf();
  await using mcp = await connect(server, { deps: folder.deps });
  const { messages } = await mcp.client.getPrompt({ name: "summarize", arguments: { about: 'the "lamp"' } });
  expect(messages).toHaveLength(1);
  expect(messages[0]?.content).toMatchObject({ type: "text", text: expect.stringContaining('\\"lamp\\"') as string });
});
