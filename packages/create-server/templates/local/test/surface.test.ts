import { connect, eras, lintTools, measureTools, serverSurface, surface } from "@mooring/testing";
import { expect, test } from "vitest";
import { openNotes } from "../src/notes.ts";
import { options } from "../src/options.ts";
import { server } from "../src/server.ts";

/** What a model pays for the list in every session (tokens of o200k_base). Raise it on purpose only. */
const BUDGET = 250;

async function listed(access: "read" | "full", era: (typeof eras)[number] = "2026") {
  await using mcp = await connect(server, { deps: { notes: openNotes(), pollMs: 10 }, access }, era);
  return (await mcp.client.listTools()).tools;
}

test("the tools are the reviewed ones, in both eras, and portable", async () => {
  const tools = await listed("full");
  for (const tool of tools) await expect(surface(tool)).toMatchFileSnapshot(`__surface__/${tool.name}.json`);
  expect((await listed("full", "2025")).map(surface)).toEqual(tools.map(surface));
  expect(lintTools(tools)).toEqual([]);
});

test("everything else that clients rely on is the reviewed one", async () => {
  await expect(serverSurface(server, options)).toMatchFileSnapshot("__surface__/server.surface.json");
});

test("reading is all that is offered unless the operator says more", async () => {
  const tools = await listed("read");
  const reading = server.tools.filter(({ access }) => access === "read").map(({ name }) => name);
  expect(tools.map(({ name, annotations }) => [name, annotations?.readOnlyHint])).toEqual(
    reading.map((name) => [name, true]),
  );
});

test("the list is within its budget", async () => {
  expect((await measureTools(await listed("full"))).tokens).toBeLessThan(BUDGET);
});
