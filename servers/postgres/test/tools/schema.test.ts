import { connect, lintTools } from "@mooring/testing";
import { expect, test } from "vitest";
import type { Databases } from "../../src/database.ts";
import type { Config } from "../../src/options.ts";
import { postgres as definition } from "../../src/server.ts";
import { schema } from "../../src/tools/schema.ts";
import { fakeDatabase, snapshotRows } from "../catalog/fake-database.ts";

const facts = {
  versionNumber: 130_005,
  version: "13.5 (Debian)",
  user: "app",
  database: "x",
  privileges: [],
  recovering: true,
  extensions: new Map(),
};

function start(rows: Parameters<typeof fakeDatabase>[1]) {
  const database = { ...fakeDatabase("shop", rows), facts: async () => facts };
  const databases: Databases = { names: ["shop"], get: () => database, close: async () => {} };
  return connect(
    { ...definition, tools: [schema] },
    { deps: { databases, config: {} as Config, stateDir: "/nonexistent" } },
  );
}

async function answer(mcp: Awaited<ReturnType<typeof start>>, args: Record<string, unknown>) {
  const { content, isError } = await mcp.call("schema", args);
  return { isError, text: content.map((block) => (block.type === "text" ? block.text : "")).join("\n") };
}

test("costs few bytes in tools/list", async () => {
  await using mcp = await start(() => []);
  const { tools } = await mcp.client.listTools();
  expect(tools).toHaveLength(1);
  expect(Buffer.byteLength(JSON.stringify(tools[0]))).toBeLessThanOrEqual(1_100);
  expect(lintTools([...mcp.prepared.tools])).toEqual([]);
});

test("says an old standby's version and that it is one; an empty database is no error", async () => {
  await using mcp = await start(() => snapshotRows("1", []));
  expect(await answer(mcp, {})).toEqual({
    isError: undefined,
    text: "shop: PostgreSQL 13.5, standby.\nNothing found.",
  });
});

test("a cursor of another call is refused before anything is asked", async () => {
  let asked = 0;
  await using mcp = await start(() => {
    asked++;
    return snapshotRows("1", []);
  });
  expect((await answer(mcp, { cursor: "made.up" })).text).toContain("The cursor does not belong to this call");
  expect(asked).toBe(0);
});

test.for([
  [{ limit: 0 }, "limit"],
  [{ limit: 1_001 }, "limit"],
  [{ tables: [] }, "tables"],
  [{ tables: ["x".repeat(301)] }, "tables"],
  [{ kinds: ["tabel"] }, "kinds"],
  [{ detail: "all" }, "detail"],
  [{ find: "x".repeat(201) }, "find"],
  [{ table: "x" }, "table"],
] as const)("%j is refused, naming %s", async ([args, name]) => {
  await using mcp = await start(() => snapshotRows("1", []));
  const { isError, text } = await answer(mcp, args);
  expect(isError).toBe(true);
  expect(text).toContain(name);
});
