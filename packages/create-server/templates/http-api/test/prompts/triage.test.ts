import { connect } from "@mooring/testing";
import { expect, test } from "vitest";
import { server } from "../../src/server.ts";
import { fakeApi } from "../fake-api.ts";

test("says what to do, and quotes what was asked about", async () => {
  await using mcp = await connect(server, { deps: fakeApi({}).deps });
  const { messages } = await mcp.client.getPrompt({ name: "triage", arguments: { about: 'the "lamp"' } });
  expect(messages).toHaveLength(1);
  expect(messages[0]?.content).toMatchObject({ type: "text", text: expect.stringContaining('\\"lamp\\"') as string });
});
