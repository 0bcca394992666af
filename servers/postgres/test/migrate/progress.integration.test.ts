import { defineServer } from "@mooring/core";
import { connect, startPostgres } from "@mooring/testing";
import { Client } from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { mapError } from "../../src/errors.ts";
import type { Config } from "../../src/options.ts";
import type { Deps } from "../../src/tool.ts";
import { migrate } from "../../src/tools/migrate.ts";
import { openDatabase } from "../open-database.ts";

let server: Awaited<ReturnType<typeof startPostgres>>;
let admin: Client;

/** Rows, and how much work the index makes of each: together some seconds, whatever the machine. */
const ROWS = 60_000;
const WORK = 6_000;

beforeAll(async () => {
  server = await startPostgres({ settings: { max_parallel_maintenance_workers: "0", autovacuum: "off" } });
  admin = new Client(server.url);
  await admin.connect();
  await admin.query(`CREATE TABLE big AS SELECT i AS id, 'note ' || i AS note, repeat('x', 200) AS filler
                       FROM generate_series(1, ${ROWS}) i; ANALYZE big`);
});
afterAll(async () => {
  await admin?.end();
  await server?.[Symbol.asyncDispose]();
});

const definition = defineServer<Deps>({
  name: "pg",
  title: "Postgres",
  version: "0.0.0",
  fenced: true,
  tools: [migrate],
  mapError,
});

interface Step {
  readonly progress: number;
  readonly total?: number | undefined;
  readonly message?: string | undefined;
}

test("whoever waits for an index hears how far PostgreSQL is", { timeout: 90_000 }, async () => {
  await using opened = openDatabase(server.url, { timeouts: { statement: 0, lock: 2_000, idleInTransaction: 15_000 } });
  const config = { statementTimeout: 0, lockTimeout: 2_000, allowStatements: [] } as unknown as Config;
  await using mcp = await connect(definition, {
    deps: { databases: opened.databases, config, stateDir: "/nonexistent" },
    access: "full",
    confirm: "host",
  });
  const sql = `CREATE INDEX CONCURRENTLY big_worked ON big (md5(repeat(note, ${WORK})))`;
  const { content } = await mcp.call("migrate", { sql });
  const [block] = content;
  const token = /token "([^"]+)"/.exec(block?.type === "text" ? block.text : "")?.[1];

  const heard: Step[] = [];
  const began = performance.now();
  const done = await mcp.client.callTool(
    { name: "migrate", arguments: { sql, apply: true, token } },
    { timeout: 80_000, onprogress: (step) => void heard.push(step) },
  );
  const seconds = (performance.now() - began) / 1_000;

  expect(JSON.stringify(done.content)).toContain("Done. It took");
  // One each second, but for those at the beginning and the end.
  expect(heard.length).toBeGreaterThanOrEqual(2);
  expect(heard.length).toBeLessThanOrEqual(Math.ceil(seconds) + 1);
  expect(heard.map(({ progress }) => progress)).toEqual(
    [...new Set(heard.map(({ progress }) => progress))].toSorted((a, b) => a - b),
  );
  for (const { progress, total } of heard) expect(progress).toBeLessThanOrEqual(total ?? -1);
  // Inside of one phase it grows with the table's blocks.
  const scanning = heard.filter(({ message }) => message === "building index: scanning table");
  expect(scanning.length).toBeGreaterThanOrEqual(2);
  expect(new Set(scanning.map(({ progress }) => Math.floor(progress))).size).toBe(1);
  const index = await admin.query("SELECT indisvalid FROM pg_index WHERE indexrelid = 'big_worked'::regclass");
  expect(index.rows).toEqual([{ indisvalid: true }]);
});

test("and for whom it waits", { timeout: 60_000 }, async () => {
  await admin.query("CREATE TABLE small (id int)");
  const other = new Client(server.url);
  await other.connect();
  await other.query("BEGIN; INSERT INTO small VALUES (1)");
  const { rows: own } = await other.query("SELECT pg_backend_pid() AS pid");
  await using opened = openDatabase(server.url, { timeouts: { statement: 0, lock: 0, idleInTransaction: 0 } });
  const config = { statementTimeout: 0, lockTimeout: 0, allowStatements: [] } as unknown as Config;
  await using mcp = await connect(definition, {
    deps: { databases: opened.databases, config, stateDir: "/nonexistent" },
    access: "full",
    confirm: "host",
  });
  const sql = "CREATE INDEX CONCURRENTLY small_id ON small (id)";
  const { content } = await mcp.call("migrate", { sql });
  const [block] = content;
  const token = /token "([^"]+)"/.exec(block?.type === "text" ? block.text : "")?.[1];
  const heard = Promise.withResolvers<string>();
  const applied = mcp.client.callTool(
    { name: "migrate", arguments: { sql, apply: true, token } },
    { timeout: 50_000, onprogress: ({ message = "" }) => heard.resolve(message) },
  );
  expect(await heard.promise).toBe(`waiting for writers before build: process ${own[0].pid}`);
  await other.query("COMMIT");
  await other.end();
  expect(JSON.stringify((await applied).content)).toContain("Done. It took");
});
