import { describe, expect, test } from "vitest";
import { proveChange } from "../../src/write/change.ts";
import { fakeDatabase } from "./fake-database.ts";

const signal = AbortSignal.timeout(20_000);
const change = (sql: string) => proveChange(fakeDatabase(), sql, signal);

test.each([
  ["INSERT INTO a VALUES (1)", "insert", false],
  ["INSERT INTO a VALUES (1) ON CONFLICT (b) DO UPDATE SET b = 2", "update", false],
  ["UPDATE a SET b = 1", "update", false],
  ["DELETE FROM a", "delete", false],
  ["MERGE INTO a USING c ON a.b = c.b WHEN MATCHED THEN DELETE", "merge", false],
  ["WITH n AS (SELECT 1) UPDATE a SET b = 1", "update", false],
  ["WITH d AS (DELETE FROM a RETURNING *) INSERT INTO c SELECT * FROM d", "delete", true],
  ["WITH d AS (DELETE FROM a RETURNING *) SELECT * FROM d", "delete", true],
  ["WITH i AS (INSERT INTO a VALUES (1)), u AS (UPDATE a SET b = 2) UPDATE c SET d = 1", "update", true],
])("%s is a %s; several: %s", async (sql, kind, several) => {
  const found = await change(sql);
  expect({ kind: found.kind, several: found.several }).toEqual({ kind, several });
  expect(found.proof.sql).toBe(sql);
});

test("the guard is asked for changes and what may stand around them, no more", async () => {
  const database = fakeDatabase();
  await proveChange(database, "DELETE FROM a", signal);
  expect(database.proved).toEqual([{ kinds: ["insert", "update", "delete", "merge", "select"] }]);
});

describe("is refused, with the way on", () => {
  test.each([
    ["SELECT 1", "invalid_input", "changes no rows", "`query`"],
    ["TABLE a", "invalid_input", "changes no rows", "`query`"],
    ["SHOW all", "invalid_input", "changes no rows", "`query`"],
    ["EXPLAIN DELETE FROM a", "invalid_input", "changes no rows", "`explain`"],
    ["EXPLAIN ANALYZE DELETE FROM a", "invalid_input", "changes no rows", "`explain`"],
    ["COPY a FROM STDIN", "denied", "COPY is not allowed", "unnest"],
    ["COPY a TO PROGRAM 'x'", "denied", "COPY is not allowed", "VALUES"],
    ["BEGIN", "denied", "Only INSERT", "Give the change alone"],
    ["SET a.b = 1", "denied", "Only INSERT", "Give the change alone"],
    ["CALL f()", "denied", "Only INSERT", "Give the change alone"],
    ["DO 'BEGIN END'", "denied", "Only INSERT", "Give the change alone"],
    ["TRUNCATE a", "denied", "Only INSERT", "`migrate`"],
    ["DROP TABLE a", "denied", "Only INSERT", "`migrate`"],
    ["CREATE TABLE a AS SELECT 1", "denied", "Only INSERT", "`migrate`"],
  ])("%s", async (sql, kind, message, hint) => {
    const database = fakeDatabase();
    await expect(proveChange(database, sql, signal)).rejects.toMatchObject({
      kind,
      message: expect.stringContaining(message) as string,
      hint: expect.stringContaining(hint) as string,
    });
    expect(database.proved).toEqual([]);
  });
});
