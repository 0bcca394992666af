import { expect, test } from "vitest";
import { codeThatRuns } from "../../src/migrate/brought-code.ts";
import { stepsOf } from "./migration-of.ts";

const define = "CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$";

/** What the catalog would say: functions named like `f` are not vouched for, those named like `known` are there already. */
async function reasonOf(sql: string): Promise<string | undefined> {
  const steps = await stepsOf(sql, ["do"]);
  const foreign = new Map(
    steps
      .map(
        (step) =>
          [
            step,
            step.inspection.functions.map((name) => name.join(".")).filter((name) => /^(f|known)$/.test(name)),
          ] as const,
      )
      .filter(([, names]) => names.length > 0),
  );
  const replaced = new Set(
    steps.filter(({ sql: text, node }) => node === "CreateFunctionStmt" && text.includes("known")),
  );
  return codeThatRuns(steps, { foreign, replaced });
}

test.each([
  "CREATE TABLE a (b int DEFAULT f())",
  define,
  `${define}; CREATE TRIGGER t AFTER INSERT ON a EXECUTE FUNCTION f(); ALTER TABLE a ADD COLUMN c int`,
  `ALTER TABLE a ADD COLUMN c int DEFAULT 1; ${define}`,
  "CREATE VIEW v AS SELECT f()",
  "CREATE POLICY p ON a USING (f())",
  "UPDATE a SET b = 1",
  "CREATE TABLE a (b int DEFAULT f()); CREATE INDEX ON a (b)",
])("nothing new runs: %s", async (sql) => expect(await reasonOf(sql)).toBeUndefined());

test.each([
  "DO $$ BEGIN END $$",
  "CREATE TABLE a AS SELECT f()",
  "CREATE INDEX ON a (f(b))",
  "ALTER TABLE a ADD COLUMN c int DEFAULT f()",
  "ALTER TABLE a ALTER COLUMN b TYPE int USING f(b)",
  "CREATE TABLE a PARTITION OF b FOR VALUES FROM (f()) TO (2)",
  "INSERT INTO a VALUES (f())",
  "CREATE TABLE a (b int DEFAULT f()); INSERT INTO a DEFAULT VALUES",
  "CREATE VIEW v AS SELECT f(); CREATE TABLE a AS TABLE v",
  `${define}; CREATE TRIGGER t AFTER INSERT ON a EXECUTE FUNCTION f(); INSERT INTO a DEFAULT VALUES`,
  `${define}; REFRESH MATERIALIZED VIEW m`,
  `${define}; TRUNCATE a`,
  "CREATE OR REPLACE FUNCTION known() RETURNS int LANGUAGE sql AS 'SELECT 1'; ALTER TABLE a ADD COLUMN c int",
  "ALTER FUNCTION known() SECURITY DEFINER; CREATE INDEX ON a (b)",
  `${define}; CREATE EVENT TRIGGER e ON ddl_command_end EXECUTE FUNCTION f(); CREATE TABLE a ()`,
  "ALTER EVENT TRIGGER e ENABLE; CREATE TABLE a ()",
])("a person is asked first: %s", async (sql) => expect(await reasonOf(sql)).toMatch(/^Its preview runs/));
