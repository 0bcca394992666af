import pg from "pg";

export async function withClient<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client(url);
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
