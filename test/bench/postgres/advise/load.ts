import { readFileSync } from "node:fs";
import type pg from "pg";

/** Loads the order system of `schema.sql`: `orders` orders, four lines each. */
export async function load(client: pg.Client, orders: number): Promise<void> {
  const sql = readFileSync(new URL("./schema.sql", import.meta.url), "utf8");
  await client.query(sql.replaceAll("{scale}", String(orders)));
  // The visibility map decides about index-only scans.
  await client.query("VACUUM (ANALYZE)");
}
