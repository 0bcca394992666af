import type pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type OpenDemo, openDemo } from "./open-demo.ts";

let demo: OpenDemo;
let client: pg.Client;
beforeAll(async () => {
  demo = await openDemo();
  client = await demo.client();
});
afterAll(() => demo[Symbol.asyncDispose]());

const rows = async (sql: string) => (await client.query({ text: sql, rowMode: "array" })).rows as unknown[][];
const plan = async (sql: string) => (await rows(`EXPLAIN ${sql}`)).join("\n");

describe("the shop", () => {
  it.each([
    ["shop.customers", 4_000],
    ["shop.categories", 24],
    ["shop.products", 480],
    ["shop.promotions", 4],
    ["shop.orders", 24_000],
    ["shop.order_items", 60_030],
    ["shop.reviews", 5_000],
    ["shop.carts", 1_681],
    ["shop.price_import", 4_800],
    ["analytics.events", 30_000],
    ["analytics.daily_sales", 363],
    ["audit.changes", 205],
  ])("has as many rows of %s each time: %i", async (table, count) => {
    expect(await rows(`SELECT count(*)::int FROM ${table}`)).toEqual([[count]]);
  });

  it("has the same values each time", async () => {
    expect(
      await rows(
        "SELECT sum(total)::text, min(placed_at)::text, max(placed_at)::text, count(shipped_at)::int FROM shop.orders",
      ),
    ).toEqual([["18302576.78", "2025-01-03 08:32:39+00", "2025-12-31 23:49:03+00", 22284]]);
    const tables = ["customers", "products", "orders", "order_items", "reviews", "carts"];
    const sums = await rows(
      tables
        .map((name) => `SELECT '${name}', sum(hashtextextended(t::text, 0))::text FROM shop.${name} t`)
        .join(" UNION ALL "),
    );
    expect(Object.fromEntries(sums)).toMatchInlineSnapshot(`
      {
        "carts": "-331932804203389086547",
        "customers": "304094136498580485837",
        "order_items": "-343586532388984070955",
        "orders": "-268507142639208223997",
        "products": "89863372188593353803",
        "reviews": "-41494507299503560326",
      }
    `);
  });

  // They were loaded with the checks of foreign keys off.
  it("keeps its own rules", async () => {
    const keys = await rows(`
      SELECT format('SELECT count(*)::int FROM %s f WHERE %I IS NOT NULL AND NOT EXISTS (SELECT FROM %s t WHERE t.id = f.%2$I)',
        conrelid::regclass, a.attname, confrelid::regclass)
      FROM pg_constraint JOIN pg_attribute a ON a.attrelid = conrelid AND a.attnum = conkey[1] WHERE contype = 'f'`);
    expect(keys).toHaveLength(8);
    for (const [sql] of keys) expect([sql, await rows(String(sql))]).toEqual([sql, [[0]]]);
    expect(
      await rows(`SELECT count(*)::int FROM shop.orders o WHERE total <>
        (SELECT sum(quantity * unit_price) FROM shop.order_items i WHERE i.order_id = o.id)`),
    ).toEqual([[0]]);
    expect(await rows("SELECT current_setting('session_replication_role')")).toEqual([["origin"]]);
  });

  it("has numbers beyond JavaScript's, full text, JSON, ranges, and months of their own", async () => {
    expect(await rows("SELECT min(id)::text FROM analytics.events")).toEqual([["9007199254745089"]]);
    expect(
      await plan("SELECT * FROM shop.reviews WHERE search @@ websearch_to_tsquery('english', 'salt water')"),
    ).toContain("reviews_search_idx");
    expect(await rows("SELECT name FROM shop.promotions WHERE valid @> date '2025-12-05'")).toEqual([["Advent"]]);
    const pruned = await plan("SELECT * FROM analytics.events WHERE occurred_at >= '2025-12-01'");
    expect(pruned).toContain("events_2025_12");
    expect(pruned).not.toContain("events_2025_11");
  });

  it("explains itself: a comment on every schema and on most tables", async () => {
    expect(
      await rows(`SELECT nspname FROM pg_namespace WHERE nspname IN ('shop', 'analytics', 'audit')
        AND obj_description(oid, 'pg_namespace') IS NOT NULL ORDER BY 1`),
    ).toEqual([["analytics"], ["audit"], ["shop"]]);
  });
});

describe("what is wrong with it", () => {
  it("foreign keys without an index, so that a customer's orders take a scan of all", async () => {
    expect(
      await rows(`SELECT conrelid::regclass::text, a.attname FROM pg_constraint
        JOIN pg_attribute a ON a.attrelid = conrelid AND a.attnum = conkey[1]
        WHERE contype = 'f' AND NOT EXISTS (SELECT FROM pg_index WHERE indrelid = conrelid AND indkey[0] = conkey[1]) ORDER BY 1`),
    ).toEqual([
      ["shop.orders", "customer_id"],
      ["shop.reviews", "customer_id"],
    ]);
    expect(await plan("SELECT * FROM shop.orders WHERE customer_id = 42 ORDER BY placed_at DESC")).toContain(
      "Seq Scan on orders",
    );
  });

  it("indexes: one twice, one that another covers, one unused, one invalid", async () => {
    expect(
      await rows(`SELECT string_agg(indexrelid::regclass::text, ' ' ORDER BY indexrelid::regclass::text) FROM pg_index
        WHERE indrelid = 'shop.orders'::regclass GROUP BY indkey::text HAVING count(*) > 1`),
    ).toEqual([["shop.idx_orders_date shop.orders_placed_at_idx"]]);
    expect(await rows("SELECT to_regclass('shop.order_items_order_id_idx') IS NOT NULL")).toEqual([[true]]);
    expect(
      await rows(
        `SELECT idx_scan::int, pg_relation_size(indexrelid) > 1048576 FROM pg_stat_user_indexes WHERE indexrelname = 'idx_items_report'`,
      ),
    ).toEqual([[0, true]]);
    expect(await rows("SELECT indexrelid::regclass::text FROM pg_index WHERE NOT indisvalid")).toEqual([
      ["shop.customers_name_key"],
    ]);
  });

  it("a table without a key that nobody analysed, while all others are", async () => {
    expect(await rows("SELECT relname FROM pg_stat_user_tables WHERE last_analyze IS NULL")).toEqual([
      ["price_import"],
    ]);
    expect(await rows("SELECT count(*)::int FROM pg_stats WHERE tablename = 'price_import'")).toEqual([[0]]);
    expect(
      await rows(`SELECT oid::regclass::text FROM pg_class c WHERE relkind = 'r' AND relnamespace IN ('shop'::regnamespace, 'audit'::regnamespace)
        AND NOT EXISTS (SELECT FROM pg_constraint WHERE conrelid = c.oid AND contype = 'p')`),
    ).toEqual([["shop.price_import"]]);
  });

  it("dead rows, a key that is nearly used up, a rule that old rows break, a function with its owner's rights", async () => {
    expect(await rows("SELECT n_dead_tup > 2 * n_live_tup FROM pg_stat_user_tables WHERE relname = 'carts'")).toEqual([
      [true],
    ]);
    expect(await rows("SELECT max(id) > 2040000000 FROM audit.changes")).toEqual([[true]]);
    expect(await rows("SELECT conname FROM pg_constraint WHERE NOT convalidated")).toEqual([
      ["products_weight_positive"],
    ]);
    expect(await rows("SELECT count(*) > 0 FROM shop.products WHERE weight_g <= 0")).toEqual([[true]]);
    expect(
      await rows(
        "SELECT proname FROM pg_proc WHERE prosecdef AND proconfig IS NULL AND pronamespace = 'shop'::regnamespace",
      ),
    ).toEqual([["close_account"]]);
  });

  it("queries that take long, and are remembered", async () => {
    const [[slowest]] = (await rows(
      // Not the sums of all rows above, which a busy machine makes slower still.
      `SELECT query FROM pg_stat_statements
        WHERE query LIKE 'SELECT%shop.%' AND query NOT LIKE '%hashtextextended%' ORDER BY total_exec_time DESC LIMIT 1`,
    )) as [[string]];
    expect(slowest).toMatch(/shop\.(orders WHERE customer_id|customers WHERE lower|reviews WHERE body)/);
    expect(await rows("SELECT seq_scan >= 15 FROM pg_stat_user_tables WHERE relname = 'customers'")).toEqual([[true]]);
  });
});
