import { mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { connect, type Postgres, startPostgres, type TestClient } from "@mooring/testing";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Config } from "../../src/options.ts";
import { postgres as definition } from "../../src/server.ts";
import { type Opened, openDatabase } from "../open-database.ts";

let server: Postgres;
let opened: Opened;
let mcp: TestClient;
let folder: string;

beforeAll(async () => {
  server = await startPostgres();
  const admin = new pg.Client(server.url);
  await admin.connect();
  await admin.query(`
    CREATE TYPE mood AS ENUM ('calm', 'wild');
    CREATE TABLE items (id int PRIMARY KEY, name text);
    INSERT INTO items SELECT i, 'item ' || i FROM generate_series(1, 1000) i;
    CREATE TABLE wide (id int PRIMARY KEY, body text);
    INSERT INTO wide SELECT i, repeat(chr(96 + i % 26 + 1), 1500) FROM generate_series(1, 200) i`);
  await admin.end();
  folder = await mkdtemp(path.join(tmpdir(), "export-"));
  opened = openDatabase(server.url);
  const deps = { databases: opened.databases, config: { exportDir: folder } as Config, stateDir: folder };
  mcp = await connect(definition, { deps });
});
afterAll(async () => {
  await mcp[Symbol.asyncDispose]();
  await opened[Symbol.asyncDispose]();
  await server.stop();
  await rm(folder, { recursive: true });
});

async function ask(sql: string, more: object = {}) {
  const { content, isError, _meta } = await mcp.call("query", { sql, ...more });
  const text = content.map((block) => (block.type === "text" ? block.text : "")).join("\n");
  return { text, isError, content, error: _meta?.["mooring/error"] as { kind: string } | undefined };
}

/** The one cell of the answer, as it stands there. */
async function cell(expression: string, format = "table"): Promise<string | undefined> {
  const { text } = await ask(`SELECT ${expression} AS v`, { format });
  return format === "json" ? /^\[(.*)\]$/m.exec(text)?.[1] : /^v .*\n(.*)$/m.exec(text)?.[1];
}

describe("values are the server's own text", () => {
  test.for([
    ["date '2024-03-10'", "2024-03-10"],
    ["timestamptz '2024-03-10 02:30:00.123456+00' AT TIME ZONE 'UTC'", "2024-03-10 02:30:00.123456"],
    ["timestamptz 'infinity'", "infinity"],
    ["date '-infinity'", "-infinity"],
    ["9007199254740993::int8", "9007199254740993"],
    [
      "12345678901234567890.123456789012345678901234567890::numeric",
      "12345678901234567890.123456789012345678901234567890",
    ],
    ["'NaN'::numeric", "NaN"],
    ["'Infinity'::float8", "Infinity"],
    ["0.1::float8 + 0.2::float8", "0.30000000000000004"],
    ["interval '1 year 2 mons 3 days 04:05:06.7'", "1 year 2 mons 3 days 04:05:06.7"],
    ["decode('00ff10', 'hex')", "\\\\x00ff10"],
    ["ARRAY[1, NULL, 3]", "{1,NULL,3}"],
    ["ARRAY[['a b', 'c\"d'], ['', 'NULL']]", '{{"a b","c\\\\"d"},{"","NULL"}}'],
    ["int4range(1, 5)", "[1,5)"],
    ["ROW(1, 'a b', NULL)", '(1,"a b",)'],
    ['\'{"big": 12345678901234567890, "f": 1.10}\'::jsonb', '{"f": 1.10, "big": 12345678901234567890}'],
    ["'wild'::mood", "wild"],
    ["'a'::char", "a"],
    ["true", "t"],
    ["NULL::text", "\\N"],
    ["''", ""],
    ["E'tab\\there'", "tab\\there"],
    ["'00000000-0000-0000-0000-00000000000a'::uuid", "00000000-0000-0000-0000-00000000000a"],
    ["inet '10.0.0.1/8'", "10.0.0.1/8"],
    ["money '12.50'", "$12.50"],
  ] as const)("%s", async ([expression, expected]) => {
    expect(await cell(expression)).toBe(expected);
  });

  test.for([
    ["'{\"big\": 12345678901234567890}'::jsonb", '{"big": 12345678901234567890}'],
    ["9007199254740993::int8", '"9007199254740993"'],
    ["42::int8", "42"],
    ["1.50::numeric", '"1.50"'],
    ["'NaN'::float8", '"NaN"'],
    ["NULL::int", "null"],
    ["''", '""'],
    ["date '2024-03-10'", '"2024-03-10"'],
  ] as const)("as JSON: %s", async ([expression, expected]) => {
    expect(await cell(expression, "json")).toBe(expected);
  });

  test("columns of one name stay apart, and the head names types of the database's own", async () => {
    const { text } = await ask("SELECT 1 AS a, 2 AS a, 'calm'::mood AS \"9\", ARRAY['wild'::mood] AS m");
    expect(text).toMatch(/^a int4\ta int4\t9 mood\tm mood\[\]\n1\t2\tcalm\t\{wild\}$/m);
  });
});

describe("what is left out is said", () => {
  test("all rows of a small answer, with no cursor", async () => {
    const { text } = await ask("SELECT id FROM items WHERE id <= 3 ORDER BY id");
    expect(text).toMatch(/^3 rows\n<untrusted [\w-]+>\nid int4\n1\n2\n3\n<\/untrusted [\w-]+>$/);
  });

  test("a cursor goes on where the answer ended, to the last row and no row twice", async () => {
    const seen: number[] = [];
    let cursor: string | undefined;
    let pages = 0;
    do {
      const { text } = await ask("SELECT id FROM items ORDER BY id", { max_rows: 300, ...(cursor && { cursor }) });
      seen.push(...[...text.matchAll(/^(\d+)$/gm)].map(([row]) => Number(row)));
      expect(text).not.toContain("order may change");
      cursor = /More: cursor "([^"]+)"/.exec(text)?.[1];
      pages += 1;
    } while (cursor);
    expect([pages, seen]).toEqual([4, Array.from({ length: 1000 }, (_, i) => i + 1)]);
  });

  test("without ORDER BY the answer says that the order may change", async () => {
    expect((await ask("SELECT id FROM items", { max_rows: 2 })).text).toMatch(
      /2 rows; cut: there are more\n[\s\S]*Without ORDER BY/,
    );
  });

  test("an answer that is full ends at a whole row, and its cursor goes on with the next", async () => {
    const first = await ask("SELECT id, body FROM wide ORDER BY id");
    const rows = Number(/^(\d+) rows; cut: the answer is full$/m.exec(first.text)?.[1]);
    expect(rows).toBeGreaterThan(30);
    expect(first.text.length).toBeLessThan(66_000);
    const cursor = /More: cursor "([^"]+)"/.exec(first.text)?.[1];
    const second = await ask("SELECT id, body FROM wide ORDER BY id", { cursor });
    expect(second.text).toMatch(new RegExp(`^\\d+ rows from ${rows + 1};`));
    expect(second.text).toMatch(new RegExp(`^${rows + 1}\\t`, "m"));
  });

  test("more rows asked for make room for more", async () => {
    const { text } = await ask("SELECT id, body FROM wide ORDER BY id", { max_rows: 10_000 });
    expect(text).toMatch(/^200 rows\n/);
  });

  test("a long cell is cut and counted", async () => {
    expect((await ask("SELECT repeat('x', 5000) AS v")).text).toMatch(
      /^1 row; 1 long cell cut\n[\s\S]*x…\(\+3000 characters\)/,
    );
  });

  test("invisible characters are exact, and counted", async () => {
    expect((await ask("SELECT U&'a\\200Bb' AS v")).text).toMatch(/^1 row; 1 invisible character\n[\s\S]*a\u200bb/);
  });

  test("a cursor of another call is refused", async () => {
    const { text } = await ask("SELECT id FROM items", { max_rows: 2 });
    const cursor = /More: cursor "([^"]+)"/.exec(text)?.[1];
    for (const other of [
      { sql: "SELECT id FROM wide", cursor },
      { sql: "SELECT id FROM items", params: ["1"], cursor },
    ]) {
      const { sql, ...more } = other;
      expect((await ask(sql, more)).error?.kind).toBe("invalid_input");
    }
  });
});

describe("params", () => {
  test("are values, whatever stands in them", async () => {
    const { text } = await ask("SELECT $1::text AS a, $2::int + 1 AS b", {
      params: ["'); DROP TABLE items; --", "41"],
    });
    expect(text).toMatch(/^'\); DROP TABLE items; --\t42$/m);
  });

  test.for([
    ["SELECT $1::int AS a", ["x"], "invalid_input"],
    ["SELECT $1::int AS a", [], "invalid_input"],
    ["SELECT 1 AS a", ["1"], "invalid_input"],
    ["SELECT $2::int AS a", ["1", "2"], "invalid_input"],
    ["SELECT $1 AS a", ["x"], undefined],
  ] as const)("%s with %j is %s", async ([sql, params, kind]) => {
    expect((await ask(sql, { params: [...params] })).error?.kind).toBe(kind);
  });
});

describe("bad SQL is a clear error, and the next call works", () => {
  test.for([
    ["", "invalid_input", "empty"],
    ["  \n ", "invalid_input", "empty"],
    [";", "invalid_input", "no statement"],
    ["-- nothing", "invalid_input", "no statement"],
    ["SELECT 1; SELECT 2", "invalid_input", "2 statements"],
    ["SELEC 1", "invalid_input", "line 1, column 1"],
    ["SELECT\n  1 +", "invalid_input", "line 2"],
    ["SELECT 'a\0b'", "invalid_input", "NUL"],
    ["SELECT '\ud800'", "invalid_input", "surrogate"],
    [`SELECT '${"x".repeat(300_000)}'`, "too_large", "bytes"],
    ["SELECT nothing FROM items", "not_found", "nothing"],
    ["SELECT * FROM nothing", "not_found", "nothing"],
    ["SELECT nothing(1)", "not_found", "nothing"],
    ["SELECT 1/0", "invalid_input", "division by zero"],
    ["DELETE FROM items", "denied", "DELETE"],
    ["SELECT pg_read_file('/etc/passwd')", "denied", "pg_read_file"],
  ] as const)("%j is %s", async ([sql, kind, words]) => {
    const { text, error } = await ask(sql);
    expect(error?.kind).toBe(kind);
    expect(text).toContain(words);
    expect((await ask("SELECT 1 AS one")).isError).toBeUndefined();
  });

  test("notices are told, fenced", async () => {
    const { text } = await ask(`SELECT 1 AS ${"long_".repeat(14)}`);
    expect(text).toMatch(/\nNotices:\n<untrusted [\w-]+>\nidentifier "(long_)+" will be truncated/);
    expect((await ask(`SELECT 1 AS ${"long_".repeat(10_000)}`)).text.length).toBeLessThan(1_000);
  });

  test("a param that would arrive as another text is refused", async () => {
    const { text, error } = await ask("SELECT $1", { params: ["a\ud800"] });
    expect({ text, kind: error?.kind }).toEqual({
      text: expect.stringContaining("surrogate") as string,
      kind: "invalid_input",
    });
  });
});

describe("export", () => {
  test("all rows as CSV in a new file, with a link", async () => {
    const { content, text } = await ask("SELECT id, name FROM items ORDER BY id -- all", {
      format: "csv",
      to: "items.csv",
    });
    expect(text).toContain("Wrote 1000 rows");
    expect(content[1]).toMatchObject({ type: "resource_link", name: "items.csv", mimeType: "text/csv" });
    const lines = (await readFile(path.join(folder, "items.csv"), "utf8")).split("\n");
    expect([lines[0], lines[1], lines.length]).toEqual(["id,name", "1,item 1", 1002]);
  });

  test.for([
    "../out.csv",
    "/tmp/out.csv",
    ".csv",
    ".hidden.csv",
    "a/b.csv",
    "a\\b.csv",
    "x.txt",
    "nul\0.csv",
    "",
    "a:b.csv",
    "CON.csv",
    "nul.x.csv",
    "Com1 .csv",
  ])("the name %j is refused and nothing is written", async (to) => {
    const before = await readdir(folder);
    expect((await ask("SELECT 1 AS a", { format: "csv", to })).error?.kind).toBe("invalid_input");
    expect(await readdir(folder)).toEqual(before);
  });

  test("nothing is written over, nor through a link", async () => {
    await writeFile(path.join(folder, "there.csv"), "mine");
    await symlink(path.join(folder, "elsewhere"), path.join(folder, "link.csv"));
    for (const to of ["there.csv", "link.csv"])
      expect((await ask("SELECT 1 AS a", { format: "csv", to })).error?.kind).toBe("conflict");
    expect(await readFile(path.join(folder, "there.csv"), "utf8")).toBe("mine");
    expect(await readdir(folder)).not.toContain("elsewhere");
  });

  test.for([
    "SELECT 1/(3-id) AS a FROM items ORDER BY id",
    "SHOW work_mem",
    "SELECT 1;",
    "SELECT 1) TO '/tmp/x'; --",
    "DELETE FROM items",
  ])("%s leaves no file", async (sql) => {
    expect((await ask(sql, { format: "csv", to: "failed.csv" })).isError).toBe(true);
    expect(await readdir(folder)).not.toContain("failed.csv");
  });

  test("a row that the driver could not hold ends the export, and leaves no file", async () => {
    const { error } = await ask("SELECT repeat('x', 40000000) AS a", { format: "csv", to: "huge.csv" });
    expect(error?.kind).toBe("too_large");
    expect(await readdir(folder)).not.toContain("huge.csv");
    expect((await ask("SELECT repeat('x', 20000000) AS a", { format: "csv", to: "large.csv" })).isError).toBeFalsy();
  });

  test("a given-up export is removed, and its statement ended", async () => {
    const given = new AbortController();
    const sql = "SELECT i, pg_sleep(0.01) FROM generate_series(1, 100000) i";
    const going = mcp.client.callTool(
      { name: "query", arguments: { sql, format: "csv", to: "slow.csv" } },
      { signal: given.signal },
    );
    await expect.poll(() => readdir(folder)).toContain("slow.csv");
    given.abort();
    await expect(going).rejects.toThrow(/abort/i);
    await expect.poll(() => readdir(folder), { timeout: 5_000 }).not.toContain("slow.csv");
    const busy = "SELECT count(*) AS n FROM pg_stat_activity WHERE query LIKE 'COPY%pg_sleep%' AND state = 'active'";
    await expect.poll(async () => (await ask(busy)).text, { timeout: 5_000 }).toMatch(/\n0\n/);
  });
});
