import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { catalogOf } from "../../src/catalog/catalog.ts";
import { type Connected, connected, parts, type Postgres, run, startPostgres } from "../catalog/connected.ts";
import { everything, someRows } from "../catalog/everything.ts";
import { schemaUri, tableUri } from "../../src/resources/uri.ts";

let server: Postgres;
let url: string;
let shop: Connected;

beforeAll(async () => {
  server = await startPostgres();
  url = await server.newDatabase("resources");
  await run(url, everything);
  await run(url, someRows);
  shop = await connected(url);
});
afterAll(async () => {
  await shop[Symbol.asyncDispose]();
  await server.stop();
});

async function all({ mcp }: Connected) {
  const found = [];
  let cursor: string | undefined;
  do {
    const { resources, nextCursor } = await mcp.client.listResources(cursor === undefined ? {} : { cursor });
    found.push(...resources);
    cursor = nextCursor;
  } while (cursor !== undefined);
  return found.filter(({ uri }) => uri.startsWith("pg:"));
}

async function read({ mcp }: Connected, uri: string): Promise<string> {
  const { contents } = await mcp.client.readResource({ uri });
  const [part] = contents;
  return part && "text" in part ? part.text : "";
}

const complete = async (
  name: string,
  value: string,
  given: Record<string, string> = {},
  uri = "pg://{database}/table/{schema}.{table}",
) =>
  (
    await shop.mcp.client.complete({
      ref: { type: "ref/resource", uri },
      argument: { name, value },
      context: { arguments: given },
    })
  ).completion.values;

describe("the list", () => {
  test("has every schema and every table, and each can be read by its URI", async () => {
    const found = await all(shop);
    expect(found.map(({ name }) => name)).toEqual(
      expect.arrayContaining(["app", "we ird", "app.orders", "we ird.a.b/c", "we ird.new\nline"]),
    );
    expect(found.filter(({ name }) => /pg_|events_2024|orders_id_seq/.test(name))).toEqual([]);
    for (const { uri } of found) {
      const text = await read(shop, uri);
      expect(text).toContain(uri.includes("/schema/") ? "schema " : "# ");
      expect(parts(text).inside).not.toBe("");
    }
    expect(new Set(found.map(({ uri }) => uri)).size).toBe(found.length);
  });

  test("goes on page by page", async () => {
    const many = await server.newDatabase("paged");
    await run(
      many,
      "DO $$ BEGIN FOR i IN 1..250 LOOP EXECUTE format('CREATE TABLE t%s (id int)', i); END LOOP; END $$",
    );
    await using other = await connected(many);
    const found = await all(other);
    expect(found).toHaveLength(251);
    expect(new Set(found.map(({ uri }) => uri)).size).toBe(251);
  });
});

describe("a table", () => {
  test("has its DDL, comments and keys, all in the fence", async () => {
    const text = await read(shop, "pg://shop/table/app.orders");
    const { inside, outside } = parts(text);
    expect(outside.trim()).toBe("");
    expect(inside).toMatch(/^# app\.orders\n\nA table\.\n\n```sql\n/);
    expect(inside).toContain("-- referenced by order_items");
    expect(inside).not.toContain("rows\n\n|");
  });

  test("a comment cannot leave the block", async () => {
    const { inside } = parts(await read(shop, tableUri("shop", "we ird", "a.b/c")));
    expect(inside).toContain("````sql\n");
    expect(inside.endsWith("\n````")).toBe(true);
  });

  test.for([
    ["we ird", "a.b/c"],
    ["we ird", "a"],
    ["we ird", "new\nline"],
    ["we ird", "ünï 漢字 🐘"],
    ["we ird", "%2E"],
    ["we ird", 'it\'s "q"'],
  ] as const)("%j.%j is read by its URI", async ([schema, name]) => {
    const uri = tableUri("shop", schema, name);
    expect(uri).toMatch(/^pg:\/\/shop\/table\/[A-Za-z0-9%_-]+\.[A-Za-z0-9%_-]+$/);
    expect(new URL(uri).href).toBe(uri);
    expect(await read(shop, uri)).toContain(`# "we ird".`);
  });

  test.for([
    "pg://shop/table/app.nope",
    "pg://nope/table/app.orders",
    "pg://shop/table/app.orders.x",
    "pg://shop/schema/nope",
    "pg://shop/table/APP.orders",
  ])("%s is not there", async (uri) => {
    await expect(shop.mcp.client.readResource({ uri })).rejects.toThrow(/not found/i);
  });

  test("rows are shown with --samples only, without masked columns", async () => {
    const mask = ["app.customers.token"];
    await using kept = await connected(url, { policy: { mask }, samples: true });
    const text = await read(kept, "pg://shop/table/app.customers");
    expect(text).toContain("## Some of its rows");
    expect(text).toMatch(/\| \d+ \| u\d+@example\.com \| n\d \|/);
    expect(text).not.toContain("TOKEN");
    expect(await read(shop, "pg://shop/table/app.customers")).not.toContain("@example.com");
  });

  test("denied schemas are neither listed nor read", async () => {
    await using kept = await connected(url, { policy: { denySchemas: ["secret"] }, samples: true });
    expect((await all(kept)).filter(({ uri }) => uri.includes("secret"))).toEqual([]);
    await expect(kept.mcp.client.readResource({ uri: "pg://shop/table/secret.keys" })).rejects.toThrow(/not found/i);
    await expect(kept.mcp.client.readResource({ uri: schemaUri("shop", "secret") })).rejects.toThrow(/not found/i);
    expect(await read(kept, "pg://shop/table/app.key_uses")).not.toContain("secret");
    expect(await read(kept, "pg://shop/schema/app")).not.toMatch(/secret(?!_note)/);
  });
});

describe("completion", () => {
  test("knows databases, schemas and tables", async () => {
    expect(await complete("database", "sh")).toEqual(["shop"]);
    expect(await complete("schema", "W", { database: "shop" })).toEqual(["we ird"]);
    expect(await complete("table", "order", { database: "shop", schema: "app" })).toEqual([
      "order_items",
      "orders",
      "open_orders",
    ]);
    expect(await complete("table", "", { database: "shop", schema: "we ird" })).toContain("a.b/c");
    expect(await complete("table", "x", { database: "nope" })).toEqual([]);
    expect(await complete("schema", "app", {}, "pg://{database}/schema/{schema}")).toEqual(["app"]);
  });

  test("shows nothing that is kept back", async () => {
    await using kept = await connected(url, { policy: { denySchemas: ["secret"] } });
    const { completion } = await kept.mcp.client.complete({
      ref: { type: "ref/resource", uri: "pg://{database}/schema/{schema}" },
      argument: { name: "schema", value: "" },
    });
    expect(completion.values).toEqual(["app", "public", "we ird"]);
  });
});

test("a table that is created is heard of at the next look", async () => {
  await using other = await connected(url);
  let changes = 0;
  catalogOf(other.database).onChange(() => changes++);
  await other.text();
  await other.text();
  expect(changes).toBe(0);
  await run(url, "CREATE TABLE app.brand_new (id int)");
  await other.text({ limit: 1 });
  expect(changes).toBe(1);
  expect((await all(other)).map(({ name }) => name)).toContain("app.brand_new");
  await run(
    url,
    "CREATE TABLE app.events_2027 PARTITION OF app.events FOR VALUES FROM ('2027-01-01') TO ('2028-01-01')",
  );
  await other.text({ limit: 1 });
  expect(changes).toBe(1);
  await run(url, "DROP TABLE app.brand_new");
  await other.text({ limit: 1 });
  expect(changes).toBe(2);
});
