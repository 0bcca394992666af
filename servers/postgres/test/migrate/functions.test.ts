import { describe, expect, test } from "vitest";
import type { Database } from "../../src/database.ts";
import { lookUpCode } from "../../src/migrate/functions.ts";
import { openPolicy } from "../../src/policy.ts";
import { stepsOf } from "./migration-of.ts";

type Row = Readonly<Record<"kind" | "schema" | "name" | "detail" | "visible", string>> & {
  readonly extension: string | null;
};
const row = (kind: string, name: string, more: Partial<Row> = {}): Row => ({
  kind,
  schema: "app",
  name,
  detail: "v",
  extension: null,
  visible: "true",
  ...more,
});
const builtIn = { schema: "pg_catalog" };

/** What of a migration is foreign code, by number of statement; `rows` is what the catalog knows. */
async function codeOf(sql: string, rows: readonly Row[] = [], allowFunctions: readonly string[] = []) {
  const asked: unknown[] = [];
  const database = {
    policy: { ...openPolicy, allowFunctions },
    catalog: async (_text: string, values: readonly unknown[]) => {
      asked.push(...values);
      return rows;
    },
  } as unknown as Database;
  const { foreign, replaced } = await lookUpCode(database, await stepsOf(sql, ["do"]), AbortSignal.timeout(5_000));
  return {
    foreign: Object.fromEntries([...foreign].map(([{ number }, names]) => [number, names])),
    replaced: [...replaced].map(({ number }) => number),
    asked,
  };
}

const uses = (call: string) => `CREATE TABLE a (b int DEFAULT ${call})`;

describe("functions", () => {
  test.each([
    ["of PostgreSQL that leave nothing behind", "now()", row("f", "now", { ...builtIn, detail: "s" })],
    ["random ones", "gen_random_uuid()", row("f", "gen_random_uuid", builtIn)],
    ["of sequences", "nextval('s')", row("f", "nextval", builtIn)],
    ["of trusted extensions", "similarity('a', 'b')", row("f", "similarity", { extension: "pg_trgm", detail: "i" })],
    ["random ones of an extension", "gen_salt('bf')", row("f", "gen_salt", { extension: "pgcrypto" })],
  ])("%s are sound", async (_, call, known) => expect((await codeOf(uses(call), [known])).foreign).toEqual({}));

  test.each([
    ["of the database", [row("f", "f")], ["app.f"]],
    ["of the database, though immutable", [row("f", "f", { detail: "i" })], ["app.f"]],
    ["of an extension that nobody vouched for", [row("f", "f", { extension: "odd" })], ["app.f"]],
    ["volatile ones of an extension", [row("f", "f", { extension: "pg_trgm" })], ["app.f"]],
    ["not there yet", [], ["f"]],
    ["out of sight, so not there", [row("f", "f", { visible: "false" })], ["f"]],
    ["one of several that it may be", [row("f", "f"), row("f", "f", { ...builtIn, detail: "i" })], ["app.f"]],
  ])("%s are foreign", async (_, rows, names) =>
    expect((await codeOf(uses("f()"), rows)).foreign).toEqual({ 1: names }),
  );

  test("with their schema may be out of sight", async () => {
    const hidden = row("f", "f", { schema: "other", visible: "false" });
    expect((await codeOf(uses("other.f()"), [hidden])).foreign).toEqual({ 1: ["other.f"] });
    expect((await codeOf(uses("app.f()"), [hidden])).foreign).toEqual({ 1: ["app.f"] });
  });

  test("that the operator vouches for are sound", async () => {
    expect((await codeOf(uses("f()"), [row("f", "f")], ["app.f"])).foreign).toEqual({});
    expect((await codeOf(uses("f()"), [row("f", "f", { schema: "other" })], ["app.f"])).foreign).toEqual({
      1: ["other.f"],
    });
  });

  test.each([
    ["setval('s', 5)", [row("f", "setval", builtIn)], "Use ALTER SEQUENCE"],
    ["pg_advisory_lock(1)", [row("f", "pg_advisory_lock", builtIn)], "Leave it out."],
    ["lo_import('/x')", [], "Leave it out."],
    ["app.dblink('x')", [row("f", "dblink", { extension: "dblink" })], "Leave it out."],
  ])("whose effects stay are refused: %s", async (call, rows, hint) => {
    const sql = `CREATE TABLE z (i int);\n${uses(call)}`;
    await expect(codeOf(sql, rows)).rejects.toMatchObject({
      kind: "denied",
      message: expect.stringMatching(
        /^Statement 2 \(line 2\): the function .* is not allowed in a migration/,
      ) as string,
      hint: expect.stringContaining(hint) as string,
    });
  });
});

test("operators and types of the database are foreign, those of trusted extensions not", async () => {
  const sql = "CREATE VIEW v AS SELECT a <-> b, c::app.checked FROM t";
  const rows = [row("o", "<->"), row("t", "checked")];
  expect((await codeOf(sql, rows)).foreign).toEqual({ 1: ["operator app.<->", "type app.checked"] });
  const own = rows.map((each) => ({ ...each, extension: "cube" }));
  expect((await codeOf(sql, own)).foreign).toEqual({});
});

test("a function that is there is replaced", async () => {
  const sql = "CREATE OR REPLACE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'; CREATE TABLE t (i int)";
  expect((await codeOf(sql, [row("f", "f")])).replaced).toEqual([1]);
  expect((await codeOf(sql, [])).replaced).toEqual([]);
});

test("each name is asked for once, by its last part", async () => {
  const { asked } = await codeOf(`${uses("app.f()")}; ${uses("f()").replace("TABLE a", "TABLE c")}`, [row("f", "f")]);
  expect(asked[0]).toBe('{"f"}');
});
