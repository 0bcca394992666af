import { type Postgres, startPostgres } from "@mooring/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import { looking, mend, person } from "./problems.ts";

let server: Postgres;
beforeAll(async () => {
  server = await startPostgres();
});
afterAll(() => server.stop());

/** Sends this session's counters to the server's statistics (15 and later; before, a second does it). */
const FLUSH = "SELECT pg_stat_force_next_flush()";

let made = 0;
/** A database with these problems: what the check finds, and what it finds after its own fixes. */
async function mended(check: string, sql: readonly string[]) {
  const url = await server.newDatabase(`objects_${++made}`);
  await using client = await person(url);
  for (const each of sql) await client.query(each).catch((error: unknown) => expectedFailure(each, error));
  // An error arrives before the server has cleaned up behind it.
  await client.query("SELECT 1");
  await using health = looking(url);
  const before = await health.find(check);
  await mend(client, before);
  return { before, after: await health.find(check), client };
}

function expectedFailure(sql: string, error: unknown): void {
  if (!sql.includes("CONCURRENTLY")) throw error;
}

test("an index that CREATE INDEX CONCURRENTLY left behind", async () => {
  const { before, after } = await mended("invalid_indexes", [
    'CREATE SCHEMA "Odd Schema"',
    'CREATE TABLE "Odd Schema".t (a int)',
    'INSERT INTO "Odd Schema".t VALUES (1), (1)',
    'CREATE UNIQUE INDEX CONCURRENTLY "t;a" ON "Odd Schema".t (a)',
  ]);
  expect(before).toEqual([
    {
      severity: "high",
      subject: '"Odd Schema"."t;a"',
      evidence: 'on "Odd Schema".t, 0 bytes; left by a CREATE or REINDEX INDEX CONCURRENTLY that failed',
      fix: 'DROP INDEX CONCURRENTLY "Odd Schema"."t;a";',
    },
  ]);
  expect(after).toEqual([]);
});

test("a partitioned index without all its partitions is no rubbish", async () => {
  const { before } = await mended("invalid_indexes", [
    "CREATE TABLE p (a int) PARTITION BY LIST (a)",
    "CREATE TABLE p1 PARTITION OF p FOR VALUES IN (1)",
    "CREATE INDEX p_a ON ONLY p (a)",
  ]);
  expect(before).toMatchObject([{ severity: "medium", subject: "public.p_a", fix: undefined }]);
});

test("duplicate indexes: the lesser of two goes, what guarantees something stays", async () => {
  const { before, after } = await mended("duplicate_indexes", [
    "CREATE TABLE t (a int PRIMARY KEY, b text, c text, d int UNIQUE, e int)",
    "CREATE UNIQUE INDEX t_a ON t (a)",
    "CREATE INDEX t_a_again ON t (a)",
    "CREATE INDEX t_b ON t (b)",
    "CREATE INDEX t_b_c ON t (b, c)",
    "ALTER TABLE t ADD CONSTRAINT t_d_too UNIQUE (d)",
    // None of these is like another one:
    "CREATE INDEX t_b_pattern ON t (b text_pattern_ops)",
    "CREATE INDEX t_b_desc ON t (b DESC)",
    "CREATE INDEX t_c_some ON t (c) WHERE c > 'm'",
    "CREATE INDEX t_c_lower ON t (lower(c))",
    "CREATE INDEX t_e_hash ON t USING hash (e)",
    "CREATE INDEX t_e ON t (e) INCLUDE (b)",
    "CREATE UNIQUE INDEX t_e_b ON t (e, b)",
  ]);
  expect(before.map(({ severity, subject, fix }) => [severity, subject, fix])).toEqual([
    ["medium", "public.t_a", "DROP INDEX CONCURRENTLY public.t_a;"],
    ["medium", "public.t_a_again", "DROP INDEX CONCURRENTLY public.t_a_again;"],
    ["medium", "public.t_d_too", "ALTER TABLE public.t DROP CONSTRAINT t_d_too;"],
    ["low", "public.t_b", "DROP INDEX CONCURRENTLY public.t_b;"],
  ]);
  expect(before[3]?.evidence).toBe("on public.t, the beginning of t_b_c; 8 kB, used 0 times");
  expect(after).toEqual([]);
});

test("an index of a partitioned table is dropped at once, and the key that a foreign key needs stays", async () => {
  const { before, after } = await mended("duplicate_indexes", [
    "CREATE TABLE p (a int, b int) PARTITION BY LIST (a)",
    "CREATE TABLE p1 PARTITION OF p FOR VALUES IN (1)",
    "CREATE INDEX p_b ON p (b)",
    "CREATE INDEX p_b_too ON p (b)",
    "CREATE TABLE r (a int PRIMARY KEY)",
    "ALTER TABLE r ADD CONSTRAINT r_a_too UNIQUE (a)",
    "CREATE TABLE s (a int)",
    "CREATE INDEX s_a ON s (a)",
    "ALTER TABLE s ADD CONSTRAINT s_r FOREIGN KEY (a) REFERENCES r (a)",
  ]);
  expect(before.map(({ fix }) => fix)).toEqual([
    "ALTER TABLE public.r DROP CONSTRAINT r_a_too;",
    "DROP INDEX public.p_b_too;",
  ]);
  expect(after).toEqual([]);
});

test("unused indexes, but not what a foreign key or a rule needs", async () => {
  const { before, after } = await mended("unused_indexes", [
    "CREATE TABLE r (a int PRIMARY KEY)",
    "CREATE TABLE t (a int PRIMARY KEY, b int, c int REFERENCES r, d int)",
    "CREATE INDEX t_b ON t (b)",
    "CREATE INDEX t_c ON t (c)",
    "CREATE UNIQUE INDEX t_d ON t (d)",
    "INSERT INTO t SELECT i, i, NULL, i FROM generate_series(1, 60000) i",
    FLUSH,
    "ANALYZE t",
    "VACUUM t",
  ]);
  expect(before).toMatchObject([
    { severity: "info", subject: "public.t_b", fix: "DROP INDEX CONCURRENTLY public.t_b;" },
  ]);
  expect(before[0]?.evidence).toMatch(
    /^on public\.t, 1\.3 MB, unused in \d+ s of statistics, 60,000 rows written meanwhile$/,
  );
  expect(after).toEqual([]);
});

test("bloated indexes, estimated from statistics", async () => {
  const { before, after } = await mended("bloated_indexes", [
    "CREATE TABLE t (a int, b int)",
    "ALTER TABLE t SET (autovacuum_enabled = false)",
    "CREATE INDEX t_a ON t (a)",
    "INSERT INTO t SELECT i, i FROM generate_series(1, 600000) i",
    "DELETE FROM t WHERE a % 10 <> 0",
    "VACUUM ANALYZE t",
  ]);
  expect(before).toMatchObject([
    { severity: "low", subject: "public.t_a", fix: "REINDEX INDEX CONCURRENTLY public.t_a;" },
  ]);
  expect(before[0]?.evidence).toMatch(
    /^on public\.t, about \d+(\.\d)? MB of 13 MB \((8|9)\d %\) are empty, estimated$/,
  );
  expect(after).toEqual([]);
});

test("foreign keys without an index", async () => {
  const { before, after } = await mended("foreign_key_indexes", [
    "CREATE TABLE r (a int, b int, PRIMARY KEY (a, b))",
    'CREATE TABLE t (a int, b int, "C" int, FOREIGN KEY (a, b) REFERENCES r)',
    "CREATE TABLE u (id int PRIMARY KEY)",
    'ALTER TABLE t ADD CONSTRAINT t_u FOREIGN KEY ("C") REFERENCES u',
    "CREATE TABLE ordered (a int, b int, FOREIGN KEY (a, b) REFERENCES r)",
    "CREATE INDEX ordered_b_a ON ordered (b, a, (a + b))",
    "CREATE TABLE partial (u int REFERENCES u)",
    "CREATE INDEX partial_u ON partial (u) WHERE u IS NOT NULL",
    "CREATE TABLE part (u int REFERENCES u, k int) PARTITION BY LIST (k)",
    "CREATE TABLE part_1 PARTITION OF part FOR VALUES IN (1)",
    "INSERT INTO u SELECT generate_series(1, 20000)",
    'INSERT INTO t ("C") SELECT generate_series(2, 20000)',
    "DELETE FROM u WHERE id = 1",
    FLUSH,
    "ANALYZE t",
  ]);
  expect(before).toEqual([
    {
      severity: "medium",
      subject: 'public.t ("C")',
      evidence: "constraint t_u, 19,999 rows, 1 referenced row deleted so far",
      fix: 'CREATE INDEX CONCURRENTLY ON public.t ("C");',
    },
    {
      severity: "low",
      subject: "public.t (a, b)",
      evidence: "constraint t_a_b_fkey, 19,999 rows, no referenced row deleted so far",
      fix: "CREATE INDEX CONCURRENTLY ON public.t (a, b);",
    },
    expect.objectContaining({ severity: "info", subject: "public.part (u)", fix: "CREATE INDEX ON public.part (u);" }),
  ]);
  expect(after).toEqual([]);
});

test("tables without a primary key, published ones first", async () => {
  const { before, after } = await mended("primary_keys", [
    "CREATE TABLE empty ()",
    "CREATE TABLE has_id (id int)",
    "CREATE TABLE has_unique (a int NOT NULL, b int)",
    "CREATE UNIQUE INDEX has_unique_a ON has_unique (a)",
    "CREATE TABLE nullable (a int)",
    "CREATE UNIQUE INDEX nullable_a ON nullable (a)",
    "CREATE TABLE published (a int)",
    "CREATE PUBLICATION changes FOR TABLE published",
    "CREATE TABLE parted (a int) PARTITION BY LIST (a)",
    "CREATE TABLE parted_1 PARTITION OF parted FOR VALUES IN (1)",
    "CREATE UNLOGGED TABLE fine (a int PRIMARY KEY)",
    "CREATE TEMP TABLE passing (a int)",
    "INSERT INTO nullable SELECT generate_series(1, 10000)",
    "ANALYZE nullable",
  ]);
  expect(before.map(({ severity, subject, fix }) => [severity, subject, fix])).toEqual([
    [
      "high",
      "public.published",
      "ALTER TABLE public.published ADD COLUMN id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY;",
    ],
    [
      "medium",
      "public.nullable",
      "ALTER TABLE public.nullable ADD COLUMN id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY;",
    ],
    ["low", "public.empty", "ALTER TABLE public.empty ADD COLUMN id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY;"],
    [
      "low",
      "public.has_id",
      "ALTER TABLE public.has_id ADD COLUMN has_id_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY;",
    ],
    ["low", "public.has_unique", "ALTER TABLE public.has_unique ADD PRIMARY KEY USING INDEX has_unique_a;"],
    ["low", "public.parted", undefined],
  ]);
  // A key of a partitioned table would have to hold its partition key: only a person knows.
  expect(after.map(({ subject }) => subject)).toEqual(["public.parted"]);
});

test("sequences near the limit of themselves or of what they feed", async () => {
  const { before, after } = await mended("sequences", [
    "CREATE TABLE serial (id serial PRIMARY KEY)",
    "SELECT setval('serial_id_seq', 2000000000)",
    "CREATE TABLE small (id smallint GENERATED ALWAYS AS IDENTITY)",
    "SELECT setval('small_id_seq', 25000)",
    "CREATE SEQUENCE wide",
    "CREATE TABLE narrow (id int DEFAULT nextval('wide'))",
    "SELECT setval('wide', 1200000000)",
    "CREATE SEQUENCE bounded MAXVALUE 100",
    "SELECT setval('bounded', 91)",
    "CREATE SEQUENCE down INCREMENT -1 MINVALUE -100 MAXVALUE -1",
    "SELECT setval('down', -96)",
    "CREATE SEQUENCE fine MAXVALUE 100",
    "SELECT setval('fine', 40)",
    "CREATE SEQUENCE round MAXVALUE 100 CYCLE",
    "SELECT setval('round', 99)",
    "CREATE SEQUENCE unused MAXVALUE 2",
  ]);
  expect(before.map(({ severity, subject, evidence }) => [severity, subject, evidence])).toEqual([
    ["critical", "public.down", "at -96 of -100 (95 %)"],
    ["critical", "public.serial_id_seq", "at 2,000,000,000 of 2,147,483,647 (93 %), feeds public.serial.id (integer)"],
    ["critical", "public.bounded", "at 91 of 100 (90 %)"],
    ["high", "public.small_id_seq", "at 25,000 of 32,767 (76 %), feeds public.small.id (smallint)"],
    ["medium", "public.wide", "at 1,200,000,000 of 2,147,483,647 (55 %), feeds public.narrow.id (integer)"],
  ]);
  expect(after).toEqual([]);
});

test("integer keys that no sequence feeds", async () => {
  const { before, after } = await mended("integer_keys", [
    "CREATE TABLE t (id smallint PRIMARY KEY)",
    "INSERT INTO t SELECT generate_series(1, 30000)",
    "CREATE TABLE fed (id smallserial PRIMARY KEY)",
    "INSERT INTO fed SELECT FROM generate_series(1, 20000)",
    FLUSH,
    "ANALYZE",
  ]);
  expect(before).toEqual([
    {
      severity: "critical",
      subject: "public.t.id",
      evidence: "smallint, 30,000 rows so far: at least 91 % of 32,767",
      fix: "ALTER TABLE public.t ALTER COLUMN id TYPE bigint;",
    },
  ]);
  expect(after).toEqual([]);
});

test("constraints that were never validated", async () => {
  const { before, after } = await mended("invalid_constraints", [
    "CREATE TABLE r (a int PRIMARY KEY)",
    "CREATE TABLE t (a int, b int)",
    "ALTER TABLE t ADD CONSTRAINT t_r FOREIGN KEY (a) REFERENCES r NOT VALID",
    'ALTER TABLE t ADD CONSTRAINT "b > 0" CHECK (b > 0) NOT VALID',
    "CREATE DOMAIN d AS int",
    "ALTER DOMAIN d ADD CONSTRAINT d_positive CHECK (VALUE > 0) NOT VALID",
  ]);
  expect(before.map(({ severity, fix }) => [severity, fix])).toEqual([
    ["medium", "ALTER TABLE public.t VALIDATE CONSTRAINT t_r;"],
    ["low", "ALTER DOMAIN public.d VALIDATE CONSTRAINT d_positive;"],
    ["low", 'ALTER TABLE public.t VALIDATE CONSTRAINT "b > 0";'],
  ]);
  expect(after).toEqual([]);
});

test("missing and stale statistics", async () => {
  const { before, after } = await mended("statistics", [
    "CREATE TABLE never (a int) WITH (autovacuum_enabled = false)",
    "INSERT INTO never SELECT generate_series(1, 5000)",
    "CREATE TABLE stale (a int) WITH (autovacuum_enabled = false)",
    "INSERT INTO stale SELECT generate_series(1, 4000)",
    FLUSH,
    "ANALYZE stale",
    "INSERT INTO stale SELECT generate_series(1, 1500)",
    "CREATE TABLE parted (a int) PARTITION BY LIST (a)",
    "CREATE TABLE parted_1 PARTITION OF parted FOR VALUES IN (1)",
    "INSERT INTO parted VALUES (1)",
    "ANALYZE parted_1",
    "CREATE TABLE tiny (a int)",
    FLUSH,
  ]);
  expect(before.map(({ severity, subject }) => [severity, subject])).toEqual([
    ["medium", "public.never"],
    ["low", "public.parted"],
    ["low", "public.stale"],
  ]);
  expect(before[2]?.evidence).toMatch(/^1,500 rows changed since the last ANALYZE, of 5,500 rows, analyzed \d+ s ago$/);
  expect(after).toEqual([]);
});

test("autovacuum is behind, or switched off for a table", async () => {
  const { before, after } = await mended("autovacuum", [
    "CREATE TABLE t (a int) WITH (autovacuum_enabled = false)",
    "INSERT INTO t SELECT generate_series(1, 5000)",
    FLUSH,
    "ANALYZE t",
    "DELETE FROM t WHERE a <= 4000",
    FLUSH,
  ]);
  expect(before).toEqual([
    {
      severity: "medium",
      subject: "public.t",
      evidence: "autovacuum is switched off for it (autovacuum_enabled)",
      fix: "ALTER TABLE public.t RESET (autovacuum_enabled);",
    },
    {
      severity: "low",
      subject: "public.t",
      evidence: "4,000 dead rows (80 %), due at 1,050, never vacuumed",
      fix: "VACUUM (ANALYZE) public.t;",
    },
  ]);
  expect(after).toEqual([]);
});

test("SECURITY DEFINER without a fixed search_path", async () => {
  const { before, after } = await mended("definer_functions", [
    "CREATE FUNCTION risky(a int, b text DEFAULT 'x') RETURNS int SECURITY DEFINER LANGUAGE sql AS 'SELECT 1'",
    "CREATE PROCEDURE act() SECURITY DEFINER LANGUAGE plpgsql AS 'BEGIN NULL; END'",
    "REVOKE ALL ON PROCEDURE act() FROM PUBLIC",
    "CREATE FUNCTION fixed() RETURNS int SECURITY DEFINER SET search_path = pg_catalog, pg_temp LANGUAGE sql AS 'SELECT 1'",
    "CREATE FUNCTION invoker() RETURNS int LANGUAGE sql AS 'SELECT 1'",
    "CREATE FUNCTION standard() RETURNS int SECURITY DEFINER LANGUAGE sql RETURN 1",
  ]);
  expect(before).toEqual([
    {
      severity: "high",
      subject: "public.risky(a integer, b text)",
      evidence: "runs as test (superuser), everybody may call it",
      fix: "ALTER ROUTINE public.risky(a integer, b text) SET search_path = pg_catalog, public, pg_temp;",
    },
    expect.objectContaining({ severity: "low", subject: "public.act()" }),
  ]);
  expect(after).toEqual([]);
});

test("row-level security that is off where others can reach the rows", async () => {
  const { before, after } = await mended("row_security", [
    "CREATE ROLE anon",
    "CREATE TABLE api (a int)",
    "GRANT SELECT ON api TO anon",
    "CREATE TABLE dormant (a int)",
    "CREATE POLICY dormant_all ON dormant USING (true)",
    "CREATE TABLE everybody (a int)",
    "GRANT INSERT, SELECT ON everybody TO PUBLIC",
    "CREATE SCHEMA closed",
    "CREATE TABLE closed.granted (a int)",
    "GRANT SELECT ON closed.granted TO anon",
    "CREATE TABLE mine (a int)",
    "CREATE TABLE guarded (a int)",
    "ALTER TABLE guarded ENABLE ROW LEVEL SECURITY",
  ]);
  expect(before.map(({ severity, subject }) => [severity, subject])).toEqual([
    ["high", "public.dormant"],
    ["high", "public.api"],
    ["high", "public.everybody"],
    ["info", "public.guarded"],
  ]);
  expect(before[1]?.evidence).toMatch(/^can be read by anon; /);
  expect(before[2]?.evidence).toMatch(/^can be written by anon, public; /);
  expect(after.filter(({ severity }) => severity !== "info")).toEqual([]);
});

test("columns of policies without an index", async () => {
  const { before, after } = await mended("policy_indexes", [
    "CREATE TABLE t (a int PRIMARY KEY, owner_name text, tenant int)",
    "INSERT INTO t SELECT i, 'x', i FROM generate_series(1, 12000) i",
    "CREATE POLICY own ON t USING (owner_name = current_user AND a > 0)",
    "ALTER TABLE t ENABLE ROW LEVEL SECURITY",
    "ANALYZE t",
  ]);
  expect(before).toEqual([
    {
      severity: "low",
      subject: "public.t (owner_name)",
      evidence: "compared by policy own, 12,000 rows, no index begins with it",
      fix: "CREATE INDEX CONCURRENTLY ON public.t (owner_name);",
    },
  ]);
  expect(after).toEqual([]);
});

test("extensions with updates", async () => {
  const { before, after } = await mended("extension_updates", ["CREATE EXTENSION pg_stat_statements VERSION '1.8'"]);
  expect(before).toEqual([
    {
      severity: "low",
      subject: "extension pg_stat_statements",
      evidence: expect.stringMatching(/^1\.8 here, 1\.\d+ on the server$/),
      fix: "ALTER EXTENSION pg_stat_statements UPDATE;",
    },
  ]);
  expect(after).toEqual([]);
});

test("what lies in a schema that the policy hides is in no finding", async () => {
  const url = await server.newDatabase("hidden");
  await using client = await person(url);
  for (const schema of ["shown", "hush"])
    await client.query(`
      CREATE SCHEMA ${schema};
      CREATE TABLE ${schema}.t_${schema} (a int, b smallserial);
      SELECT setval('${schema}.t_${schema}_b_seq', 32000);
      CREATE INDEX ON ${schema}.t_${schema} (a);
      CREATE INDEX ON ${schema}.t_${schema} (a);
      ALTER TABLE ${schema}.t_${schema} ADD CHECK (a > 0) NOT VALID;
      GRANT ALL ON ${schema}.t_${schema} TO PUBLIC; GRANT USAGE ON SCHEMA ${schema} TO PUBLIC;
      CREATE TABLE ${schema}.knex_migrations (id serial, name text, batch int, migration_time timestamptz);
      CREATE FUNCTION ${schema}.f_${schema}() RETURNS int SECURITY DEFINER LANGUAGE sql AS 'SELECT 1'`);
  for (const policy of [{ denySchemas: ["hush"] }, { schemas: ["shown"] }]) {
    await using health = looking(url, policy);
    const { findings } = await health.report();
    const text = JSON.stringify(findings);
    expect(text).not.toContain("hush");
    expect(findings.filter(({ subject }) => subject.includes("shown")).length).toBeGreaterThanOrEqual(6);
  }
});
