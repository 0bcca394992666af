import { ToolError } from "@mooring/core";
import { describe, expect, test } from "vitest";
import { migrationOf, stepsOf } from "./migration-of.ts";

describe("texts are cut where the parser says", () => {
  test.each([
    [
      "a semicolon in a text",
      "CREATE TABLE a (t text DEFAULT 'x; DROP TABLE b'); CREATE TABLE c ()",
      ["CREATE TABLE a (t text DEFAULT 'x; DROP TABLE b')", "CREATE TABLE c ()"],
    ],
    [
      "a dollar-quoted body",
      "CREATE FUNCTION f() RETURNS int LANGUAGE plpgsql AS $x$ BEGIN COMMIT; RETURN 1; END $x$;\nCREATE TABLE c ()",
      ["CREATE FUNCTION f() RETURNS int LANGUAGE plpgsql AS $x$ BEGIN COMMIT; RETURN 1; END $x$", "CREATE TABLE c ()"],
    ],
    [
      "nested comments",
      "/* a /* ; */ ; */ CREATE TABLE a (); -- ; COMMIT\nCREATE TABLE b ()",
      ["CREATE TABLE a ()", "CREATE TABLE b ()"],
    ],
    [
      "characters of many bytes before a statement",
      "COMMENT ON TABLE a IS 'ü€😀';CREATE TABLE b ();COMMENT ON TABLE b IS '😀'",
      ["COMMENT ON TABLE a IS 'ü€😀'", "CREATE TABLE b ()", "COMMENT ON TABLE b IS '😀'"],
    ],
    [
      "a backslash that escapes nothing",
      "CREATE TABLE a (t text DEFAULT 'x\\'); CREATE TABLE b ()",
      ["CREATE TABLE a (t text DEFAULT 'x\\')", "CREATE TABLE b ()"],
    ],
    [
      "a backslash that does",
      "CREATE TABLE a (t text DEFAULT E'x\\'; COMMIT; --'); CREATE TABLE b ()",
      ["CREATE TABLE a (t text DEFAULT E'x\\'; COMMIT; --')", "CREATE TABLE b ()"],
    ],
    ["empty statements", ";;CREATE TABLE a ();;", ["CREATE TABLE a ()"]],
    [
      "a body in the standard's form",
      "CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT 1; SELECT 2; END; CREATE TABLE a ()",
      ["CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT 1; SELECT 2; END", "CREATE TABLE a ()"],
    ],
  ])("%s", async (_, sql, expected) => {
    expect((await stepsOf(sql)).map((step) => step.sql.trim())).toEqual(expected);
  });

  test("lines are those of the text", async () => {
    const steps = await stepsOf("CREATE TABLE ä ();\n\n  CREATE TABLE b ();\r\nCREATE TABLE c ()");
    expect(steps.map(({ line }) => line)).toEqual([1, 3, 4]);
  });
});

test.each([
  "COMMIT",
  "CREATE TABLE a (); COMMIT",
  "CREATE TABLE a (); COMMIT; CREATE TABLE b ()",
  "BEGIN; CREATE TABLE a (); END",
  "SAVEPOINT a",
  "ROLLBACK",
  "PREPARE TRANSACTION 'x'",
  "SELECT 1",
  "SELECT setval('s', 1)",
  "SELECT 1 INTO a",
  "TABLE a",
  "VALUES (1)",
  "SET search_path = public",
  "SET SESSION AUTHORIZATION postgres",
  "SET LOCAL role = postgres",
  "SET LOCAL session_replication_role = replica",
  "SET LOCAL transaction_read_only = off",
  "SET LOCAL standard_conforming_strings = off",
  "SET LOCAL statement_timeout TO DEFAULT",
  "SET TRANSACTION ISOLATION LEVEL SERIALIZABLE",
  "RESET ALL",
  "DISCARD ALL",
  "LISTEN a",
  "NOTIFY a",
  "LOAD 'x'",
  "CHECKPOINT",
  "CALL p()",
  "DO $$ BEGIN END $$",
  "COPY a FROM STDIN",
  "COPY a TO STDOUT",
  "COPY a FROM '/etc/passwd'",
  "COPY a FROM PROGRAM 'id'",
  "COPY (SELECT 1) TO PROGRAM 'id'",
  "PREPARE a AS SELECT 1",
  "EXECUTE a",
  "CREATE TABLE b AS EXECUTE a",
  "DECLARE c CURSOR FOR SELECT 1",
  "EXPLAIN ANALYZE DELETE FROM a",
  "CREATE DATABASE a",
  "DROP DATABASE a",
  "ALTER DATABASE a SET work_mem = '1MB'",
  "ALTER DATABASE a RENAME TO b",
  "CREATE TABLESPACE a LOCATION '/x'",
  "ALTER SYSTEM SET work_mem = '1MB'",
  "CREATE SUBSCRIPTION s CONNECTION 'host=x' PUBLICATION p",
  "DROP SUBSCRIPTION s",
  "CREATE ROLE a SUPERUSER",
  "ALTER ROLE a PASSWORD 'x'",
  "ALTER ROLE a RENAME TO b",
  "DROP ROLE a",
  "GRANT a TO b",
  "GRANT SELECT ON a TO b",
  "REVOKE ALL ON a FROM b",
  "CREATE SCHEMA s GRANT SELECT ON t TO b",
  "ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO b",
  "REASSIGN OWNED BY a TO b",
  "DROP OWNED BY a",
  "CREATE EXTENSION dblink",
  "ALTER EXTENSION dblink UPDATE",
  "DROP EXTENSION dblink",
  "CREATE LANGUAGE plpython3u",
  "CREATE FUNCTION f() RETURNS int LANGUAGE c AS 'x', 'y'",
  "CREATE FUNCTION f(text) RETURNS text LANGUAGE internal AS 'pg_read_file'",
  "CREATE FUNCTION f(text) RETURNS text LANGUAGE \"C\" AS 'x'",
  "CREATE SERVER s FOREIGN DATA WRAPPER w",
  "CREATE USER MAPPING FOR a SERVER s OPTIONS (password 'x')",
  "IMPORT FOREIGN SCHEMA a FROM SERVER s INTO b",
  "DROP SERVER s",
  "CREATE ACCESS METHOD m TYPE INDEX HANDLER h",
  "SECURITY LABEL ON TABLE a IS 'x'",
  "CREATE RULE r AS ON INSERT TO a DO ALSO NOTIFY n",
  "REINDEX DATABASE a",
  "REINDEX SCHEMA a",
  "REINDEX SYSTEM a",
  "CLUSTER",
  "ALTER TABLE a DETACH PARTITION b CONCURRENTLY",
  "ALTER TABLE a DETACH PARTITION b FINALIZE",
  "SELECT pg_terminate_backend(1), pg_terminate_backend(2)",
  "SELECT pg_terminate_backend(pid) FROM pg_stat_activity",
  "SELECT pg_terminate_backend(1) FROM a",
  "SELECT pg_terminate_backend(1, 1000)",
  "SELECT pg_terminate_backend(-1)",
  "SELECT app.pg_terminate_backend(1)",
  "SELECT DISTINCT pg_terminate_backend(1)",
  "SELECT pg_terminate_backend(1) WHERE false",
  "SELECT pg_terminate_backend(1) UNION SELECT true",
])("refuses %s", async (sql) => {
  const error = await migrationOf(sql).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(ToolError);
  expect(error).toMatchObject({ kind: "denied" });
  expect((error as ToolError).hint).toBeTruthy();
});

test.each([
  ["", "invalid_input"],
  ["  -- nothing", "invalid_input"],
  ["CREATE TABEL a ()", "invalid_input"],
  ["CREATE TABLE a (); CREATE", "invalid_input"],
  ["INSERT INTO a VALUES ($1)", "invalid_input"],
  ["VACUUM a; CREATE TABLE b ()", "invalid_input"],
  ["CREATE INDEX CONCURRENTLY ON a (b); CREATE INDEX CONCURRENTLY ON a (c)", "invalid_input"],
  ["CREATE TABLE b (); DROP INDEX CONCURRENTLY i", "invalid_input"],
  [Array.from({ length: 101 }, () => "CREATE TABLE a ()").join(";"), "too_large"],
  ["CREATE TABLE a ()\0", "invalid_input"],
  ["CREATE TABLE a (t text DEFAULT '\ud800')", "invalid_input"],
])("refuses %j as %s", async (sql, kind) => {
  await expect(migrationOf(sql)).rejects.toMatchObject({ kind });
});

test.each([
  ["do", "DO $$ BEGIN END $$"],
  ["roles", "CREATE ROLE a"],
  ["roles", "GRANT SELECT ON a TO b"],
  ["roles", "CREATE SCHEMA s GRANT SELECT ON t TO b"],
  ["roles", "ALTER ROLE a RENAME TO b"],
  ["extensions", "CREATE EXTENSION pg_trgm"],
  ["extensions", "DROP EXTENSION pg_trgm"],
  ["server", "ALTER SYSTEM SET work_mem = '1MB'"],
  ["server", "CREATE SERVER s FOREIGN DATA WRAPPER w"],
  ["copy-program", "COPY a FROM '/x'"],
  ["copy-program", "COPY a FROM PROGRAM 'x'"],
] as const)("--allow-statement %s opens %s, and nothing else does", async (flag, sql) => {
  await expect(migrationOf(sql, [flag])).resolves.toBeTruthy();
  const others = (["do", "copy-program", "roles", "extensions", "server"] as const).filter((each) => each !== flag);
  const error = await migrationOf(sql, others).catch((reason: unknown) => reason);
  expect(error).toMatchObject({ kind: "denied", hint: expect.stringContaining(`--allow-statement ${flag}`) as string });
});

test.each([
  [
    "CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS i ON a.b (c)",
    { kind: "create index", table: ["a", "b"], index: "i", ifMissing: true },
  ],
  ["DROP INDEX CONCURRENTLY a.i", { kind: "drop index", indexes: [["a", "i"]] }],
  ["REINDEX TABLE CONCURRENTLY a.b", { kind: "reindex", what: "table", relation: ["a", "b"] }],
  ["REINDEX (CONCURRENTLY) INDEX i", { kind: "reindex", what: "index", relation: ["i"] }],
  ["VACUUM (FULL, ANALYZE) a, s.b", { kind: "vacuum", full: true, analyze: true, tables: [["a"], ["s", "b"]] }],
  ["VACUUM (FULL false) a", { kind: "vacuum", full: false, analyze: false, tables: [["a"]] }],
  ["VACUUM", { kind: "vacuum", full: false, analyze: false, tables: [] }],
  ["SELECT pg_cancel_backend(12)", { kind: "signal", action: "cancel", pid: 12 }],
  ["/* x */ select pg_catalog.PG_TERMINATE_BACKEND ( 12 ) ;", { kind: "signal", action: "terminate", pid: 12 }],
])("knows %s as one that runs outside transactions", async (sql, expected) => {
  expect(await migrationOf(sql)).toMatchObject({ kind: "outside", outside: expected });
});

test.each([
  "ANALYZE a",
  "REINDEX TABLE a",
  "REINDEX (CONCURRENTLY false) TABLE a",
  "REFRESH MATERIALIZED VIEW CONCURRENTLY a",
  "SET LOCAL lock_timeout = '1s'",
])("runs %s in the transaction", async (sql) => expect(await migrationOf(sql)).toMatchObject({ kind: "steps" }));
