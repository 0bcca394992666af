import { defineServer } from "@mooring/core";
import { connect } from "@mooring/core/testing";
import { startPostgres } from "@mooring/testing";
import { Client } from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { mapError } from "../../src/errors.ts";
import type { Config } from "../../src/options.ts";
import type { Deps } from "../../src/tool.ts";
import { migrate } from "../../src/tools/migrate.ts";
import { write } from "../../src/tools/write.ts";
import { openDatabase } from "../open-database.ts";

let server: Awaited<ReturnType<typeof startPostgres>>;
let admin: Client;

beforeAll(async () => {
  server = await startPostgres({
    settings: {
      autovacuum: "off",
      max_parallel_maintenance_workers: "2",
      min_parallel_table_scan_size: "8kB",
      timezone: "UTC",
    },
  });
  admin = new Client(server.url);
  await admin.connect();
  await admin.query(`
    CREATE ROLE keeper LOGIN PASSWORD 'keeper'; CREATE ROLE reader LOGIN PASSWORD 'reader';
    CREATE SCHEMA app AUTHORIZATION keeper; SET ROLE keeper;
    CREATE TABLE app.sums (id int PRIMARY KEY, total numeric, at timestamptz, note text, big bigint, "Odd" real);
    INSERT INTO app.sums SELECT i, i + 0.5, '2024-06-01 23:30+00', 'note ' || i, i, i FROM generate_series(1, 60000) i;
    CREATE INDEX sums_total ON app.sums (total); CREATE INDEX sums_note ON app.sums (note);
    ANALYZE app.sums; RESET ROLE`);
});
afterAll(async () => {
  await admin?.end();
  await server?.[Symbol.asyncDispose]();
});

const definition = defineServer<Deps>({
  name: "pg",
  title: "Postgres",
  version: "0.0.0",
  fenced: true,
  tools: [migrate, write],
  mapError,
});

/** What the tools answer to one of these roles, one call after the other. */
async function answers(
  calls: readonly (readonly [tool: string, args: (before: string) => Record<string, unknown>])[],
  { user = "keeper", passing = false }: { readonly user?: string; readonly passing?: boolean } = {},
): Promise<string[]> {
  const url = server.url.replace(/\/\/[^@]*@/, `//${user}:${user}@`);
  await using opened = openDatabase(url);
  const config = { statementTimeout: 20_000, lockTimeout: 500, allowStatements: [] } as unknown as Config;
  await using mcp = await connect(definition, {
    deps: { databases: opened.databases, config, stateDir: "/nonexistent", passing: () => passing },
    access: "full",
    answer: () => true,
  });
  const said: string[] = [];
  for (const [tool, args] of calls) {
    const { content } = await mcp.call(tool, args(said.at(-1) ?? ""));
    said.push(content.map((block) => (block.type === "text" ? block.text : "")).join("\n"));
  }
  return said;
}

const previewed = async (sql: string, user?: string) =>
  (await answers([["migrate", () => ({ sql })]], user === undefined ? {} : { user }))[0] ?? "";
const tokenOf = (text: string) => /token "([^"]+)"/.exec(text)?.[1];

test("an owner who is no superuser previews and applies", async () => {
  const sql = "CREATE TABLE app.fresh (id int); ALTER TABLE app.sums ADD COLUMN extra int; DROP TABLE app.fresh";
  const [preview, applied] = await answers([
    ["migrate", () => ({ sql })],
    ["migrate", (before) => ({ sql, apply: true, token: tokenOf(before) })],
  ]);
  expect(preview).toContain("+ column app.sums.extra: integer");
  expect(applied).toMatch(/^Applied and committed: 3 statements in .*, 1 change of the schema\.\n/);
  const { rows } = await admin.query("SELECT extra FROM app.sums LIMIT 1");
  expect(rows).toEqual([{ extra: null }]);
});

test("a role that may only read is told whom to ask", async () => {
  await admin.query("GRANT USAGE ON SCHEMA app TO reader; GRANT SELECT ON app.sums TO reader");
  expect(await previewed("ALTER TABLE app.sums ADD COLUMN mine int", "reader")).toBe(
    "The role of this connection may not run statement 1 (line 1). Ask the person for a role that may: usually the owner of what is changed.",
  );
});

test("what the role may not do outside transactions cannot be applied", async () => {
  await admin.query("GRANT USAGE ON SCHEMA app TO reader; GRANT SELECT ON app.sums TO reader");
  for (const sql of [
    "CREATE INDEX CONCURRENTLY ON app.sums (big)",
    "DROP INDEX CONCURRENTLY app.sums_total",
    "REINDEX TABLE CONCURRENTLY app.sums",
    "REINDEX INDEX CONCURRENTLY app.sums_total",
    "VACUUM app.sums",
  ]) {
    const text = await previewed(sql, "reader");
    expect(text).toContain("It would fail. The role of this connection may not do that.");
    expect(text).toContain("It cannot be applied as it is.");
    expect(tokenOf(text)).toBeUndefined();
    expect(tokenOf(await previewed(sql))).toBeDefined();
  }
});

describe("params that do not fit", () => {
  test.each([
    [
      "UPDATE app.sums SET big = 1 WHERE id = $1",
      [],
      "has 1 parameter, and params holds 0 values. Give one text for each $n.",
    ],
    ["UPDATE app.sums SET big = $2 WHERE id = $1", ["1"], "has 2 parameters, and params holds 1 value. Give"],
    [
      "UPDATE app.sums SET big = 1 WHERE id = 0",
      ["1"],
      "has 0 parameters, and params holds 1 value. Leave params out.",
    ],
  ])("%s with %j", async (sql, params, words) => {
    const [text] = await answers([["write", () => ({ sql, params })]]);
    expect(text).toContain(`The SQL ${words}`);
  });
});

describe("what a statement has read", () => {
  test("is all of the table, however many processes did it and how often", async () => {
    const text = await previewed("ALTER TABLE app.sums ALTER COLUMN total TYPE numeric(20, 1)");
    // Once to write it anew, and once for each of its indexes.
    expect(text).toMatch(/^ {3}read all of app\.sums, [34] times$/m);
    expect(text).not.toMatch(/\d{5} rows$/m);
    expect(await previewed("ALTER TABLE app.sums ADD CHECK (id > 0)")).toMatch(/^ {3}read all of app\.sums$/m);
    expect(await previewed("CREATE INDEX ON app.sums (big)")).toMatch(/^ {3}read all of app\.sums$/m);
  });

  test("is said of each statement by itself", async () => {
    const text = await previewed("ALTER TABLE app.sums ADD CHECK (id > 0); ALTER TABLE app.sums ADD CHECK (id > -1)");
    expect(text.match(/^ {3}read .*$/gm)).toEqual(["   read all of app.sums", "   read all of app.sums"]);
  });

  test("is counted for changes of rows", async () => {
    expect(await previewed("UPDATE app.sums SET big = 1 WHERE note = 'x' OR big = 5")).toMatch(
      /^ {3}read 60000 rows of app\.sums$/m,
    );
  });

  test("is not what a materialized view holds since then", async () => {
    await admin.query(
      "CREATE MATERIALIZED VIEW app.few AS SELECT id FROM app.sums LIMIT 500; CREATE INDEX ON app.few (id)",
    );
    const text = await previewed("REFRESH MATERIALIZED VIEW app.few", "test");
    await admin.query("DROP MATERIALIZED VIEW app.few");
    expect(text).toMatch(/^ {3}rewritten app\.few$/m);
    expect(text).not.toMatch(/^ {3}read /m);
  });

  test("is a lower bound where workers may help", async () => {
    expect(await previewed("LOCK app.sums IN SHARE MODE; CREATE TABLE app.copy AS SELECT * FROM app.sums")).toMatch(
      /^ {3}read at least \d+ rows of app\.sums$/m,
    );
  });
});

/** What PostgreSQL does to these values, and what the preview says of it. */
describe("a change of type that can lose data", () => {
  test.each([
    ["total TYPE bigint", "numeric -> bigint: values are rounded to whole numbers"],
    ["at TYPE date", "timestamptz -> date: the time of day is dropped for good; TimeZone of the session decides"],
    ["note TYPE varchar(20)", "text -> varchar(20): text beyond 20 characters is refused"],
    ["note TYPE varchar(6) USING note::varchar(6)", "text -> varchar(6), as far as USING casts: a cast in USING cuts"],
    ["big TYPE int", "bigint -> int: values beyond its range are refused"],
    ['"Odd" TYPE int', "real -> int: values are rounded"],
    ['"Odd" TYPE int USING "Odd"::int', "real -> int, as far as USING casts: values are rounded"],
  ])("ALTER COLUMN %s", async (change, advice) => {
    const text = await previewed(`ALTER TABLE app.sums ALTER COLUMN ${change}`);
    expect(text).toContain(`- 1: ${advice}`);
    expect(text.match(/<untrusted [^>]+>[^]*<\/untrusted [^>]+>/)?.[0]).not.toContain(advice);
  });

  test.each([
    "CREATE TABLE app.t (total numeric); ALTER TABLE app.t ALTER COLUMN total TYPE bigint",
    "ALTER TABLE app.sums ADD COLUMN more numeric; ALTER TABLE app.sums ALTER COLUMN more TYPE bigint",
  ])("of what the migration makes itself says nothing: %s", async (sql) => {
    const text = await previewed(sql);
    expect(text).toContain("bigint");
    expect(text).not.toContain("rounded");
  });
});

test("lines of PostgreSQL's words stand below their statement", async () => {
  await admin.query("CREATE VIEW app.a AS SELECT id FROM app.sums; CREATE VIEW app.b AS SELECT id FROM app.sums");
  const text = await previewed("DROP TABLE app.sums");
  await admin.query("DROP VIEW app.a, app.b");
  expect(text).toMatch(/^ {3}view app\.a depends on table app\.sums\n {3}view app\.b depends on table app\.sums$/m);
});

describe("where nothing is kept, a commit says so", () => {
  const words = "The demo is in memory: this ends with the server.";
  const insert = { sql: "INSERT INTO app.sums (id) VALUES (0)", commit: true, expect_rows: 1 };
  const remove = { sql: "DELETE FROM app.sums WHERE id = 0", commit: true, expect_rows: 1 };
  const sql = "COMMENT ON TABLE app.sums IS 'x'";
  const calls = [
    ["write", () => ({ ...insert, commit: false })],
    ["write", () => insert],
    ["write", () => remove],
    ["migrate", () => ({ sql })],
    ["migrate", (before: string) => ({ sql, apply: true, token: tokenOf(before) })],
    ["migrate", () => ({ sql: "VACUUM app.sums" })],
    ["migrate", (before: string) => ({ sql: "VACUUM app.sums", apply: true, token: tokenOf(before) })],
  ] as const;

  test.each([true, false])("%s", async (passing) => {
    await admin.query("COMMENT ON TABLE app.sums IS NULL");
    const said = await answers(calls, { passing });
    const commits = [false, true, true, false, true, false, true];
    expect(said.map((text) => text.includes(words))).toEqual(commits.map((commit) => commit && passing));
    expect(said[1]).toMatch(/^Committed: 1 row affected\./);
    expect(said[4]).toMatch(/^Applied and committed/);
    expect(said[6]).toMatch(/^Done\. It took/);
  });
});
