import { connect, type Postgres, startPostgres, type TestClient } from "@mooring/testing";
import pg from "pg";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { advise as adviseOn } from "../../src/advise/advise.ts";
import type { Config } from "../../src/options.ts";
import { postgres as definition } from "../../src/server.ts";
import { advise } from "../../src/tools/advise.ts";
import { createHypopg, withoutHypopg } from "../hypopg.ts";
import { type Opened, openDatabase } from "../open-database.ts";

let server: Postgres;
let url: string;
let admin: pg.Client;
let opened: Opened;
let mcp: TestClient;

const byCustomer = "SELECT id, total FROM orders WHERE customer = 7 ORDER BY day DESC LIMIT 10";

const tables = `
  CREATE TABLE customers (id int PRIMARY KEY, email text);
  INSERT INTO customers SELECT i, 'Person' || i || '@example.com' FROM generate_series(1, 5000) i;
  CREATE TABLE orders (id int PRIMARY KEY, customer int REFERENCES customers, status text, day date, total numeric(10, 2), note text);
  INSERT INTO orders SELECT i, i % 250 + 1, CASE WHEN i % 100 = 0 THEN 'open' ELSE 'done' END, date '2020-01-01' + i / 50, i % 977, repeat('x', 60)
    FROM generate_series(1, 50000) i;
  CREATE INDEX orders_total ON orders (total);
  CREATE INDEX orders_total_twin ON orders (total);
  CREATE TABLE logs (at date, level int, body text) PARTITION BY RANGE (at);
  CREATE TABLE logs_1 PARTITION OF logs FOR VALUES FROM ('2020-01-01') TO ('2021-01-01');
  CREATE TABLE logs_2 PARTITION OF logs FOR VALUES FROM ('2021-01-01') TO ('2022-01-01');
  INSERT INTO logs SELECT date '2020-01-01' + i % 700, i % 1000, repeat('y', 40) FROM generate_series(1, 40000) i;`;

let hypopg = false;
beforeAll(async () => {
  server = await startPostgres({ settings: { shared_preload_libraries: "pg_stat_statements" } });
  url = await server.newDatabase("shop");
  admin = new pg.Client(url);
  await admin.connect();
  await admin.query(`${tables} CREATE EXTENSION pg_stat_statements`);
  hypopg = await createHypopg(admin);
  await admin.query("VACUUM ANALYZE");
  // One connection: what a call leaves behind in it is there for the next.
  opened = openDatabase(url, { max: 1 });
  mcp = await client(opened);
});
afterAll(async () => {
  await mcp[Symbol.asyncDispose]();
  await opened[Symbol.asyncDispose]();
  await admin.end();
  await server.stop();
});

function client({ databases }: Opened): Promise<TestClient> {
  return connect(
    { ...definition, tools: [advise] },
    { deps: { databases, config: {} as Config, stateDir: "/nonexistent" } },
  );
}

async function ask(args: object, on = mcp) {
  const { content, isError, _meta } = await on.call("advise", { ...args });
  const text = content.map((block) => (block.type === "text" ? block.text : "")).join("\n");
  return { text, isError, kind: (_meta?.["mooring/error"] as { kind: string } | undefined)?.kind };
}

const ddlOf = (text: string) => [...text.matchAll(/^\d+\. (CREATE INDEX .*;)$/gm)].map(([, ddl]) => ddl ?? "");

const hypothetical = async () => {
  const [row] = await opened.database.catalog<{ count: string }>(
    "SELECT count(*)::text AS count FROM hypopg()",
    [],
    AbortSignal.timeout(5_000),
  );
  return Number(row?.count);
};

describe("with hypopg", () => {
  beforeEach(({ skip }) => skip(!hypopg, withoutHypopg));

  test("recommends what the planner would use, and PostgreSQL then uses it", async () => {
    const { text, isError } = await ask({ target: [byCustomer] });
    expect(isError).toBeFalsy();
    expect(text).toMatch(
      /^1 index to create, about [\d.]+ MB\. Planner total of 1 statement: [\d,]+ → [\d.]+ \(−9\d\.\d %\), by hypopg 1\./,
    );
    const [ddl = ""] = ddlOf(text);
    expect(ddl).toMatch(
      /^CREATE INDEX CONCURRENTLY "orders_customer_day_idx" ON "public"\."orders" \("customer", "day"\)/,
    );
    expect(text).toMatch(/q1 [\d,]+ → [\d.]+: Seq Scan → Index/);
    expect(text).toContain("verified by hypopg");
    await admin.query(ddl);
    try {
      const { rows } = await admin.query(`EXPLAIN ${byCustomer}`);
      expect(JSON.stringify(rows)).toContain("orders_customer_day_idx");
    } finally {
      await admin.query("DROP INDEX orders_customer_day_idx");
    }
  });

  test("leaves no hypothetical index behind, whether it ends well, early or not at all", async () => {
    await ask({ target: [byCustomer] });
    expect(await hypothetical()).toBe(0);
    await ask({ target: [byCustomer, "SELECT nonsense FROM orders"] });
    expect(await hypothetical()).toBe(0);
    const stop = new AbortController();
    const running = adviseOn(
      opened.database,
      { target: many(40), maxSeconds: 20 },
      {
        signal: stop.signal,
        deadline: Date.now() + 20_000,
        progress: (done) => done > 20 && stop.abort(new Error("enough")),
      },
    );
    await expect(running).rejects.toThrow("enough");
    expect(await hypothetical()).toBe(0);
  });

  test("plans statements that change rows and never runs them", async () => {
    const state = async () =>
      (await admin.query("SELECT count(*), sum(total), max(xmin::text::bigint) FROM orders")).rows;
    const before = await state();
    const { text } = await ask({
      target: [
        "UPDATE orders SET total = 0 WHERE customer = 7",
        "DELETE FROM orders WHERE customer = 8 AND status = 'open'",
        "INSERT INTO orders SELECT id + 1000000, customer, status, day, total, note FROM orders WHERE customer = 9",
        "WITH gone AS (DELETE FROM orders WHERE customer = 3 RETURNING id) SELECT count(*) FROM gone",
      ],
    });
    expect(ddlOf(text).length).toBeGreaterThan(0);
    for (const ddl of ddlOf(text)) expect(ddl).toContain('"customer"');
    expect(await state()).toEqual(before);
  });

  test("an index on a column that an UPDATE sets ends HOT updates, and it says so", async () => {
    await admin.query("CREATE TABLE hot (id int PRIMARY KEY, n int, pad text) WITH (fillfactor = 50)");
    await admin.query("INSERT INTO hot SELECT i, i, repeat('z', 100) FROM generate_series(1, 20000) i");
    await admin.query("UPDATE hot SET n = n + 1 WHERE id <= 2000; ANALYZE hot; SELECT pg_stat_force_next_flush()");
    const { text } = await ask({ target: ["SELECT id FROM hot WHERE n = 5", "UPDATE hot SET n = 1 WHERE id = 3"] });
    expect(text).toMatch(/ON "public"\."hot" \("n"\)[\s\S]*ends [\d,]+ HOT updates/);
  });

  test.each([
    ["DROP TABLE orders", "Refused"],
    ["SELECT 1 FROM orders; DROP TABLE orders", "2 statements"],
    ["SELECT pg_read_file('/etc/passwd')", "Refused"],
    ["SELECT setval('s', 1)", "Refused"],
    ["EXPLAIN ANALYZE DELETE FROM orders", "EXPLAIN"],
    ["SELECT * INTO copied FROM orders", "Refused"],
    ["", "empty"],
    ["SELECT 1 FROM orders WHERE \0", "NUL"],
    ["SELEC 1", "parser refuses"],
    ["SELECT nowhere FROM orders", "nowhere"],
    ["SELECT 1", "no table of its own"],
  ])("skips %j with the reason, and advises on the others", async (sql, why) => {
    const { text, isError } = await ask({ target: [sql, byCustomer] });
    expect(isError).toBeFalsy();
    expect(text).toMatch(/Skipped:\nq1[ :]/);
    expect(text.slice(text.indexOf("Skipped:"))).toContain(why);
    expect(ddlOf(text)).toHaveLength(1);
    expect((await admin.query("SELECT count(*)::int AS n FROM orders")).rows).toEqual([{ n: 50_000 }]);
  });

  test("holds the budget, and says what did not fit", async () => {
    const { text } = await ask({ target: [byCustomer, "SELECT id FROM customers WHERE email = 'a'"], budget_mb: 0.4 });
    expect(text).toMatch(/about 0\.\d+ MB of 0\.40 MB\./);
    expect(text).toMatch(/Rejected:[\s\S]*(larger than the budget|does not fit into the budget)/);
  });

  test("expressions and partial indexes are tried like others", async () => {
    const { text } = await ask({
      target: [
        "SELECT id FROM customers WHERE lower(email) = 'person7@example.com'",
        "SELECT id FROM orders WHERE status = 'open' AND total > 900",
      ],
    });
    expect(text).toContain('ON "public"."customers" (("lower"("email")))');
    expect(text).toMatch(/WHERE \("status" = \('open'\)::"text"\)/);
  });

  test("a partitioned table gets one index for all partitions, and not CONCURRENTLY", async () => {
    const { text } = await ask({ target: ["SELECT body FROM logs WHERE level = 5"] });
    const [ddl = ""] = ddlOf(text);
    expect(ddl).toMatch(/^CREATE INDEX "logs_level_idx" ON "public"\."logs" \("level"\)/);
    expect(text).toContain("partitioned");
    await admin.query(ddl);
    await admin.query("DROP INDEX logs_level_idx");
  });

  test("duplicates and foreign keys without an index", async () => {
    const { text } = await ask({ target: ["SELECT note FROM orders WHERE total = 5"] });
    // Which of the two stays is the planner's taste.
    expect(text).toMatch(/DROP INDEX CONCURRENTLY "public"\."orders_total(_twin)?"; -- the same as "orders_total/);
    expect(text).toMatch(/CREATE INDEX CONCURRENTLY ON "public"\."orders" \("customer"\); -- foreign key/);
  });

  test("parameters without values get the generic plan", async () => {
    const { text } = await ask({ target: ["SELECT id FROM orders WHERE customer = $1"] });
    expect(ddlOf(text)).toEqual([expect.stringContaining('("customer")')]);
  });
});

describe("targets", () => {
  beforeEach(({ skip }) => skip(!hypopg, withoutHypopg));

  test("the workload, by time, without its literals", async () => {
    await admin.query("SELECT pg_stat_statements_reset()");
    for (let i = 0; i < 20; i++)
      await admin.query(`SELECT id, note FROM orders WHERE customer = ${i} AND note <> 'secret-literal'`);
    await admin.query("SELECT count(*) FROM pg_class");
    await admin.query("CREATE TABLE unrelated (a int)");
    const { text } = await ask({ target: "workload" });
    expect(ddlOf(text)).toContainEqual(expect.stringMatching(/ON "public"\."orders" \("customer"/));
    expect(text).toMatch(
      /q\d+ [\d,]+ → [\d,.]+, 20 calls, [\d,]+ ms: SELECT id, note FROM orders WHERE customer = \$1/,
    );
    expect(text).not.toContain("secret-literal");
    expect(text).toContain("generic plans");
    expect(text).not.toMatch(/unrelated|pg_stat_statements_reset|hypopg_|SET LOCAL/);
  });

  test("a table: what the workload asks of it, and its own state", async () => {
    const { text } = await ask({ target: "table:public.orders" });
    expect(text).toMatch(/DROP INDEX CONCURRENTLY "public"\."orders_total(_twin)?";/);
    expect(text).not.toContain('"customers" (');
  });

  test.each([
    ["something", "invalid_input"],
    ["table:nowhere", "not_found"],
    ['table:pg_catalog."', "not_found"],
    ["table:orders; DROP TABLE orders", "not_found"],
    [[], "invalid_input"],
    [[5], "invalid_input"],
  ])("%j is %s", async (target, kind) => {
    expect((await ask({ target })).kind).toBe(kind);
  });

  test("a budget or a time of nothing is refused", async () => {
    expect((await ask({ target: [byCustomer], budget_mb: 0 })).kind).toBe("invalid_input");
    expect((await ask({ target: [byCustomer], max_seconds: 0 })).kind).toBe("invalid_input");
  });
});

describe("without extensions", () => {
  let bare: Opened;
  let on: TestClient;
  beforeAll(async () => {
    const other = await server.newDatabase("bare");
    const plain = new pg.Client(other);
    await plain.connect();
    await plain.query(tables);
    await plain.query("VACUUM ANALYZE");
    await plain.end();
    bare = openDatabase(other);
    on = await client(bare);
  });
  afterAll(async () => {
    await on[Symbol.asyncDispose]();
    await bare[Symbol.asyncDispose]();
  });

  test("advises by rules, says that nothing was tried, and how to get hypopg", async () => {
    const { text, isError } = await ask({ target: [byCustomer] }, on);
    expect(isError).toBeFalsy();
    expect(ddlOf(text)[0]).toMatch(/\("customer", "day"\)/);
    expect(text).toContain("unverified");
    expect(text).not.toContain("verified by hypopg");
    expect(text).toContain("CREATE EXTENSION hypopg");
  });

  test("patterns say what they need", async () => {
    const { text } = await ask({ target: ["SELECT id FROM customers WHERE email LIKE '%7@%'"] }, on);
    expect(text).toMatch(/Not possible here:\npublic\.customers GIN \(email gin_trgm_ops\): .*pg_trgm/);
  });

  test("a workload that nobody recorded", async () => {
    const { text, kind } = await ask({ target: "workload" }, on);
    expect(kind).toBe("unavailable");
    expect(text).toContain("pg_stat_statements");
  });

  test("a table by its statistics alone", async () => {
    const { text, isError } = await ask({ target: "table:orders" }, on);
    expect(isError).toBeFalsy();
    expect(text).toMatch(/DROP INDEX CONCURRENTLY "public"\."orders_total(_twin)?";/);
    expect(text).toContain("only the table's statistics");
  });
});

describe("limits", () => {
  beforeEach(({ skip }) => skip(!hypopg, withoutHypopg));

  test.each([1_000, 400])("answers before a deadline of %i ms with what it has", async (ms) => {
    const started = Date.now();
    const { statements, recommended } = await adviseOn(
      opened.database,
      { target: many(60), maxSeconds: 20 },
      { signal: AbortSignal.timeout(ms), deadline: started + ms },
    );
    expect(Date.now() - started).toBeLessThan(ms);
    expect(statements.length).toBeGreaterThan(0);
    for (const { ddl } of recommended) expect(ddl).toMatch(/^CREATE INDEX/);
    expect(await hypothetical()).toBe(0);
  });

  test("says when time ran out", async () => {
    const { text } = await ask({ target: many(60), max_seconds: 0.15 });
    expect(text).toContain("Time ran out");
  });

  test("tells how far it is", async () => {
    const seen: number[] = [];
    await adviseOn(
      opened.database,
      { target: [byCustomer], maxSeconds: 20 },
      { signal: AbortSignal.timeout(20_000), deadline: Date.now() + 20_000, progress: (done) => seen.push(done) },
    );
    expect(seen.length).toBeGreaterThan(3);
    expect(seen).toEqual([...seen].sort((a, b) => a - b));
  });

  test("schemas that are denied and columns that are masked stay out", async () => {
    await admin.query(
      "CREATE SCHEMA hidden; CREATE TABLE hidden.t AS SELECT i AS a FROM generate_series(1, 20000) i; ANALYZE hidden.t",
    );
    await using closed = openDatabase(url, { policy: { denySchemas: ["hidden"], mask: ["public.orders.status"] } });
    await using on = await client(closed);
    const { text } = await ask(
      {
        target: [
          "SELECT a FROM hidden.t WHERE a = 5",
          "SELECT id FROM orders WHERE status = 'open' AND customer = 4",
          byCustomer,
        ],
      },
      on,
    );
    expect(text).toMatch(/Skipped:\nq1 .*\nq2 /);
    expect(ddlOf(text).join()).not.toMatch(/hidden|status/);
    expect((await ask({ target: "table:hidden.t" }, on)).kind).toBe("denied");
  });

  test("few bytes in the list of tools", async () => {
    const { tools } = await mcp.client.listTools();
    expect(Buffer.byteLength(JSON.stringify(tools))).toBeLessThanOrEqual(900);
  });
});

/** Joins of several tables: planning each takes a while. */
function many(count: number): string[] {
  return Array.from(
    { length: count },
    (_, i) =>
      `SELECT o.id FROM orders o JOIN customers c ON c.id = o.customer JOIN orders p ON p.customer = c.id JOIN orders q ON q.customer = c.id
        WHERE o.status = 'open' AND o.total = ${i} AND p.day = date '2020-01-01' + ${i} AND q.total > ${i} AND c.email = 'x${i}' ORDER BY o.day`,
  );
}
