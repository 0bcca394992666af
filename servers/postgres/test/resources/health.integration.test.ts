import { defineServer } from "@mooring/core";
import { connect } from "@mooring/core/testing";
import { type Postgres, startPostgres } from "@mooring/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import { health } from "../../src/resources/health.ts";
import { queryStatistics } from "../../src/resources/query-statistics.ts";
import type { Deps } from "../../src/tool.ts";
import { person } from "../health/problems.ts";
import { openDatabase } from "../open-database.ts";
import type { Policy } from "../../src/policy.ts";

const definition = defineServer<Deps>({
  name: "postgres",
  title: "Postgres",
  version: "1.0.0",
  fenced: true,
  tools: [],
  resources: [health, queryStatistics],
});

let server: Postgres;
let url: string;
beforeAll(async () => {
  server = await startPostgres({ settings: { shared_preload_libraries: "pg_stat_statements" } });
  url = await server.newDatabase("resources");
  await using client = await person(url);
  await client.query(
    'CREATE SCHEMA "Ex t"; CREATE EXTENSION pg_stat_statements SCHEMA "Ex t"; CREATE TABLE hush (a text)',
  );
  await client.query("SELECT pg_sleep(0.05), 'hunter2' FROM hush RIGHT JOIN (VALUES (1)) v ON true");
});
afterAll(() => server.stop());

async function serve(at = url, policy: Partial<Policy> = {}) {
  const opened = openDatabase(at, { policy });
  const mcp = await connect(definition, {
    deps: { databases: opened.databases, config: {} as Deps["config"], stateDir: "" },
  });
  const read = async (uri: string) => {
    const [part] = (await mcp.client.readResource({ uri })).contents;
    return part && "text" in part ? part.text : "";
  };
  return {
    mcp,
    read,
    async [Symbol.asyncDispose]() {
      await mcp[Symbol.asyncDispose]();
      await opened[Symbol.asyncDispose]();
    },
  };
}

test("the report, as the tool has it", async () => {
  await using served = await serve();
  const text = await served.read("pg://default/health");
  expect(text).toMatch(/^1 critical, 1 high, .*\(default, PostgreSQL \d+\.\d+, \d+ ms\)/);
  expect(text).toMatch(/<untrusted \S+>\nCRITICAL durability_settings: fsync: off/);
  expect(text).not.toContain("hunter2");
  await expect(served.read("pg://other/health")).rejects.toThrow(/Resource not found/);
});

test("top statements are listed, and each can be read, without literals", async () => {
  await using served = await serve();
  const { resources } = await served.mcp.client.listResources();
  expect(resources[0]).toMatchObject({ uri: "pg://default/health", name: "default health" });
  const statements = resources.slice(1);
  expect(statements.length).toBeGreaterThan(3);
  expect(statements.length).toBeLessThanOrEqual(10);
  const texts = await Promise.all(statements.map(({ uri }) => served.read(uri)));
  const slept = texts.find((text) => text.includes("pg_sleep($1)"));
  expect(slept).toMatch(/^Query -?\d+: \d+ % of all time, 0 s in 1 call\.\nEach: \d+\.\d\d ms on average/);
  expect(slept).toMatch(
    /<untrusted \S+>\nSELECT pg_sleep\(\$1\), \$2 FROM hush RIGHT JOIN \(VALUES \(\$3\)\) v ON .*\n<\/untrusted/,
  );
  expect(texts.join()).not.toContain("hunter2");
});

test.each(["123", "abc", "99999999999999999999", "9999999999999999999", "-1", "1;select"])(
  "there is no statement %s",
  async (id) => {
    await using served = await serve();
    await expect(served.read(`pg://default/queries/${id}`)).rejects.toThrow(/Resource not found/);
  },
);

test("where the extension is not installed the list is short, and where names are hidden so is the text", async () => {
  await using bare = await serve(await server.newDatabase("bare"));
  expect((await bare.mcp.client.listResources()).resources.map(({ uri }) => uri)).toEqual(["pg://default/health"]);
  await expect(bare.read("pg://default/queries/1")).rejects.toThrow(/Resource not found/);
  await using blind = await serve(url, { denySchemas: ["public"] });
  const { resources } = await blind.mcp.client.listResources();
  const texts = await Promise.all(resources.slice(1).map(({ uri }) => blind.read(uri)));
  expect(texts.join()).not.toContain("FROM hush");
  expect(texts.some((text) => text.includes("SELECT … … (names what the policy hides)"))).toBe(true);
});
