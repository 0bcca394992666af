import { connect, eras, lintTools, measureTools, surface } from "@mooring/testing";
import { expect, test } from "vitest";
import { server } from "../src/server.ts";
import { fakeApi } from "./fake-api.ts";

async function listed(access: "read" | "full", era: (typeof eras)[number] = "2026") {
  await using mcp = await connect(server, { deps: fakeApi({}).deps, access }, era);
  return (await mcp.client.listTools()).tools;
}

test("the tools are the reviewed ones, in both eras, and portable", async () => {
  const tools = await listed("full");
  for (const tool of tools) await expect(surface(tool)).toMatchFileSnapshot(`__surface__/${tool.name}.json`);
  expect((await listed("full", "2025")).map(surface)).toEqual(tools.map(surface));
  expect(lintTools(tools)).toEqual([]);
});

test("reading is all that is offered unless the operator says more", async () => {
  const tools = await listed("read");
  expect(tools.map(({ name, annotations }) => [name, annotations?.readOnlyHint])).toEqual([["list_tickets", true]]);
});

// What a model pays in every session (o200k_base). Raise it on purpose only.
test("the list is within its budget", async () => {
  expect((await measureTools(await listed("full"))).tokens).toBeLessThan(250);
});
