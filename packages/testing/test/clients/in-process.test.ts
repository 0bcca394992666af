import { defineServer } from "@mooring/core";
import { eras } from "@mooring/core/testing";
import { expect, test } from "vitest";
import { connect } from "../../src/clients/in-process.ts";

const server = defineServer<object>({ name: "empty", title: "Empty", version: "1.0.0", tools: [] });

test.for(eras)("a client of the era %s is recorded once it is connected", async (era) => {
  await using mcp = await connect(server, { deps: {} }, era);
  await mcp.client.listTools();
  const [asked, answered] = mcp.transcript;
  expect(asked).toMatchObject({ to: "server", message: { method: "tools/list" } });
  expect(answered).toMatchObject({ to: "client", message: { result: { tools: [] } } });
});
