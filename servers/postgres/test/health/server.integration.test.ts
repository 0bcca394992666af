import { setTimeout as sleep } from "node:timers/promises";
import { type Postgres, startPostgres } from "@mooring/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { checks } from "../../src/health/checks/index.ts";
import { looking, mend, person } from "./problems.ts";

const safe = { fsync: "on", full_page_writes: "on", synchronous_commit: "on" };
let server: Postgres;
beforeAll(async () => {
  server = await startPostgres({ settings: { ...safe, shared_preload_libraries: "pg_stat_statements" } });
});
afterAll(() => server.stop());

describe("a healthy database", () => {
  let url: string;
  beforeAll(async () => {
    url = await server.newDatabase("healthy");
    await using client = await person(url);
    await client.query(`
      CREATE EXTENSION pg_stat_statements;
      CREATE TABLE customer (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text NOT NULL);
      CREATE TABLE orders (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, customer bigint NOT NULL REFERENCES customer);
      CREATE INDEX orders_customer ON orders (customer);
      INSERT INTO customer (name) SELECT 'c' || i FROM generate_series(1, 2000) i;
      INSERT INTO orders (customer) SELECT i FROM generate_series(1, 2000) i;
      ANALYZE`);
  });

  test("has no finding of weight, and each check is told of once", async () => {
    await using health = looking(url);
    // On a day when its version had fixes.
    const report = await health.report({ now: new Date("2026-11-20") });
    expect(report.findings.filter(({ severity }) => severity === "critical" || severity === "high")).toEqual([]);
    expect(report.unchecked).toEqual([]);
    expect(report.partial).toEqual([]);
    const told = [...new Set(report.findings.map(({ check }) => check)), ...report.clean];
    expect(told.toSorted()).toEqual(checks.map(({ name }) => name).toSorted());
  });

  test("is looked at in less than a second", async () => {
    await using health = looking(url);
    await health.report();
    expect((await health.report()).milliseconds).toBeLessThan(1_000);
  });

  test("a role that may only SELECT is told what it cannot see", async () => {
    await using owner = await person(url);
    await owner.query("CREATE ROLE reader LOGIN PASSWORD 'r'; GRANT SELECT ON ALL TABLES IN SCHEMA public TO reader");
    const login = new URL(url);
    login.username = "reader";
    login.password = "r";
    await using health = looking(login.toString());
    const report = await health.report({ now: new Date("2026-11-20") });
    expect(report.unchecked).toEqual([{ check: "wal_retained", text: "needs GRANT pg_monitor to this login" }]);
    expect(report.partial.map(({ check }) => check).toSorted()).toEqual([
      "idle_transactions",
      "locks",
      "long_queries",
      "replication_lag",
      "top_queries",
      "vacuum_blockers",
    ]);
    expect(report.clean).toContain("login_privileges");
    expect(report.findings.filter(({ severity }) => severity === "critical" || severity === "high")).toEqual([]);
    await owner.query("GRANT pg_monitor TO reader");
    const more = await health.report();
    expect([more.unchecked, more.partial]).toEqual([[], []]);
  });

  test("a login that may write is told so", async () => {
    await using health = looking(url);
    const [found] = await health.find("login_privileges");
    expect(found).toMatchObject({ severity: "medium", subject: "role test", evidence: "more than reading: superuser" });
    await using owner = await person(url);
    await mend(
      owner,
      [found].flatMap((each) => each ?? []),
    );
    await owner.query("ALTER ROLE mcp_ro PASSWORD 'r'");
    const login = new URL(url);
    login.username = "mcp_ro";
    login.password = "r";
    await using other = looking(login.toString());
    expect(await other.find("login_privileges")).toEqual([]);
  });
});

test("top queries have figures and no literals; a text that names what is hidden is not shown", async () => {
  const url = await server.newDatabase("statements");
  await using client = await person(url);
  await client.query(
    "CREATE EXTENSION pg_stat_statements SCHEMA public; CREATE SCHEMA hush; CREATE TABLE hush.things (a text)",
  );
  await client.query("CREATE ROLE leaky PASSWORD 'hunter2'");
  await client.query("SELECT 'hunter2', pg_sleep(0.05) /* hunter2 */");
  await client.query("SELECT a, pg_sleep(0.02) FROM hush.things WHERE a = 'hunter2'");
  await using health = looking(url);
  const all = await health.find("top_queries");
  expect(JSON.stringify(all)).not.toContain("hunter2");
  const slept = all.find(({ evidence }) => evidence.includes("pg_sleep($2)"));
  expect(slept?.subject).toMatch(/^query -?\d+$/);
  expect(slept?.evidence).toMatch(
    /^\d+ % of all time, 0 s in 1 call, \d+\.\d\d ms each, 1 rows: SELECT \$1, pg_sleep\(\$2\)$/,
  );
  expect(all.some(({ evidence }) => evidence.endsWith(": CREATE …"))).toBe(true);
  expect(all.some(({ evidence }) => evidence.includes("hush.things"))).toBe(true);
  // A second look sees what the first has asked the catalog, and tells it from what others run.
  expect(JSON.stringify(await health.find("top_queries"))).not.toMatch(/pg_catalog|mooring/);
  await using blind = looking(url, { denySchemas: ["hush"] });
  const hidden = JSON.stringify(await blind.find("top_queries"));
  expect(hidden).not.toContain("hush");
  expect(hidden).toContain("names what the policy hides");
  expect((await health.report({ checks: ["queries"], top: 2 })).findings).toHaveLength(2);
});

test("settings that endanger data are found, and mended by their fix", async () => {
  const url = await server.newDatabase("settings");
  await using client = await person(url);
  await client.query("ALTER SYSTEM SET autovacuum = off");
  await client.query("ALTER SYSTEM SET work_mem = '1GB'");
  await client.query("ALTER SYSTEM SET random_page_cost = 4");
  await client.query("ALTER SYSTEM SET enable_hashjoin = off");
  await client.query("ALTER SYSTEM SET zero_damaged_pages = on");
  await client.query("ALTER SYSTEM SET max_connections = 101");
  await client.query("SELECT pg_reload_conf()");
  await sleep(200);
  await using health = looking(url);
  const before = (await health.report({ checks: ["settings"] })).findings.filter(
    ({ check }) => check !== "server_version",
  );
  expect(before.map(({ severity, subject, evidence }) => [severity, subject, evidence])).toEqual([
    ["high", "zero_damaged_pages", "on (configuration file): damaged pages are emptied, and what they held is gone"],
    ["high", "autovacuum", "off (configuration file)"],
    ["medium", "work_mem", "1 GB x 100 connections = 100 GB, above effective_cache_size (4 GB): memory may run out"],
    ["medium", "enable_hashjoin", "off (configuration file)"],
    ["low", "configuration", "changed, not in force before a restart: max_connections"],
    ["info", "random_page_cost", "4 (configuration file); 1.1 fits SSDs"],
    ["info", "track_io_timing", "off (default)"],
  ]);
  await mend(client, before);
  await sleep(200);
  const after = (await health.report({ checks: ["settings"] })).findings.filter(
    ({ check }) => check !== "server_version",
  );
  expect(after.map(({ subject }) => subject)).toEqual(["configuration"]);
});

describe("a server that is set up badly", () => {
  let bad: Postgres;
  beforeAll(async () => {
    bad = await startPostgres({
      settings: {
        archive_mode: "on",
        archive_command: "false",
        autovacuum_freeze_max_age: "100000",
        autovacuum: "off",
        temp_buffers: "1MB",
      },
    });
  });
  afterAll(() => bad.stop());

  test("an archive that fails", async () => {
    await using client = await person(bad.url);
    await using health = looking(bad.url);
    await client.query("SELECT pg_switch_wal()");
    let found = await health.find("archiving");
    for (let i = 0; i < 100 && found.length === 0; i++) {
      await sleep(100);
      found = await health.find("archiving");
    }
    expect(found).toMatchObject([{ severity: "high", subject: "archive" }]);
    expect(found[0]?.evidence).toMatch(/^failing: the last attempt \d+ s ago, \d+ failures?, nothing archived yet$/);
    expect(JSON.stringify(found)).not.toContain("false");
  });

  test("what the command line sets is found without a fix that would not hold", async () => {
    await using health = looking(bad.url);
    expect(await health.find("durability_settings")).toMatchObject([
      {
        severity: "critical",
        subject: "fsync",
        evidence: expect.stringMatching(/^off \(command line\)/),
        fix: undefined,
      },
      { severity: "high", subject: "full_page_writes" },
      { severity: "low", subject: "synchronous_commit" },
    ]);
    expect(await health.find("autovacuum_settings")).toMatchObject([{ severity: "high", fix: undefined }]);
  });

  test("transaction ids that grow old, and VACUUM (FREEZE) that makes them young", async () => {
    const url = await bad.newDatabase("old");
    await using client = await person(url);
    await client.query("CREATE TABLE ids (a int)");
    await client.query(`DO $$ BEGIN FOR i IN 1..210000 LOOP
      BEGIN INSERT INTO ids VALUES (i); EXCEPTION WHEN division_by_zero THEN NULL; END; END LOOP; END $$`);
    await using health = looking(url);
    const own = async () => (await health.find("transaction_ids")).filter(({ subject }) => subject === "database old");
    const before = await own();
    expect(before).toMatchObject([
      { severity: "medium", fix: expect.stringMatching(/^VACUUM \(FREEZE\) (public|pg_catalog)\.\w+;$/) },
    ]);
    expect(before[0]?.evidence).toMatch(
      /^21\d,\d{3} transactions old, 2,147,2\d\d,\d{3} left; autovacuum should freeze at 100,000; the oldest table is (public|pg_catalog)\.\w+$/,
    );
    // Each fix names the oldest table of then.
    await client.query("VACUUM (FREEZE)");
    expect(await own()).toEqual([]);
  });
});
