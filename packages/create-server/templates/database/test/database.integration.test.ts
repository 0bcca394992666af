import { setTimeout as pause } from "node:timers/promises";
import { resolveCredential } from "@mooring/core";
import { keepArtifacts, type Postgres, startFaultProxy, startPostgres } from "@mooring/testing";
import pg from "pg";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { createDatabase, type Database } from "../src/database.ts";
import { mapError } from "../src/errors.ts";

let postgres: Postgres;
let admin: pg.Client;
beforeAll(async () => {
  postgres = await startPostgres();
  admin = new pg.Client(postgres.url);
  await admin.connect();
  await admin.query("CREATE TABLE marks (mark text PRIMARY KEY)");
  await admin.query(
    "CREATE FUNCTION leave_mark() RETURNS void LANGUAGE sql VOLATILE AS $$ INSERT INTO marks VALUES ('left') $$",
  );
});
afterAll(async () => {
  await admin.end();
  await postgres.stop();
});
beforeEach(keepArtifacts);

type Opened = Database & AsyncDisposable;

function open(timeoutMs = 10_000, url = postgres.url): Opened {
  const database = createDatabase(
    resolveCredential("DATABASE_URL", { env: { DATABASE_URL: url }, onSecret: () => {} }),
    timeoutMs,
  );
  return { ...database, [Symbol.asyncDispose]: async () => database.close() };
}

/** The same server behind a network that breaks when it is told to. */
async function proxied() {
  const url = new URL(postgres.url);
  const proxy = await startFaultProxy({ host: url.hostname, port: Number(url.port) });
  url.port = String(proxy.port);
  return { ...proxy, url: url.href };
}

/** What a failed statement is to the model. */
async function failure(statement: Promise<unknown>) {
  return mapError(
    await statement.then(
      () => undefined,
      (error: unknown) => error,
    ),
  );
}

const signal = () => AbortSignal.timeout(20_000);
const marks = async () => (await admin.query("SELECT mark FROM marks")).rows;
const busy = async () => (await admin.query("SELECT pid FROM pg_stat_activity WHERE wait_event = 'PgSleep'")).rows;

test.for([
  "INSERT INTO marks VALUES ('left')",
  "SELECT leave_mark()",
  "WITH gone AS (DELETE FROM marks RETURNING mark) SELECT * FROM gone",
  "CREATE TABLE more (id integer)",
])("reading cannot change anything: %s", async (text) => {
  await using database = open();
  expect(await failure(database.read(text, [], signal()))).toMatchObject({ kind: "denied" });
  expect(await marks()).toEqual([]);
});

test("reading cannot leave its transaction first", async () => {
  await using database = open();
  const text = "COMMIT; INSERT INTO marks VALUES ('left')";
  await expect(database.read(text, [], signal())).rejects.toThrow(/multiple commands/);
  await database.read("COMMIT", [], signal());
  expect(await failure(database.read("SELECT leave_mark()", [], signal()))).toMatchObject({ kind: "denied" });
  expect(await marks()).toEqual([]);
});

test("a statement that takes too long is ended", async () => {
  await using database = open(200);
  const never = new AbortController().signal;
  expect(await failure(database.read("SELECT pg_sleep($1)", [30], never))).toMatchObject({ kind: "timeout" });
  expect(await database.read("SELECT 1 AS one", [], signal())).toEqual([{ one: 1 }]);
});

test("a call that is given up ends its statement in the database, and nobody else's", async () => {
  await using database = open();
  const given = new AbortController();
  const lost = failure(database.read("SELECT pg_sleep($1)", [30], given.signal));
  const kept = database.read("SELECT pg_sleep($1), 1 AS one", [1.5], signal());
  await expect.poll(busy).toHaveLength(2);
  given.abort();
  expect(await lost).toMatchObject({ kind: "timeout" });
  await expect.poll(busy).toHaveLength(1);
  expect(await kept).toMatchObject([{ one: 1 }]);
});

test("a call that is given up after its answer ends nobody else's statement", async () => {
  await using database = open();
  const given = new AbortController();
  await database.read("SELECT 1", [], given.signal);
  const next = database.read("SELECT pg_sleep($1), 1 AS one", [1], signal()); // on the same connection
  await expect.poll(busy).toHaveLength(1);
  given.abort();
  expect(await next).toMatchObject([{ one: 1 }]);
});

test("a call that is given up before it has a connection runs nothing", async () => {
  await using proxy = await proxied();
  proxy.set({ latencyMs: 100 }); // several of them until there is a connection
  await using database = open(10_000, proxy.url);
  const given = new AbortController();
  const lost = database.read("SELECT pg_sleep($1)", [30], given.signal);
  await pause(50);
  given.abort();
  await expect(lost).rejects.toThrow(/abort/i);
  expect(await busy()).toEqual([]);
});

test("a connection that breaks leaves open what was done, and the process goes on", async () => {
  await using proxy = await proxied();
  await using database = open(10_000, proxy.url);
  const lost = failure(database.read("SELECT pg_sleep($1)", [30], signal()));
  await expect.poll(busy).toHaveLength(1);
  await proxy.down();
  expect(await lost).toMatchObject({ kind: "outcome_unknown" });
  expect(await failure(database.read("SELECT 1", [], signal()))).toMatchObject({ kind: "unavailable" });
  await proxy.up();
  expect(await database.read("SELECT 1 AS one", [], signal())).toEqual([{ one: 1 }]);
  await admin.query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE wait_event = 'PgSleep'");
  await expect.poll(busy).toEqual([]);
});

test("connections that the server ends, used or not, end neither the process nor the next call", async () => {
  await using database = open();
  await Promise.all([1, 2, 3].map(async (i) => database.read("SELECT $1::int", [i], signal())));
  const broken = failure(database.read("SELECT pg_sleep($1)", [30], signal()));
  await expect.poll(busy).toHaveLength(1);
  await admin.query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()");
  expect(await broken).toMatchObject({ kind: "unavailable" });
  await pause(100);
  expect(await database.read("SELECT 1 AS one", [], signal())).toEqual([{ one: 1 }]);
});

test("a login or a database that is not there is told without what DATABASE_URL says", async () => {
  const wrong = new URL(postgres.url);
  wrong.password = "open-sesame";
  await using refused = open(1_000, wrong.href);
  const login = await failure(refused.read("SELECT 1", [], signal()));
  expect([login?.kind, login?.message]).toEqual(["unauthenticated", expect.not.stringMatching(/open-sesame|"test"/)]);
  wrong.password = "test";
  wrong.pathname = "/nowhere";
  await using missing = open(1_000, wrong.href);
  const place = await failure(missing.read("SELECT 1", [], signal()));
  expect([place?.kind, place?.message]).toEqual(["not_found", expect.not.stringContaining("nowhere")]);
});

test("many at once wait for one another, and closing leaves no connection", async () => {
  const database = open();
  const numbers = Array.from({ length: 40 }, (_, i) => i);
  const found = await Promise.all(
    numbers.map(async (i) => database.read<{ i: number }>("SELECT $1::int AS i", [i], signal())),
  );
  expect(found.map(([row]) => row?.i)).toEqual(numbers);
  await database.close();
  const others = "SELECT 1 FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()";
  await expect.poll(async () => (await admin.query(others)).rowCount).toBe(0);
});
// begin: write

test("a change is there once it is confirmed, and one that fails leaves nothing", async () => {
  await using database = open();
  await database.write("INSERT INTO marks VALUES ($1)", ["one"], signal());
  expect(await marks()).toEqual([{ mark: "one" }]);
  const twice = database.write("INSERT INTO marks VALUES ('two'), ('one')", [], signal());
  expect(await failure(twice)).toMatchObject({ kind: "conflict" });
  await database.write("DELETE FROM marks", [], signal());
  expect(await marks()).toEqual([]);
});

test("a change that was given up is taken back", async () => {
  await using database = open();
  const given = new AbortController();
  const text = "INSERT INTO marks SELECT i || pg_sleep(30 * (i - 1))::text FROM generate_series(1, 2) AS i";
  const lost = failure(database.write(text, [], given.signal));
  await expect.poll(busy).toHaveLength(1);
  given.abort();
  expect(await lost).toMatchObject({ kind: "timeout" });
  expect(await marks()).toEqual([]);
});
// end: write
