import { afterAll, describe, expect, test } from "vitest";
import type { Database } from "../../src/database.ts";
import type { Name } from "../../src/guard/proof.ts";
import { createGuard } from "../../src/guard/guard.ts";
import { createParser } from "../../src/guard/parser.ts";
import { statementText } from "../../src/health/statement-text.ts";
import { openPolicy } from "../../src/policy.ts";

const parser = createParser();
afterAll(() => parser.close());
const guard = createGuard(parser, async () => [], openPolicy);
const database = {
  inspect: guard.inspect,
  normalize: (sql: string) => parser.ask("normalize", sql),
} as unknown as Database;
const signal = AbortSignal.timeout(10_000);
const shown = (sql: string | null, hides: (name: Name) => boolean = () => false) =>
  statementText(database, sql, { hides, signal });

test.each([
  ["SELECT * FROM t WHERE a = 'hunter2' AND b = 42", "SELECT * FROM t WHERE a = $1 AND b = $2"],
  ["insert into t values (1, 'hunter2')", "insert into t values ($1, $2)"],
  ["SELECT  1,\n\t2 -- hunter2\n + 3", "SELECT $1, $2 + $3"],
  ["/* hunter2 /* nested hunter2 */ hunter2 */ SELECT a /* hunter2 */ FROM t", "SELECT a FROM t"],
  ["SELECT '--', a FROM t", "SELECT $1, a FROM t"],
  ["ALTER ROLE ann PASSWORD 'hunter2'", "ALTER …"],
  ["CREATE SERVER s FOREIGN DATA WRAPPER f OPTIONS (password 'hunter2')", "CREATE …"],
  ["COPY t FROM PROGRAM 'curl hunter2'", "COPY …"],
  ["PREPARE p AS SELECT 'hunter2'", "PREPARE …"],
  ["SELECT 'hunter2", "SELECT …"],
  ["hunter2 is no SQL", "(a statement)"],
  ["SELECT 1; SELECT 'hunter2'", "SELECT …"],
  ["", "(nothing)"],
  [null, "(nothing)"],
  ["<insufficient privilege>", "(hidden from this login)"],
])("%s", async (sql, text) => {
  expect(await shown(sql)).toBe(text);
});

test("long texts are cut", async () => {
  const text = await shown(`SELECT ${Array.from({ length: 100 }, (_, i) => `column_${i}`).join(", ")} FROM t`);
  expect([text.length, text.at(-1)]).toEqual([201, "…"]);
});

describe("what names something hidden is not shown", () => {
  const hides = (name: Name) => name.at(-2) === "hush" || (name.length === 1 && name[0] === "secret");
  test.each([
    "SELECT * FROM hush.t",
    "SELECT hush.f(1)",
    "UPDATE secret SET a = 1",
    "SELECT (SELECT max(a) FROM hush.t)",
    "WITH x AS (DELETE FROM hush.t RETURNING 1) SELECT * FROM x",
  ])("%s", async (sql) => {
    const text = await shown(sql, hides);
    expect(text).toMatch(/\(names what the policy hides\)$/);
    expect(text).not.toMatch(/hush|secret/);
  });
});
