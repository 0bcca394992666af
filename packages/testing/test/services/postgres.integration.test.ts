import { existsSync } from "node:fs";
import pg from "pg";
import { afterAll, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { keepArtifacts } from "../../src/artifacts.ts";
import { startFaultProxy } from "../../src/fault-proxy.ts";
import { type Postgres, startPostgres } from "../../src/services/postgres.ts";
import { allowedModes } from "../allowed-modes.ts";

let postgres: Postgres; // undefined where the start failed

beforeAll(async () => {
  postgres = await startPostgres();
});
afterAll(() => (postgres as Postgres | undefined)?.stop());
beforeEach(keepArtifacts);

async function query(url: string, sql: string, options: pg.ClientConfig = {}): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url, ...options });
  // A connection that breaks while idle is the test's subject, not an accident.
  client.on("error", () => {});
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await client.end().catch(() => {});
  }
}

function codeOf(error: unknown): unknown {
  return (error as { code?: unknown }).code ?? String(error);
}

test("it runs as TEST_SERVICES says", () => {
  expect(allowedModes()).toContain(postgres.mode);
  expect(postgres.container === undefined).toBe(postgres.mode === "process");
});

test("it is a real server: version, roles, timeouts, passwords", async () => {
  const [row] = (await query(postgres.url, "show server_version_num")) as { server_version_num: string }[];
  expect(Number(row?.server_version_num)).toBeGreaterThanOrEqual(150_000);
  await query(postgres.url, "create role reader login password 'r'");
  const asReader = new URL(postgres.url);
  [asReader.username, asReader.password] = ["reader", "r"];
  await expect(query(asReader.toString(), "create role other").catch(codeOf)).resolves.toBe("42501");
  await expect(query(postgres.url, "select pg_sleep(5)", { statement_timeout: 50 }).catch(codeOf)).resolves.toBe(
    "57014",
  );
  asReader.password = "wrong";
  await expect(query(asReader.toString(), "select 1").catch(codeOf)).resolves.toBe("28P01");
});

test("it listens on loopback alone", async () => {
  expect(["127.0.0.1", "localhost"]).toContain(new URL(postgres.url).hostname);
  const [row] = (await query(postgres.url, "show listen_addresses")) as { listen_addresses: string }[];
  // Within a container every interface is the container's own.
  expect(row?.listen_addresses).toBe(postgres.mode === "process" ? "127.0.0.1" : "*");
});

test("a database of its own is empty and has its name, whatever that is", async () => {
  const url = await postgres.newDatabase('odd "name" é');
  expect(await query(url, "select current_database() as name")).toEqual([{ name: 'odd "name" é' }]);
  await query(url, "create table t (x int)");
  const other = await postgres.newDatabase("other");
  expect(await query(other, "select to_regclass('t') as t")).toEqual([{ t: null }]);
});

test("its log is at hand", async () => {
  await query(postgres.url, "select * from no_such_table").catch(() => {});
  await vi.waitUntil(async () => (await postgres.logs()).includes('relation "no_such_table" does not exist'));
  expect(await postgres.logs()).toContain("ready to accept connections");
});

test("a stopped server is gone, with its directory", async () => {
  const second = await startPostgres();
  const [row] = (await query(second.url, "show data_directory")) as { data_directory: string }[];
  const directory = row?.data_directory ?? "";
  await second.stop();
  await second.stop(); // twice is as good as once
  await expect(query(second.url, "select 1").catch(codeOf)).resolves.toBe("ECONNREFUSED");
  expect(existsSync(directory)).toBe(false);
});

test("through the fault proxy: slow, half-open, reset in mid-result, refused, well again", async () => {
  const { hostname, port } = new URL(postgres.url);
  await using proxy = await startFaultProxy({ host: hostname, port: Number(port) });
  const through = new URL(postgres.url);
  [through.hostname, through.port] = [proxy.host, String(proxy.port)];
  const url = through.toString();

  expect(await query(url, "select 1 as one")).toEqual([{ one: 1 }]);

  proxy.set({ latencyMs: 40 });
  const began = performance.now();
  await query(url, "select 1");
  expect(performance.now() - began).toBeGreaterThan(160);
  proxy.clear();

  proxy.set({ acceptButSilent: true });
  const silent = query(url, "select 1", { connectionTimeoutMillis: 200 });
  await expect(silent).rejects.toThrow(/timeout/i);
  proxy.clear();

  proxy.set({ resetAfterBytes: 20_000 });
  const long = query(url, "select repeat('x', 1000) as x from generate_series(1, 1000)");
  await expect(long.catch(codeOf)).resolves.toBe("ECONNRESET");
  proxy.clear();

  await proxy.down();
  await expect(query(url, "select 1").catch(codeOf)).resolves.toBe("ECONNREFUSED");
  await proxy.up();
  expect(await query(url, "select 2 as two")).toEqual([{ two: 2 }]);
});
