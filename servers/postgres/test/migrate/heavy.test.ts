import { expect, test } from "vitest";
import { heavyOn } from "../../src/migrate/heavy.ts";
import { stepsOf } from "./migration-of.ts";

const heavy = async (sql: string) => {
  const [step] = await stepsOf(sql);
  return step && heavyOn(step);
};

test.each([
  "ALTER TABLE a.b ALTER COLUMN c TYPE int",
  "ALTER TABLE a.b ALTER COLUMN c SET NOT NULL",
  "ALTER TABLE a.b ADD COLUMN c uuid DEFAULT gen_random_uuid()",
  "ALTER TABLE a.b ADD COLUMN c serial",
  "ALTER TABLE a.b ADD COLUMN c int GENERATED ALWAYS AS IDENTITY",
  "ALTER TABLE a.b ADD COLUMN c int GENERATED ALWAYS AS (d + 1) STORED",
  "ALTER TABLE a.b ADD COLUMN c int DEFAULT 1, ADD CHECK (c > 0)",
  "ALTER TABLE a.b ADD FOREIGN KEY (c) REFERENCES d",
  "ALTER TABLE a.b ADD UNIQUE (c)",
  "ALTER TABLE a.b VALIDATE CONSTRAINT c",
  "ALTER TABLE a.b SET UNLOGGED",
  "CREATE INDEX ON a.b (c)",
  "REINDEX TABLE a.b",
  "CLUSTER a.b USING i",
  "REFRESH MATERIALIZED VIEW a.b",
  "UPDATE a.b SET c = 1",
  "DELETE FROM a.b",
])("all of it is read or written: %s", async (sql) => expect(await heavy(sql)).toEqual(["a", "b"]));

test.each([
  "ALTER TABLE a.b ADD COLUMN c int DEFAULT 1 NOT NULL",
  "ALTER TABLE a.b ADD CHECK (c > 0) NOT VALID",
  "ALTER TABLE a.b ADD FOREIGN KEY (c) REFERENCES d NOT VALID",
  "ALTER TABLE a.b ADD PRIMARY KEY USING INDEX i",
  "ALTER TABLE a.b DROP COLUMN c",
  "ALTER TABLE a.b ALTER COLUMN c SET DEFAULT now()",
  "DELETE FROM a.b WHERE c = 1",
  "DROP TABLE a.b",
])("only the catalog changes: %s", async (sql) => expect(await heavy(sql)).toBeUndefined());
