import { PGlite } from "@electric-sql/pglite";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { QueryCheck } from "../../../src/health/check.ts";
import { checks } from "../../../src/health/checks/index.ts";

// PostgreSQL 18 in this process: what 16, 17 and 18 renamed is met nowhere else in unit tests.
let database: PGlite;
beforeAll(async () => {
  database = await PGlite.create();
  await database.exec(`
    CREATE TABLE p (a int PRIMARY KEY);
    CREATE TABLE t (a int REFERENCES p NOT ENFORCED, b int);
    ALTER TABLE t ADD CONSTRAINT b_there NOT NULL b NOT VALID;
    CREATE TABLE v (a int) WITH (autovacuum_vacuum_max_threshold = 5, autovacuum_enabled = false);`);
});
afterAll(() => database.close());

const queries = checks.filter((check): check is QueryCheck<string> => "sql" in check);

test.each(queries.map((check) => [check.name, check] as const))("%s asks what PostgreSQL 18 has", async (_, check) => {
  const sql = check.sql(180_006);
  const { fields } = await database.query(sql, sql.includes("$1") ? [null, []] : []);
  // Everything arrives as text, so that nothing depends on a driver: text, name, or an unknown literal.
  for (const { name, dataTypeID } of fields) expect([name, [19, 25, 1043].includes(dataTypeID)]).toEqual([name, true]);
});

test("a constraint that is not enforced is not one that waits to be validated", async () => {
  const check = queries.find(({ name }) => name === "invalid_constraints");
  const { rows } = await database.query<{ name: string; kind: string }>(check?.sql(180_006) ?? "", [null, []]);
  expect(rows).toMatchObject([{ name: "b_there", kind: "n" }]);
});
