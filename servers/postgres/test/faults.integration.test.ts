import { setTimeout as pause } from "node:timers/promises";
import {
  connect,
  keepArtifacts,
  type Postgres,
  startFaultProxy,
  startPostgres,
  type TestClient,
} from "@mooring/testing";
import pg from "pg";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { DatabaseOptions } from "../src/create-database.ts";
import type { Config } from "../src/options.ts";
import { postgres as definition } from "../src/server.ts";
import { openDatabase, timeouts } from "./open-database.ts";

let server: Postgres;
let admin: pg.Client;
const ends: (() => Promise<void>)[] = [];

async function adminClient(): Promise<pg.Client> {
  const client = new pg.Client(server.url);
  client.on("error", () => {});
  await client.connect();
  return client;
}

beforeAll(async () => {
  server = await startPostgres();
  admin = await adminClient();
  await admin.query("CREATE TABLE items (id int PRIMARY KEY); INSERT INTO items SELECT generate_series(1, 100)");
  await admin.query("CREATE ROLE narrow LOGIN PASSWORD 'narrow' CONNECTION LIMIT 1; GRANT SELECT ON items TO narrow");
  // What is not on its disk, a server that falls over forgets.
  await admin.query("CHECKPOINT");
});
afterAll(async () => {
  await admin.end();
  await server.stop();
});
beforeEach(keepArtifacts);
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

async function serve(
  url = server.url,
  more: Partial<DatabaseOptions> & { readonly settings?: never } = {},
): Promise<TestClient> {
  const opened = openDatabase(url, more);
  const mcp = await connect(definition, { deps: { databases: opened.databases, config: {} as Config, stateDir: "" } });
  ends.push(async () => {
    await mcp[Symbol.asyncDispose]();
    await opened[Symbol.asyncDispose]();
  });
  return mcp;
}

async function proxied() {
  const url = new URL(server.url);
  const proxy = await startFaultProxy({ host: url.hostname, port: Number(url.port) });
  ends.push(async () => proxy[Symbol.asyncDispose]());
  url.port = String(proxy.port);
  return { proxy, url: url.href };
}

interface Outcome {
  readonly kind: string;
  readonly text: string;
}

async function ask(mcp: TestClient, sql: string, options: object = {}): Promise<Outcome> {
  const { content, isError, _meta } = await mcp.client.callTool({ name: "query", arguments: { sql } }, options);
  const [block] = content;
  const text = block?.type === "text" ? block.text : "";
  const { kind = "internal" } = (_meta?.["mooring/error"] ?? {}) as { kind?: string };
  return { kind: isError ? kind : "ok", text };
}

/** The whole server falls over and recovers, as after a crash: one backend killed without notice. */
async function crash(): Promise<void> {
  // Until it has noticed, it takes connections as if nothing had happened.
  const noticed = new Promise((resolve) => admin.once("end", resolve));
  const victim = await adminClient();
  const { rows } = await victim.query<{ pid: number }>("SELECT pg_backend_pid() AS pid");
  const pid = rows[0]?.pid ?? 0;
  if (server.container) await server.container.exec(["sh", "-c", `kill -9 ${pid}`]);
  else process.kill(pid, "SIGKILL");
  await noticed;
}

async function recovered(): Promise<void> {
  await expect
    .poll(
      async () => {
        const client = new pg.Client(server.url);
        client.on("error", () => {});
        return client.connect().then(
          async () => (await client.end(), true),
          () => false,
        );
      },
      { timeout: 20_000 },
    )
    .toBe(true);
  await admin.end().catch(() => {});
  admin = await adminClient();
}

const running = async (like: string) =>
  (
    await admin.query(
      "SELECT pid FROM pg_stat_activity WHERE state = 'active' AND query LIKE $1 AND pid <> pg_backend_pid()",
      [like],
    )
  ).rows;

test("a server that is not there yet is said, and reached once it is", async () => {
  const { proxy, url } = await proxied();
  await proxy.down();
  const mcp = await serve(url);
  expect(await ask(mcp, "SELECT 1 AS one")).toMatchObject({
    kind: "unavailable",
    text: expect.stringContaining("Nothing listens") as string,
  });
  await proxy.up();
  expect((await ask(mcp, "SELECT 1 AS one")).kind).toBe("ok");
});

test("a server that falls over mid-query is said, and the next call finds it again", async () => {
  const mcp = await serve();
  const lost = ask(mcp, "SELECT pg_sleep(30)");
  await expect.poll(() => running("%pg_sleep(30)%")).toHaveLength(1);
  await crash();
  expect((await lost).kind).toBe("unavailable");
  await recovered();
  expect((await ask(mcp, "SELECT 1 AS one")).kind).toBe("ok");
});

test("idle connections that died are replaced, and nobody hears of it", async () => {
  const mcp = await serve();
  await Promise.all(Array.from({ length: 5 }, () => ask(mcp, "SELECT pg_sleep(0.05)")));
  await admin.query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'mooring-test'");
  await pause(100);
  for (let i = 0; i < 6; i++) expect((await ask(mcp, `SELECT ${i} AS i`)).kind).toBe("ok");
  // Without a moment in which the news could arrive.
  await admin.query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'mooring-test'");
  expect((await ask(mcp, "SELECT 7 AS i")).kind).toBe("ok");
});

test("under load, a server that falls over costs answers, never a call", async () => {
  const mcp = await serve();
  const seen = new Map<string, number>();
  let slowest = 0;
  let over = false;
  const load = Promise.all(
    Array.from({ length: 32 }, async () => {
      for (let i = 0; !over; i++) {
        const from = performance.now();
        const { kind } = await ask(mcp, `SELECT count(*) FROM items WHERE id > ${i % 50}`);
        slowest = Math.max(slowest, performance.now() - from);
        seen.set(kind, (seen.get(kind) ?? 0) + 1);
      }
    }),
  );
  await pause(300);
  await crash();
  await recovered();
  await pause(300);
  over = true;
  await load;
  expect([...seen.keys()].filter((kind) => kind !== "ok" && kind !== "unavailable")).toEqual([]);
  expect(seen.get("ok")).toBeGreaterThan(64);
  expect(slowest).toBeLessThan(5_000);
});

test("a server that takes no more connections", async () => {
  const url = new URL(server.url);
  url.username = url.password = "narrow";
  const taken = new pg.Client(url.href);
  await taken.connect();
  const mcp = await serve(url.href);
  expect(await ask(mcp, "SELECT 1 AS one")).toMatchObject({
    kind: "unavailable",
    text: expect.stringContaining("no more connections") as string,
  });
  await taken.end();
  await expect.poll(async () => (await ask(mcp, "SELECT 1 AS one")).kind).toBe("ok");
});

describe("logins that fail name neither user, password nor place", () => {
  test.for([
    ["password", (url: URL): void => void (url.password = "open-sesame"), "unauthenticated"],
    ["user", (url: URL): void => void (url.username = "keeper"), "unauthenticated"],
    ["database", (url: URL): void => void (url.pathname = "/vault"), "not_found"],
    ["port", (url: URL): void => void (url.port = "1"), "unavailable"],
  ] as const)("wrong %s", async ([, change, kind]) => {
    const url = new URL(server.url);
    change(url);
    const mcp = await serve(url.href);
    const { kind: found, text } = await ask(mcp, "SELECT 1 AS one");
    expect(found).toBe(kind);
    expect(text).not.toMatch(/open-sesame|keeper|vault|127\.0\.0\.1|localhost/);
  });
});

test("a lock that somebody holds", async () => {
  const holder = await adminClient();
  await holder.query("BEGIN; LOCK TABLE items IN ACCESS EXCLUSIVE MODE");
  const mcp = await serve(server.url, { timeouts: { ...timeouts, lock: 200 } });
  expect(await ask(mcp, "SELECT * FROM items")).toMatchObject({
    kind: "unavailable",
    text: expect.stringContaining("lock") as string,
  });
  await holder.end();
  await expect.poll(async () => (await ask(mcp, "SELECT * FROM items")).kind).toBe("ok");
});

test("a statement that takes too long is ended by the server", async () => {
  const mcp = await serve(server.url, { timeouts: { ...timeouts, statement: 200 } });
  expect(await ask(mcp, "SELECT pg_sleep(30)")).toMatchObject({
    kind: "timeout",
    text: expect.stringContaining("--statement-timeout") as string,
  });
  expect(await running("%pg_sleep(30)%")).toEqual([]);
  expect((await ask(mcp, "SELECT 1 AS one")).kind).toBe("ok");
});

test("temporary files that the server refuses", async () => {
  await admin.query("ALTER ROLE test SET temp_file_limit = '1MB'; ALTER ROLE test SET work_mem = '64kB'");
  const mcp = await serve();
  const { kind } = await ask(mcp, "SELECT md5(i::text) FROM generate_series(1, 300000) i ORDER BY 1");
  await admin.query("ALTER ROLE test RESET temp_file_limit; ALTER ROLE test RESET work_mem");
  expect(kind).toBe("too_large");
});

test("a call that is given up ends its statement, and only its own", async () => {
  const mcp = await serve();
  const given = new AbortController();
  const lost = ask(mcp, "SELECT pg_sleep(29)", { signal: given.signal });
  const kept = ask(mcp, "SELECT pg_sleep(1.5)");
  await expect.poll(() => running("%pg_sleep(%")).toHaveLength(2);
  given.abort();
  await expect(lost).rejects.toThrow(/abort/i);
  await expect.poll(() => running("%pg_sleep(29)%"), { interval: 10 }).toEqual([]);
  expect((await kept).kind).toBe("ok");
});

test("a network that swallows everything ends a call with its client, and the next one once it is back", async () => {
  const { proxy, url } = await proxied();
  const mcp = await serve(url);
  expect((await ask(mcp, "SELECT 1 AS one")).kind).toBe("ok");
  proxy.set({ blackhole: true });
  const given = AbortSignal.timeout(500);
  await expect(ask(mcp, "SELECT 2 AS two", { signal: given })).rejects.toThrow(/abort|timeout/i);
  proxy.set({ blackhole: false });
  await expect.poll(async () => (await ask(mcp, "SELECT 3 AS three")).kind, { timeout: 10_000 }).toBe("ok");
});

test("an answer that breaks off is no answer", async () => {
  const { proxy, url } = await proxied();
  const mcp = await serve(url);
  await ask(mcp, "SELECT 1 AS one");
  const lost = ask(mcp, "SELECT i, pg_sleep(0.01) FROM generate_series(1, 150) i");
  await expect.poll(() => running("%generate_series(1, 150)%")).toHaveLength(1);
  await proxy.down();
  expect((await lost).kind).toBe("unavailable");
  await proxy.up();
  expect((await ask(mcp, "SELECT 1 AS one")).kind).toBe("ok");
});

test("what the server does not interrupt is given up soon after its time", async () => {
  const mcp = await serve(server.url, { timeouts: { ...timeouts, statement: 500 } });
  const path = "count(//*[count(//*[count(//*)>0])>0])";
  const asked = performance.now();
  const { kind, text } = await ask(mcp, `SELECT xpath('${path}', ('<a>' || repeat('<b/>', 1000) || '</a>')::xml)`);
  expect({ kind, text }).toEqual({ kind: "timeout", text: expect.stringContaining("does not interrupt it") as string });
  expect(performance.now() - asked).toBeLessThan(6_000);
  expect((await ask(mcp, "SELECT 1 AS one")).kind).toBe("ok");
});
