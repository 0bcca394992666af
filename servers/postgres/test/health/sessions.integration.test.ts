import { setTimeout as sleep } from "node:timers/promises";
import { type Postgres, startPostgres } from "@mooring/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Finding } from "../../src/health/finding.ts";
import { looking, mend, person } from "./problems.ts";

let server: Postgres;
let url: string;
beforeAll(async () => {
  server = await startPostgres({
    settings: { max_prepared_transactions: "5", wal_level: "logical", deadlock_timeout: "30s" },
  });
  url = await server.newDatabase("sessions");
  await using client = await person(url);
  await client.query("CREATE TABLE t (id int PRIMARY KEY, secret text); INSERT INTO t VALUES (1, 'a'), (2, 'b')");
});
afterAll(() => server.stop());

async function pidOf(client: Awaited<ReturnType<typeof person>>): Promise<number> {
  return (await client.query<{ pid: number }>("SELECT pg_backend_pid() AS pid")).rows[0]?.pid ?? 0;
}

/** Findings of a check as soon as it has some. */
async function soon(find: () => Promise<readonly Finding[]>): Promise<readonly Finding[]> {
  for (let i = 0; i < 100; i++) {
    const found = await find();
    if (found.length > 0) return found;
    await sleep(50);
  }
  return [];
}

test("a session that is idle in a transaction, without what its statement held", async () => {
  await using client = await person(url);
  await using health = looking(url);
  const pid = await pidOf(client);
  await client.query("SET application_name = 'worker'; BEGIN");
  await client.query("UPDATE t SET secret = 'hunter2' WHERE id = 1 /* token=abc */");
  const before = await soon(() => health.find("idle_transactions"));
  expect(before).toEqual([
    {
      severity: "low",
      subject: `pid ${pid} (user test, application worker)`,
      evidence: expect.stringMatching(
        /^idle for \d s in a transaction of \d s, locks 2 relations; last: UPDATE t SET secret = \$1 WHERE id = \$2$/,
      ),
      fix: `SELECT pg_terminate_backend(${pid});`,
    },
  ]);
  await using other = await person(url);
  const waiting = other.query("UPDATE t SET id = id WHERE id = 1");
  await soon(() => health.find("locks"));
  expect(await health.find("idle_transactions")).toMatchObject([
    { severity: "medium", evidence: expect.stringContaining(", blocks 1 session; last: ") },
  ]);
  await using third = await person(url);
  await mend(third, before);
  await waiting;
  await sleep(100);
  expect(await health.find("idle_transactions")).toEqual([]);
});

test("who waits for whose lock, as a tree with the one to end at its root", async () => {
  await using root = await person(url);
  await using second = await person(url);
  await using third = await person(url);
  await using health = looking(url);
  const pids = await Promise.all([root, second, third].map(pidOf));
  await root.query("BEGIN");
  await root.query("UPDATE t SET secret = 'x' WHERE id = 1");
  await second.query("BEGIN");
  await second.query("UPDATE t SET secret = 'y' WHERE id = 2");
  const waiting = second.query("UPDATE t SET secret = 'y' WHERE id = 1");
  await soon(() => health.find("locks"));
  const deeper = third.query("DELETE FROM t WHERE id = 2 AND secret <> 'hunter2'");
  let before: readonly Finding[] = [];
  for (let i = 0; i < 100 && !before[0]?.evidence.includes(`pid ${pids[2]}`); i++) before = await health.find("locks");
  expect(before).toHaveLength(1);
  expect(before[0]).toMatchObject({
    severity: "low",
    subject: `pid ${pids[0]} (user test)`,
    fix: `SELECT pg_terminate_backend(${pids[0]});`,
  });
  expect(before[0]?.evidence.split("\n")).toEqual([
    expect.stringMatching(
      /^idle in transaction, transaction of \d+ s: UPDATE t SET secret = \$1 WHERE id = \$2; blocks 2 sessions for up to \d s$/,
    ),
    expect.stringMatching(
      new RegExp(`^ {4}pid ${pids[1]} \\(user test\\) waits \\d s for ShareLock on transactionid: UPDATE t SET`),
    ),
    expect.stringMatching(
      new RegExp(
        `^ {6}pid ${pids[2]} \\(user test\\) waits \\d s for ShareLock on transactionid: DELETE FROM t WHERE id = \\$1 AND secret <> \\$2$`,
      ),
    ),
  ]);
  await using other = await person(url);
  await mend(other, before);
  await waiting;
  await second.query("COMMIT");
  await deeper;
  expect(await health.find("locks")).toEqual([]);
});

test("the relation that is waited for is named, unless the policy hides it", async () => {
  await using holder = await person(url);
  await using waiter = await person(url);
  await holder.query("BEGIN; LOCK TABLE t");
  const waiting = waiter.query("SELECT count(*) FROM t");
  await using health = looking(url);
  await using blind = looking(url, { denySchemas: ["public"] });
  const [shown] = await soon(() => health.find("locks"));
  expect(shown?.evidence).toMatch(/for AccessShareLock on public\.t: SELECT count\(\*\) FROM t$/);
  const [hidden] = await blind.find("locks");
  expect(hidden?.evidence).toMatch(
    /for AccessShareLock on a hidden relation: SELECT … … \(names what the policy hides\)$/,
  );
  await holder.query("ROLLBACK");
  await waiting;
});

test("a statement that runs for long is cancelled by its fix", async () => {
  await using client = await person(url);
  await using health = looking(url);
  const running = client.query("SELECT pg_sleep(60), 'hunter2'").then(
    () => "finished",
    (error: Error) => error.message,
  );
  await sleep(1_200);
  // Too young for a finding; the query itself sees it.
  expect(await health.find("long_queries")).toEqual([]);
  const { longQueries } = await import("../../src/health/checks/long-queries.ts");
  const rows = await health.opened.database.catalog<never>(longQueries.sql(150_000), [], AbortSignal.timeout(5_000));
  const aged = rows.map((row: object) => ({ ...row, running: "400" }));
  const statement = async () => "SELECT …";
  const found = await longQueries.evaluate(aged as never, { statement } as never);
  expect(found).toMatchObject([
    { severity: "medium", evidence: "runs for 6 min, waits for Timeout: PgSleep: SELECT …" },
  ]);
  await using other = await person(url);
  await mend(other, found);
  expect(await running).toMatch(/canceling statement/);
});

test("a prepared transaction holds VACUUM back", async () => {
  await using client = await person(url);
  await using health = looking(url);
  await client.query("BEGIN; INSERT INTO t VALUES (3, 'c'); PREPARE TRANSACTION 'it''s; gone'");
  const before = await health.find("vacuum_blockers");
  expect(before).toEqual([
    {
      severity: "low",
      subject: "prepared transaction 'it''s; gone'",
      evidence: expect.stringMatching(/^of test in database sessions, \d s and \d+ transactions old$/),
      fix: "ROLLBACK PREPARED 'it''s; gone';",
    },
  ]);
  await client.query(before[0]?.fix ?? "");
  expect(await health.find("vacuum_blockers")).toEqual([]);
});

test("a prepared transaction at the root of a tree has no session to end", async () => {
  await using client = await person(url);
  await using waiter = await person(url);
  await using health = looking(url);
  await client.query("BEGIN; UPDATE t SET secret = 'z' WHERE id = 1; PREPARE TRANSACTION 'root'");
  const waiting = waiter.query("DELETE FROM t WHERE id = 1");
  const [found] = await soon(() => health.find("locks"));
  expect(found).toMatchObject({ subject: "a prepared transaction", fix: undefined });
  expect(found?.evidence).toMatch(/^blocks 1 session for up to/);
  await client.query("COMMIT PREPARED 'root'");
  await waiting;
});

test("transactions that hold VACUUM back, by the ids that went by", async () => {
  await using holder = await person(url);
  await using client = await person(url);
  await using health = looking(url);
  const pid = await pidOf(holder);
  await holder.query("BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT count(*) FROM t");
  // Each subtransaction takes an id.
  await client.query("CREATE TEMP TABLE ids (a int)");
  await client.query(`DO $$ BEGIN FOR i IN 1..110000 LOOP
    BEGIN INSERT INTO ids VALUES (i); EXCEPTION WHEN division_by_zero THEN NULL; END; END LOOP; END $$`);
  const before = await health.find("vacuum_blockers");
  expect(before).toMatchObject([
    { severity: "low", subject: `pid ${pid} (user test)`, fix: `SELECT pg_terminate_backend(${pid});` },
  ]);
  expect(before[0]?.evidence).toMatch(/^its transaction is \d+ s and 11\d,\d{3} transactions old: /);
  await holder.query("ROLLBACK");
  expect(await health.find("vacuum_blockers")).toEqual([]);
});

test("a replication slot that nobody reads keeps WAL", async () => {
  await using client = await person(url);
  await using health = looking(url);
  await client.query("SELECT pg_create_physical_replication_slot('left_over', true)");
  await client.query("CREATE TABLE filler AS SELECT repeat('x', 1000) AS x FROM generate_series(1, 20000)");
  const before = await health.find("replication_slots");
  expect(before).toEqual([
    {
      severity: "low",
      subject: "slot left_over",
      evidence: expect.stringMatching(
        /^physical, read by nobody.*, keeps [2-9]\d MB of WAL, unbounded \(max_slot_wal_keep_size\)$/,
      ),
      fix: "SELECT pg_drop_replication_slot('left_over');",
    },
  ]);
  await mend(client, before);
  expect(await health.find("replication_slots")).toEqual([]);
});

test("connections against the limit of the database", async () => {
  const limited = await server.newDatabase("limited");
  await using owner = await person(limited);
  await owner.query("ALTER DATABASE limited CONNECTION LIMIT 2");
  await using health = looking(limited);
  await using second = await person(limited);
  expect((await second.query("SELECT 1")).rowCount).toBe(1);
  const found = await health.find("connection_count");
  expect(found).toEqual([
    {
      severity: "critical",
      subject: "limited",
      evidence: expect.stringMatching(/^[345] of 2 connections \(\d+ %\)$/),
      fix: undefined,
    },
  ]);
});
