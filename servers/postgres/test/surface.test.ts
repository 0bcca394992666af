import { limitArgument } from "@mooring/core";
import { connect, eras, lintTools, measureTools, serverSurface, surface } from "@mooring/testing";
import { describe, expect, test } from "vitest";
import { createDatabases } from "../src/databases.ts";
import { notConfigured } from "../src/config/databases.ts";
import { type Config, options } from "../src/options.ts";
import { postgres } from "../src/server.ts";

const deps = { databases: createDatabases([], notConfigured), config: {} as Config, stateDir: "" };
/** As most people run it: one database, no folder for exports. */
const usual = limitArgument(limitArgument(postgres, "database", ["default"]), "to", []);

async function listed(access: "read" | "write" | "full", definition = usual, era: (typeof eras)[number] = "2026") {
  await using mcp = await connect(definition, { deps, access }, era);
  return (await mcp.client.listTools()).tools;
}

test("the tools are the reviewed ones, in both eras, and portable", async () => {
  const tools = await listed("full", postgres);
  for (const tool of tools) await expect(surface(tool)).toMatchFileSnapshot(`__surface__/${tool.name}.json`);
  expect((await listed("full", postgres, "2025")).map(surface)).toEqual(tools.map(surface));
  expect(lintTools(tools)).toEqual([]);
});

test("everything else that clients rely on is the reviewed one", async () => {
  await expect(serverSurface(postgres, options)).toMatchFileSnapshot("__surface__/server.surface.json");
});

/** What each call may do, by the arguments that decide. */
test.for([
  ["read", ["query", "schema", "explain", "advise", "health"]],
  ["write", ["query", "schema", "explain", "advise", "health", "write"]],
  ["full", ["query", "schema", "explain", "advise", "health", "write", "migrate"]],
] as const)("--access %s offers %j", async ([access, names]) => {
  const tools = await listed(access);
  expect(tools.map(({ name }) => name)).toEqual(names);
  for (const { name, annotations } of tools)
    expect(annotations).toMatchObject({
      readOnlyHint: name !== "write" && name !== "migrate",
      destructiveHint: name === "migrate",
    });
});

test("`database` is an argument where there are several, `to` where there is a folder", async () => {
  const has = async (definition: typeof postgres, argument: string) =>
    (await listed("full", definition))
      .filter(({ inputSchema }) => Object.hasOwn(inputSchema.properties ?? {}, argument))
      .map(({ name }) => name);
  expect([await has(usual, "database"), await has(usual, "to")]).toEqual([[], []]);
  const several = limitArgument(postgres, "database", ["main", "archive"]);
  expect(await has(several, "database")).toEqual([
    "query",
    "schema",
    "explain",
    "advise",
    "health",
    "write",
    "migrate",
  ]);
  expect(await has(several, "to")).toEqual(["query"]);
  const [query] = await listed("read", several);
  expect(query?.inputSchema.properties?.["database"]).toMatchObject({ enum: ["main", "archive"] });
});

/** What a model pays for the list in every session (tokens of o200k_base). Raise it on purpose only. */
describe("the list is within its budget", () => {
  test.for([
    ["read", { bytes: 4_700, tokens: 960 }],
    ["full", { bytes: 6_400, tokens: 1_300 }],
  ] as const)("--access %s", async ([access, budget]) => {
    const { bytes, tokens } = await measureTools(await listed(access));
    expect(bytes).toBeLessThanOrEqual(budget.bytes);
    expect(tokens).toBeLessThanOrEqual(budget.tokens);
  });
});
