import { describe, expect, test } from "vitest";
import { adviceFor, type Circumstances } from "../../src/migrate/advice.ts";
import { stepsOf } from "./migration-of.ts";

const used: Circumstances = { touchesOld: true, rewrites: false };

async function adviceOn(sql: string, how: Partial<Circumstances> = {}): Promise<string[]> {
  const [step] = await stepsOf(sql);
  return step ? adviceFor(step, { ...used, ...how }) : ["no step"];
}

describe("how to make others wait less", () => {
  test.each([
    ["CREATE INDEX ON a (b)", "CREATE INDEX CONCURRENTLY, alone in a call"],
    ["REINDEX TABLE a", "REINDEX … CONCURRENTLY"],
    ["CLUSTER a USING i", "plan a pause"],
    ["REFRESH MATERIALIZED VIEW a", "needs a unique index"],
    ["ALTER TABLE a ALTER b SET NOT NULL", "CHECK (… IS NOT NULL) NOT VALID"],
    ["ALTER TABLE a ADD FOREIGN KEY (b) REFERENCES c", "Add the constraint NOT VALID"],
    ["ALTER TABLE a ADD CHECK (b > 0)", "Add the constraint NOT VALID"],
    ["ALTER TABLE a ADD CHECK (b > 0) NOT VALID", "VALIDATE CONSTRAINT in a later call"],
    ["ALTER TABLE a ADD UNIQUE (b)", "ADD CONSTRAINT … USING INDEX"],
    ["ALTER TABLE a ADD PRIMARY KEY (b)", "ADD CONSTRAINT … USING INDEX"],
    ["ALTER TABLE a SET UNLOGGED", "rewrites the table under its lock"],
    ["ALTER TABLE a SET TABLESPACE other", "rewrites the table under its lock"],
    ["ALTER TABLE a ATTACH PARTITION p FOR VALUES IN (1)", "A validated CHECK"],
    ["DROP INDEX i", "DROP INDEX CONCURRENTLY"],
    ["UPDATE a SET b = 1", "UPDATE without WHERE"],
    ["DELETE FROM a", "DELETE without WHERE"],
  ])("%s", async (sql, words) => {
    const advice = await adviceOn(sql);
    expect(advice).toHaveLength(1);
    expect(advice[0]).toContain(words);
  });
});

describe("what cannot be taken back", () => {
  test.each([
    ["ALTER TABLE a RENAME b TO c", "Code that runs now knows the old name"],
    ["ALTER TABLE a RENAME TO c", "Code that runs now knows the old name"],
    ["ALTER TABLE a DROP b", "its values cannot be brought back"],
    ["DROP TABLE a", "Its rows cannot be brought back"],
    ["DROP MATERIALIZED VIEW a", "Its rows cannot be brought back"],
    ["TRUNCATE a", "The rows cannot be brought back"],
    ["ALTER TYPE e ADD VALUE 'x'", "cannot be used before COMMIT"],
  ])("%s", async (sql, words) => expect((await adviceOn(sql)).join("\n")).toContain(words));
});

test.each([
  "ALTER TABLE a ADD b int",
  "ALTER TABLE a ALTER b TYPE int",
  "ALTER TABLE a ALTER b SET DEFAULT 1",
  "ALTER TABLE a ADD PRIMARY KEY USING INDEX i",
  "ALTER TABLE a ADD EXCLUDE USING gist (b WITH &&)",
  "REFRESH MATERIALIZED VIEW CONCURRENTLY a",
  "ALTER TYPE e RENAME VALUE 'x' TO 'y'",
  "DROP VIEW a",
  "UPDATE a SET b = 1 WHERE c",
  "COMMENT ON TABLE a IS 'x'",
  "INSERT INTO a VALUES (1)",
])("there is nothing to say of %s", async (sql) => expect(await adviceOn(sql)).toEqual([]));

test("a rewrite is known from what happened, not from the text", async () => {
  expect((await adviceOn("ALTER TABLE a ADD b uuid DEFAULT f()", { rewrites: true }))[0]).toContain(
    "fill the old ones in batches",
  );
  expect((await adviceOn("ALTER TABLE a ALTER b TYPE bigint", { rewrites: true }))[0]).toContain("add a new column");
});

test("what nobody else can use yet needs no care", async () => {
  for (const sql of ["CREATE INDEX ON a (b)", "DROP TABLE a", "ALTER TABLE a ADD UNIQUE (b)", "TRUNCATE a"])
    expect(await adviceOn(sql, { touchesOld: false, rewrites: true })).toEqual([]);
});

test("the same advice is given once, different advice each", async () => {
  expect(await adviceOn("ALTER TABLE a ADD CHECK (b > 0), ADD CHECK (c > 0)")).toHaveLength(1);
  expect(await adviceOn("ALTER TABLE a ADD CHECK (b > 0), DROP c, ALTER d SET NOT NULL")).toHaveLength(3);
});
