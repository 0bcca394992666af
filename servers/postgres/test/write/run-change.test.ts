import { describe, expect, test } from "vitest";
import { proveChange } from "../../src/write/change.ts";
import { runChange } from "../../src/write/run-change.ts";
import type { RowSet } from "../../src/row-set.ts";
import type { Policy } from "../../src/policy.ts";
import { answerOf, fakeDatabase, type Told } from "./fake-database.ts";

const signal = AbortSignal.timeout(20_000);
const SQL = "UPDATE a SET b = $1";

interface How {
  readonly sql?: string;
  readonly commitIf?: number;
  readonly says?: (text: string) => Partial<RowSet> | Error | undefined;
  readonly policy?: Partial<Policy>;
}

/** Runs a change whose statement PostgreSQL answers with `UPDATE 3`, unless `says` knows better. */
async function ran({ sql = SQL, commitIf, says = () => undefined, policy = {} }: How = {}) {
  const database = fakeDatabase((text) => says(text) ?? (text === sql ? { command: "UPDATE 3" } : undefined), policy);
  const change = await proveChange(database, sql, signal);
  const outcome = await runChange(database, change, { params: ["5"], commitIf, maxBytes: 100, signal }).then(
    (value) => ({ value }),
    (error: unknown) => ({ error }),
  );
  return { ...outcome, told: database as Told };
}

const refused = (message: string, code: string, detail?: string) =>
  Object.assign(new Error(message), { code, ...(detail !== undefined && { detail }) });

describe("one change", () => {
  test("is tried and rolled back, deferred constraints included", async () => {
    const { told, ...outcome } = await ran();
    expect(outcome).toMatchObject({ value: { committed: false, affected: 3 } });
    expect(told.ends).toEqual(["rollback"]);
    const texts = told.sent.map(({ text }) => text);
    const [counts, statement, constraints] = texts;
    expect(counts).toContain("pg_stat_xact_user_tables");
    expect([statement, constraints]).toEqual([SQL, "SET CONSTRAINTS ALL IMMEDIATE"]);
    expect(told.sent[1]?.values).toEqual(["5"]);
  });

  test("is committed where it affects as many rows as expected", async () => {
    const { told, ...outcome } = await ran({ commitIf: 3 });
    expect(outcome).toMatchObject({ value: { committed: true, affected: 3 } });
    expect(told.ends).toEqual(["commit"]);
  });

  test.each([
    [2, "UPDATE 3", "The statement affects 3 rows and not 2, so it was rolled back."],
    [0, "UPDATE 1", "The statement affects 1 row and not 0, so it was rolled back."],
    [1, "", "The statement affects 0 rows and not 1, so it was rolled back."],
  ])("is rolled back where %s rows were expected of %j", async (commitIf, command, message) => {
    const { told, ...outcome } = await ran({ commitIf, says: (text) => (text === SQL ? { command } : undefined) });
    expect(outcome).toMatchObject({ error: { kind: "conflict", message } });
    expect(told.ends).toEqual(["rollback"]);
  });

  test("that fails at its end is rolled back", async () => {
    const { told, ...outcome } = await ran({
      commitIf: 3,
      says: (text) => (text.startsWith("SET CONSTRAINTS") ? refused("late", "23503") : undefined),
    });
    expect(outcome).toMatchObject({ error: { code: "23503" } });
    expect(told.ends).toEqual(["rollback"]);
  });
});

test("several changes count with all tables, not by the tag of the last", async () => {
  const sql = "WITH d AS (DELETE FROM a RETURNING *) INSERT INTO c SELECT * FROM d WHERE $1 > 0";
  let looks = 0;
  const { told, ...outcome } = await ran({
    sql,
    commitIf: 5,
    says(text) {
      if (text === sql) return { command: "INSERT 0 2" };
      if (!text.includes("pg_stat_xact_user_tables") || looks++ === 0) return undefined;
      return answerOf(
        ["relid", "name", "inserted", "updated", "deleted"],
        [
          ["1", "app.a", "0", "0", "3"],
          ["2", "app.c", "2", "0", "0"],
        ],
      );
    },
  });
  expect(outcome).toMatchObject({ value: { committed: true, affected: 5 } });
  expect(told.ends).toEqual(["commit"]);
});

describe("what PostgreSQL says", () => {
  const says = (text: string) =>
    text === SQL ? refused('value "555-11" is wrong', "23514", "Failing row contains (555-11).") : undefined;

  test("is passed on as it is", async () => {
    expect((await ran({ says })) as object).toMatchObject({ error: { message: 'value "555-11" is wrong' } });
  });

  test("stays away where it may quote a masked column", async () => {
    const { error } = (await ran({ says, policy: { mask: ["app.a.ssn"] } })) as { error?: Error };
    expect(error).toMatchObject({ kind: "conflict" });
    expect(error?.message).toMatch(/^PostgreSQL refuses the change with SQLSTATE 23514: /);
    expect(error?.message).not.toContain("555-11");
  });

  test("of a connection that broke is no answer", async () => {
    const broken = (text: string) => (text === SQL ? refused("gone", "57P01") : undefined);
    expect((await ran({ says: broken, policy: { mask: ["app.a.ssn"] } })) as object).toMatchObject({
      error: { code: "57P01" },
    });
  });
});
