import { afterAll, beforeAll, expect, test } from "vitest";
import { type Connected, connected, parts, type Postgres, run, startPostgres } from "../catalog/connected.ts";
import { manyTables } from "../catalog/everything.ts";

let server: Postgres;
let shop: Connected;

beforeAll(async () => {
  // All tables are made in one transaction.
  server = await startPostgres({ settings: { max_locks_per_transaction: "256" } });
  const url = await server.newDatabase("large");
  await run(url, `CREATE SCHEMA many; ${manyTables(2_000)}`);
  await run(url, "ANALYZE");
  shop = await connected(url);
});
afterAll(async () => {
  await shop[Symbol.asyncDispose]();
  await server.stop();
});

async function pages(limit: number): Promise<string[]> {
  const found: string[] = [];
  let cursor: string | undefined;
  do {
    const text = await shop.text({ limit, ...(cursor && { cursor }) });
    found.push(text);
    cursor = /More: cursor "(.*)"\.$/.exec(text)?.[1];
  } while (cursor);
  return found;
}

test("2,000 tables: one query a page, each table once, few bytes, little time", async () => {
  await shop.text({ limit: 1 });
  const before = shop.queries();
  const start = performance.now();
  const found = await pages(1_000);
  const took = performance.now() - start;
  expect(shop.queries() - before).toBe(found.length);
  const names = found.flatMap((text) => [...parts(text).inside.matchAll(/^(t_\d{5})[ :]/gm)].map(([, name]) => name));
  expect(names).toHaveLength(2_000);
  expect(new Set(names).size).toBe(2_000);
  expect(names).toEqual([...names].sort((a = "", b = "") => (a < b ? -1 : 1)));
  const bytes = found.reduce((sum, text) => sum + Buffer.byteLength(text), 0);
  console.error(`overview: ${found.length} pages, ${Math.round(bytes / 2_000)} bytes a table, ${Math.round(took)} ms`);
  // Ten columns with their types and a foreign key.
  expect(bytes / 2_000).toBeLessThan(195);
  expect(took).toBeLessThan(2_000);
});

test("a page of standard size is small, and says what it is part of", async () => {
  const text = await shop.text();
  expect(text).toContain("2,000 objects; here 1-100.");
  expect(Buffer.byteLength(text)).toBeLessThan(20_000);
});

test("a page never has more bytes than a model can bear", async () => {
  const [first = ""] = await pages(1_000);
  expect(Buffer.byteLength(first)).toBeLessThan(241_000);
});

test("find is two queries, however many tables", async () => {
  const before = shop.queries();
  const text = await shop.text({ find: "t_01234" });
  expect(shop.queries() - before).toBe(2);
  expect(parts(text).inside.split("\n")[0]).toMatch(/^many\.t_01234: /);
});
