/**
 * Writes the plans in `fixtures`: answers of a real PostgreSQL 15 and, for what only newer versions say, of PGlite (18). Run it
 * with `TEST_SERVICES=process node test/plan/make-fixtures.ts` after adding a plan. Times differ from run to run, so tests
 * must not depend on them; what is spilled, dropped or misestimated is the same.
 */
import { mkdir, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { PGlite } from "@electric-sql/pglite";
import { startPostgres } from "@mooring/testing";
import pg from "pg";

const folder = fileURLToPath(new URL("fixtures/", import.meta.url));

const setup = `
  SELECT setseed(0.5);
  CREATE TABLE customers (id int PRIMARY KEY, name text, country text, city text);
  INSERT INTO customers SELECT i, 'customer ' || i, 'country ' || i % 50, 'city ' || i % 50 FROM generate_series(1, 10000) i;
  CREATE TABLE orders (id int PRIMARY KEY, customer_id int REFERENCES customers, status text, total int, note text, placed date);
  INSERT INTO orders SELECT i, 1 + (i * 7) % 10000, CASE WHEN i % 100 = 0 THEN 'open' ELSE 'done' END, i % 1000, repeat('x', 60),
    date '2024-01-01' + i % 700 FROM generate_series(1, 100000) i;
  CREATE INDEX orders_placed ON orders (placed);
  CREATE INDEX orders_total ON orders (total);
  CREATE TABLE pieces (k int, v int) PARTITION BY LIST (k);
  CREATE TABLE pieces_1 PARTITION OF pieces FOR VALUES IN (1);
  CREATE TABLE pieces_2 PARTITION OF pieces FOR VALUES IN (2);
  CREATE TABLE pieces_3 PARTITION OF pieces FOR VALUES IN (3);
  INSERT INTO pieces SELECT 1 + i % 3, i FROM generate_series(1, 30000) i;
  CREATE TABLE fresh (a int, b int) WITH (autovacuum_enabled = false);
  INSERT INTO fresh SELECT i % 10, i FROM generate_series(1, 50000) i;
  ANALYZE customers; ANALYZE orders; ANALYZE pieces;`;

interface Case {
  /** Default: ANALYZE. */
  readonly plain?: true;
  readonly settings?: Readonly<Record<string, string>>;
  readonly before?: string;
  readonly sql: string;
}

const serial = { max_parallel_workers_per_gather: "0" };
const parallel = {
  max_parallel_workers_per_gather: "2",
  parallel_setup_cost: "0",
  parallel_tuple_cost: "0",
  min_parallel_table_scan_size: "0",
};

const cases: Readonly<Record<string, Case>> = {
  "seq-filter": { settings: serial, sql: "SELECT * FROM orders WHERE customer_id = 5" },
  "seq-filter-plain": { plain: true, settings: serial, sql: "SELECT * FROM orders WHERE customer_id = 5" },
  "parallel-join": {
    settings: parallel,
    sql: "SELECT c.country, count(*) FROM orders o JOIN customers c ON c.id = o.customer_id WHERE o.status = 'open' GROUP BY 1 ORDER BY 2 DESC LIMIT 5",
  },
  "external-sort": { settings: { ...serial, work_mem: "1MB" }, sql: "SELECT * FROM orders ORDER BY note, total DESC" },
  "hash-batches": {
    settings: { ...serial, work_mem: "64kB", enable_mergejoin: "off" },
    sql: "SELECT * FROM orders o JOIN customers c ON c.id = o.customer_id",
  },
  "aggregate-spill": {
    settings: { ...serial, work_mem: "64kB", enable_sort: "off" },
    sql: "SELECT customer_id, count(*) FROM orders GROUP BY 1",
  },
  "cte-and-initplan": {
    settings: serial,
    sql: "WITH big AS MATERIALIZED (SELECT * FROM orders WHERE total > 500) SELECT (SELECT max(total) FROM big), count(*) FROM big WHERE total > (SELECT avg(id) / 100 FROM customers)",
  },
  "repeated-subquery": {
    settings: serial,
    sql: "SELECT c.id, (SELECT count(*) FROM pieces_1 p WHERE p.v < c.id % 3) FROM customers c WHERE c.id <= 1500",
  },
  "hashed-subplan": {
    settings: serial,
    sql: "SELECT count(*) FROM orders WHERE customer_id NOT IN (SELECT id FROM customers WHERE id > 9000)",
  },
  "nested-loop-scan": {
    settings: {
      ...serial,
      enable_hashjoin: "off",
      enable_mergejoin: "off",
      enable_material: "off",
      enable_memoize: "off",
      enable_indexscan: "off",
      enable_bitmapscan: "off",
    },
    sql: "SELECT * FROM customers c JOIN orders o ON o.customer_id = c.id WHERE c.id < 20",
  },
  memoize: {
    settings: { ...serial, enable_hashjoin: "off", enable_mergejoin: "off" },
    sql: "SELECT * FROM orders o JOIN customers c ON c.id = o.total % 10 + 1 WHERE o.id < 20000",
  },
  "incremental-sort": { settings: serial, sql: "SELECT * FROM orders ORDER BY total, note LIMIT 500" },
  "lossy-bitmap": {
    settings: { ...serial, work_mem: "64kB", enable_seqscan: "off", enable_indexscan: "off" },
    sql: "SELECT * FROM orders WHERE total < 900 AND note <> 'x'",
  },
  "partitions-generic": {
    plain: true,
    before: "SET plan_cache_mode = force_generic_plan; PREPARE p AS SELECT * FROM pieces WHERE k = $1",
    sql: "EXECUTE p(NULL)",
  },
  "parallel-append": {
    settings: { ...parallel, enable_partitionwise_aggregate: "on" },
    sql: "SELECT count(*) FROM pieces",
  },
  update: { plain: true, sql: "UPDATE orders SET status = 'x' WHERE customer_id = 5" },
  "dependent-columns": {
    settings: serial,
    sql: "SELECT * FROM customers WHERE country = 'country 7' AND city = 'city 7' AND id > 0",
  },
  "dependent-join": {
    settings: serial,
    sql: "SELECT * FROM customers c JOIN orders o ON o.customer_id = c.id WHERE c.country = 'country 7' AND c.city = 'city 7'",
  },
  "never-analyzed": { plain: true, sql: "SELECT * FROM fresh WHERE a = 3" },
  "heap-fetches": {
    settings: { ...serial, enable_seqscan: "off", enable_bitmapscan: "off" },
    sql: "SELECT total FROM orders WHERE total < 900",
  },
  jit: {
    settings: { ...serial, jit: "on", jit_above_cost: "0", jit_optimize_above_cost: "0" },
    sql: "SELECT sum(total), count(note) FROM orders WHERE total % 3 = 1",
  },
  limit: { settings: serial, sql: "SELECT * FROM orders WHERE status = 'done' LIMIT 3" },
  insert: { sql: "INSERT INTO orders SELECT 200000 + i, 1 + i % 10000, 'new' FROM generate_series(1, 5000) i" },
  window: {
    settings: serial,
    sql: "SELECT id, sum(total) OVER (PARTITION BY customer_id ORDER BY id) FROM orders WHERE id < 5000",
  },
};

/** Of PostgreSQL 18 only: fractions of rows, index searches, what is disabled. */
const newer: Readonly<Record<string, string>> = {
  "18-index-searches": "SELECT count(*) FROM wide WHERE b = ANY (ARRAY(SELECT 400 * i FROM generate_series(1, 150) i))",
  "18-fractions": "SELECT * FROM wide w JOIN small s ON s.a = w.b % 40 WHERE w.b < 500",
  "18-disabled": "SELECT * FROM plain",
};

await mkdir(folder, { recursive: true });
const save = (name: string, plan: unknown) => writeFile(`${folder}${name}.json`, `${JSON.stringify(plan)}\n`);

{
  await using postgres = await startPostgres();
  const client = new pg.Client({ connectionString: postgres.url });
  await client.connect();
  await client.query(setup);
  for (const [name, { plain, settings = {}, before = "", sql }] of Object.entries(cases)) {
    await client.query("BEGIN");
    for (const [setting, value] of Object.entries(settings)) await client.query(`SET LOCAL ${setting} = '${value}'`);
    if (before) await client.query(before);
    const options = plain
      ? "FORMAT JSON, VERBOSE, SETTINGS, SUMMARY"
      : "FORMAT JSON, VERBOSE, SETTINGS, SUMMARY, ANALYZE, BUFFERS";
    const { rows } = await client.query<{ "QUERY PLAN": unknown }>(`EXPLAIN (${options}) ${sql}`);
    await save(name, rows[0]?.["QUERY PLAN"]);
    await client.query("ROLLBACK");
  }
  await client.end();
}

{
  const lite = await PGlite.create();
  await lite.exec(`
    CREATE TABLE wide AS SELECT i % 5 AS a, i AS b FROM generate_series(1, 100000) i;
    CREATE INDEX wide_b ON wide (b);
    CREATE TABLE small AS SELECT i AS a FROM generate_series(1, 100) i;
    CREATE TABLE plain AS SELECT 1 AS a;
    CREATE INDEX small_a ON small (a);
    ANALYZE; SET enable_seqscan = off; SET enable_bitmapscan = off; SET enable_hashjoin = off; SET enable_mergejoin = off; SET enable_memoize = off`);
  for (const [name, sql] of Object.entries(newer)) {
    const { rows } = await lite.query<{ "QUERY PLAN": unknown }>(
      `EXPLAIN (FORMAT JSON, VERBOSE, SETTINGS, SUMMARY, ANALYZE, BUFFERS, SERIALIZE TEXT) ${sql}`,
    );
    await save(name, rows[0]?.["QUERY PLAN"]);
  }
  await lite.close();
}
