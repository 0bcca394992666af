import { afterAll, beforeAll, expect, test } from "vitest";
import { shapeOf } from "../../src/resources/read-table.ts";
import { type Connected, connected, type Postgres, run, startPostgres } from "../catalog/connected.ts";

let server: Postgres;
let url: string;
let shop: Connected;
const never = new AbortController().signal;

beforeAll(async () => {
  server = await startPostgres();
  url = await server.newDatabase("watched");
  await run(url, "CREATE TABLE t (id int PRIMARY KEY)");
  shop = await connected(url);
});
afterAll(async () => {
  await shop[Symbol.asyncDispose]();
  await server.stop();
});

test("rows are no change of a table; columns, indexes and comments are", async () => {
  const shapes = [await shapeOf(shop.database, "public", "t", never)];
  await run(url, "INSERT INTO t SELECT generate_series(1, 5000); ANALYZE t");
  expect(await shapeOf(shop.database, "public", "t", never)).toBe(shapes[0]);
  for (const change of [
    "ALTER TABLE t ADD c text",
    "CREATE INDEX ON t (c)",
    "COMMENT ON COLUMN t.c IS 'x'",
    "ALTER TABLE t ENABLE ROW LEVEL SECURITY",
  ]) {
    await run(url, change);
    shapes.push(await shapeOf(shop.database, "public", "t", never));
  }
  expect(new Set(shapes).size).toBe(5);
});

test("what is not there cannot be followed, what is can", async () => {
  await expect(shop.mcp.client.subscribeResource({ uri: "pg://shop/table/public.nope" })).rejects.toThrow(/./);
  await expect(shapeOf(shop.database, "public", "nope", never)).rejects.toThrow(/no such table/);
});
