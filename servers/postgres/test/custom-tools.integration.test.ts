import { limitArgument } from "@mooring/core";
import { connect, type Postgres, startPostgres, type TestClient } from "@mooring/testing";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { check } from "../src/check.ts";
import { notConfigured } from "../src/config/databases.ts";
import { customTools } from "../src/custom-tools.ts";
import { createDatabases } from "../src/databases.ts";
import type { Config } from "../src/options.ts";
import { postgres as definition } from "../src/server.ts";
import { type Opened, openDatabase } from "./open-database.ts";

let server: Postgres;
let shop: Opened;
let archive: Opened;
let mcp: TestClient;

const queries: Config["queries"] = {
  items_like: {
    description: "Items whose name begins so.",
    sql: "SELECT id, name FROM items WHERE starts_with(name, $1) ORDER BY id -- the person's own words",
    params: [{ name: "beginning", description: "Of the name." }],
  },
  item_count: {
    title: "Count",
    description: "How many items.",
    sql: "SELECT count(*) FROM items",
    params: [],
    database: "archive",
  },
  unsafe: { description: "Advances.", sql: "SELECT nextval('s')", params: [], database: "shop" },
};

async function fill(name: string, rows: number): Promise<string> {
  const url = await server.newDatabase(name);
  const client = new pg.Client(url);
  await client.connect();
  await client.query(
    `CREATE SEQUENCE s; CREATE TABLE items AS SELECT i AS id, '${name} ' || i AS name FROM generate_series(1, ${rows}) i`,
  );
  await client.end();
  return url;
}

beforeAll(async () => {
  server = await startPostgres();
  shop = openDatabase(await fill("shop", 300), { name: "shop" });
  archive = openDatabase(await fill("archive", 7), { name: "archive" });
  const own = { ...definition, tools: [...definition.tools, ...customTools(queries)] };
  mcp = await connect(limitArgument(own, "database", ["shop", "archive"]), { deps: deps() });
});
afterAll(async () => {
  await mcp[Symbol.asyncDispose]();
  await shop[Symbol.asyncDispose]();
  await archive[Symbol.asyncDispose]();
  await server.stop();
});

const deps = () => ({
  databases: createDatabases([shop.database, archive.database], notConfigured),
  config: { queries } as Config,
  stateDir: "",
});

async function ask(name: string, args: object) {
  const { content, isError, _meta } = await mcp.call(name, { ...args });
  const text = content.map((block) => (block.type === "text" ? block.text : "")).join("\n");
  return { text, isError, kind: (_meta?.["mooring/error"] as { kind: string } | undefined)?.kind };
}

describe("tools of the configuration", () => {
  test("are listed with their params, as tools that read", async () => {
    const { tools } = await mcp.client.listTools();
    expect(tools.find(({ name }) => name === "items_like")).toMatchObject({
      title: "Items like",
      description: "Items whose name begins so.",
      inputSchema: {
        required: ["beginning"],
        properties: { beginning: { type: "string" }, database: { enum: ["shop", "archive"] } },
      },
      annotations: { readOnlyHint: true },
    });
    const count = tools.find(({ name }) => name === "item_count");
    expect([count?.title, Object.keys(count?.inputSchema.properties ?? {})]).toEqual(["Count", ["cursor"]]);
  });

  test("take values, never SQL, and go on with their cursor", async () => {
    const first = await ask("items_like", { beginning: "shop 1", database: "shop" });
    expect(first.text).toMatch(/^111 rows\n/);
    expect((await ask("items_like", { beginning: "'; DROP TABLE items; --", database: "shop" })).text).toMatch(
      /^0 rows\n/,
    );
    const all = await ask("items_like", { beginning: "shop", database: "shop" });
    const cursor = /More: cursor "([^"]+)"/.exec(all.text)?.[1];
    expect((await ask("items_like", { beginning: "shop", database: "shop", cursor })).text).toMatch(
      /^100 rows from 201\n/,
    );
  });

  test("run in their own database", async () => {
    expect((await ask("item_count", {})).text).toMatch(/\n7\n/);
    expect((await ask("items_like", { beginning: "archive", database: "archive" })).text).toMatch(/^7 rows\n/);
  });

  test("are proved at their first call, and by --check", async () => {
    expect(await ask("unsafe", {})).toMatchObject({
      kind: "denied",
      text: expect.stringContaining("nextval") as string,
    });
    const lines = await check(deps());
    expect(lines.filter(({ name }) => name.startsWith("query "))).toEqual([
      { name: "query items_like", ok: true, detail: "only reads shop" },
      { name: "query items_like", ok: true, detail: "only reads archive" },
      { name: "query item_count", ok: true, detail: "only reads archive" },
      {
        name: "query unsafe",
        ok: false,
        detail: expect.stringContaining("nextval") as string,
        fix: expect.any(String) as string,
      },
    ]);
  });
});

describe("several databases", () => {
  test("which one has to be said, and is one of those", async () => {
    expect(await ask("query", { sql: "SELECT 1 AS one" })).toMatchObject({ kind: "invalid_input" });
    expect((await ask("query", { sql: "SELECT 1 AS one", database: "elsewhere" })).text).toContain(
      'expected one of "shop", "archive"',
    );
    expect((await ask("query", { sql: "SELECT count(*) FROM items", database: "shop" })).text).toMatch(/\n300\n/);
  });

  test("a cursor of one is none of the other's", async () => {
    const { text } = await ask("query", { sql: "SELECT id FROM items ORDER BY id", max_rows: 2, database: "shop" });
    const cursor = /More: cursor "([^"]+)"/.exec(text)?.[1];
    expect(
      (await ask("query", { sql: "SELECT id FROM items ORDER BY id", max_rows: 2, database: "archive", cursor })).kind,
    ).toBe("invalid_input");
  });

  test("the login of each is checked, and one that can do more is named", async () => {
    const lines = await check(deps());
    expect(lines.filter(({ name }) => /^(shop|archive)( role)?$/.test(name)).map(({ name, ok }) => [name, ok])).toEqual(
      [
        ["shop", true],
        ["shop role", false],
        ["archive", true],
        ["archive role", false],
      ],
    );
  });
});

test("whoever waits for a long query hears of it", async () => {
  const heard: string[] = [];
  await mcp.client.callTool(
    { name: "query", arguments: { sql: "SELECT pg_sleep(2.3)", database: "shop" } },
    { onprogress: ({ message }) => heard.push(message ?? "") },
  );
  expect(heard).toEqual(["running for 1 s", "running for 2 s"]);
});
