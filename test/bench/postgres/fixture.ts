import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import type pgDriver from "pg";

// The driver is the server's dependency, not the workspace's.
const require = createRequire(fileURLToPath(new URL("../../../servers/postgres/package.json", import.meta.url)));
const { Client } = require("pg") as typeof pgDriver;

export async function withClient<T>(url: string, work: (client: pgDriver.Client) => Promise<T>): Promise<T> {
  const client = new Client(url);
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

/** 10,000 ordinary rows for lookups, a million for what is large. */
export async function fill(url: string): Promise<void> {
  await withClient(url, async (client) => {
    await client.query(`
      CREATE TABLE items (id int PRIMARY KEY, name text, price numeric(10,2), tags text[], changed timestamptz);
      INSERT INTO items SELECT i, 'item ' || i, i / 7.0, ARRAY['a', 'b' || i % 10], timestamptz '2026-01-01' + i * interval '1 minute'
        FROM generate_series(1, 10000) i;
      CREATE TABLE million (id int PRIMARY KEY, name text, value numeric, at timestamptz);
      INSERT INTO million SELECT i, 'name number ' || i, i * 1.5, timestamptz '2026-01-01' + i * interval '1 second'
        FROM generate_series(1, 1000000) i;
      ANALYZE`);
  });
}
