import { type Postgres, startPostgres } from "@mooring/testing";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createHypopg, withoutHypopg } from "../hypopg.ts";
import { openDatabase, timeouts } from "../open-database.ts";
import { explaining } from "./explaining.ts";

let postgres: Postgres;
let admin: pg.Client;
let hypopg = false;
beforeAll(async () => {
  postgres = await startPostgres();
  admin = new pg.Client({ connectionString: postgres.url });
  await admin.connect();
  await admin.query(`
    CREATE TABLE customers (id int PRIMARY KEY, country text);
    INSERT INTO customers SELECT i, 'c' || i % 50 FROM generate_series(1, 5000) i;
    CREATE TABLE orders (id int PRIMARY KEY, customer_id int, status text, total int);
    INSERT INTO orders SELECT i, 1 + i % 5000, CASE WHEN i % 100 = 0 THEN 'open' ELSE 'done' END, i % 1000 FROM generate_series(1, 50000) i;
    CREATE TABLE fresh (a int) WITH (autovacuum_enabled = false);
    INSERT INTO fresh SELECT i % 10 FROM generate_series(1, 50000) i;
    CREATE TABLE pieces (k int, v int) PARTITION BY LIST (k);
    CREATE TABLE pieces_1 PARTITION OF pieces FOR VALUES IN (1);
    CREATE TABLE pieces_2 PARTITION OF pieces FOR VALUES IN (2);
    CREATE TABLE audit (n int);
    CREATE SEQUENCE s;
    CREATE FUNCTION effect() RETURNS int LANGUAGE plpgsql STABLE AS $$ BEGIN PERFORM pg_catalog.set_config('test.effect', 'yes', false); RETURN 1; END $$;
    CREATE FUNCTION fixed(int) RETURNS int LANGUAGE plpgsql IMMUTABLE AS $$ BEGIN PERFORM pg_catalog.set_config('test.effect', 'yes', false); RETURN 1; END $$;
    ANALYZE customers; ANALYZE orders;`);
  hypopg = await createHypopg(admin);
});
afterAll(async () => {
  await admin?.end();
  await postgres?.stop();
});

const sample = "SELECT * FROM orders WHERE customer_id = 5";
const index = "CREATE INDEX ON orders (customer_id)";
/** One connection, so that what a call leaves behind meets the next. */
const open = (more: Parameters<typeof openDatabase>[1] = {}) => openDatabase(postgres.url, { max: 1, ...more });
const signal = () => AbortSignal.timeout(20_000);

describe("explain", () => {
  it("shows the plan, where it hurts, and what to try; the picture can be read", async ({ skip }) => {
    skip(!hypopg, withoutHypopg);
    await using opened = open();
    await using client = await explaining(opened.databases);
    const { text, picture } = await client.ask({ sql: `${sample}; -- a comment at the end` });
    expect(text).toMatch(/^Estimated, not run: cost [\d,]+, 1 node, planning .+ ms\.\nShare of cost;/);
    expect(text).toContain("100% Seq Scan on orders  filter (orders.customer_id = 5)  rows 10");
    expect(text).toContain('Try hypothetical_indexes ["CREATE INDEX ON public.orders (customer_id)"]');
    expect(picture).toMatch(/^pg:\/\/default\/plan\/[0-9a-f]{32}\.svg$/);
    const { contents } = await client.client.readResource({ uri: picture ?? "" });
    expect(contents[0]).toMatchObject({
      uri: picture,
      mimeType: "image/svg+xml",
      text: expect.stringContaining("Seq Scan on orders"),
    });
    await expect(
      client.client.readResource({ uri: "pg://default/plan/0123456789abcdef0123456789abcdef.svg" }),
    ).rejects.toThrow(/not found/);
    await expect(client.client.readResource({ uri: (picture ?? "").replace("default", "other") })).rejects.toThrow(
      /not found/,
    );
  });

  it("measures what reads", async () => {
    await using opened = open();
    await using client = await explaining(opened.databases);
    const { text } = await client.ask({ sql: `${sample} AND id > $1`, params: ["0"], analyze: true });
    expect(text).toMatch(/^Measured: /);
    expect(text).toContain("dropped 49,990");
    expect(text).toContain("keeps 10 of 50,000 rows (100% of the work)");
  });

  it("plans for values, and generically without them; nothing prepared stays", async () => {
    await using opened = open();
    await using client = await explaining(opened.databases);
    const sql = "SELECT * FROM orders WHERE status = $1";
    const rows = ({ text }: { text: string }) => Number(/ rows ([\d,]+)/.exec(text)?.[1]?.replaceAll(",", ""));
    expect(rows(await client.ask({ sql, params: ["done"] }))).toBeGreaterThan(45_000);
    expect(rows(await client.ask({ sql, params: ["open"] }))).toBeLessThan(2_000);
    const generic = await client.ask({ sql });
    expect(generic.text).toContain("Generic plan: no values");
    expect(generic.text).toContain("status = $1");
    expect(rows(generic)).toBe(25_000);
    expect(generic.text).not.toContain("pruned for NULL");
    expect((await client.ask({ sql: "SELECT * FROM pieces WHERE k = $1" })).text).toContain("pruned for NULL");
    expect((await client.ask({ sql: "SELECT * FROM nowhere WHERE k = $1" })).failed).toBe(true);
    expect((await client.ask({ sql: "SELECT 1/0 + $1::int" })).text).toContain("division by zero");
    await opened.database.reading(
      async (session) =>
        expect(await session.rows("SELECT name FROM pg_prepared_statements WHERE from_sql")).toEqual([]),
      { signal: signal() },
    );
  });

  it("plans changes and makes none", async () => {
    await using opened = open();
    await using client = await explaining(opened.databases);
    const state = async () =>
      (
        await admin.query(
          "SELECT (SELECT sum(total + length(status)) FROM orders), (SELECT count(*) FROM orders), (SELECT is_called FROM s)",
        )
      ).rows;
    const before = await state();
    for (const sql of [
      "UPDATE orders SET total = total + 1 WHERE customer_id = $1",
      "DELETE FROM orders",
      "INSERT INTO orders SELECT nextval('s') + 100000, 1, 'x', 1 FROM orders",
      "MERGE INTO orders o USING customers c ON o.id = c.id WHEN MATCHED THEN DELETE",
      "WITH gone AS (DELETE FROM orders RETURNING *) SELECT * FROM gone",
    ]) {
      const { text, failed } = await client.ask({ sql });
      expect([sql, failed, text.split(":")[0]]).toEqual([sql, false, "Estimated, not run"]);
      const measured = await client.ask({ sql, analyze: true, ...(sql.includes("$1") && { params: ["1"] }) });
      expect([sql, measured.failed, /only read|Only what reads|Refused/i.test(measured.text)]).toEqual([
        sql,
        true,
        true,
      ]);
    }
    expect(await state()).toEqual(before);
  });

  it("pretends indexes for one call, and compares", async ({ skip }) => {
    skip(!hypopg, withoutHypopg);
    await using opened = open();
    await using client = await explaining(opened.databases);
    const { text } = await client.ask({ sql: sample, hypothetical_indexes: [index], compare: true });
    expect(text).toMatch(/Cost [\d,]+ without, [\d,.]+ with: [\d,]+ times less\./);
    expect(text).toContain("- Seq Scan on orders");
    expect(text).toMatch(/\+ Bitmap Index Scan on <\d+>btree_orders_customer_id/);
    expect((await client.ask({ sql: sample })).text).toContain("Seq Scan");
    const generic = await client.ask({
      sql: "SELECT * FROM orders WHERE customer_id = $1",
      hypothetical_indexes: [index],
      compare: true,
    });
    expect(generic.text).toMatch(/times less/);
    const json = await client.ask({ sql: sample, hypothetical_indexes: [index], compare: true, format: "json" });
    expect(Object.keys(JSON.parse(json.text.split("\n").find((line) => line.startsWith("{")) ?? "") as object)).toEqual(
      ["without", "with"],
    );
    expect(
      (await client.ask({ sql: sample, hypothetical_indexes: ["CREATE INDEX ON customers (country)"], compare: true }))
        .text,
    ).toContain("no difference");
  });

  it("forgets pretended indexes also where planning fails or is behind a pooler", async ({ skip }) => {
    skip(!hypopg, withoutHypopg);
    for (const settings of [{}, { pooler: true }]) {
      await using opened = open({ settings });
      await using client = await explaining(opened.databases);
      expect((await client.ask({ sql: "SELECT 1/0 FROM orders", hypothetical_indexes: [index] })).failed).toBe(true);
      expect(
        (await client.ask({ sql: sample, hypothetical_indexes: [index, "CREATE INDEX ON orders USING gin (status)"] }))
          .text,
      ).toContain("hypopg cannot pretend");
      await opened.database.reading(
        async (session) => expect(await session.rows("SELECT * FROM hypopg_list_indexes")).toEqual([]),
        { signal: signal() },
      );
    }
  });

  it("says what it leaves out without hypopg, or with an old one", async ({ skip }) => {
    skip(!hypopg, withoutHypopg);
    await using opened = open();
    await using client = await explaining(opened.databases);
    const hidden = await client.ask({
      sql: "SELECT * FROM orders WHERE id = 5",
      hide_indexes: ["orders_pkey"],
      compare: true,
    });
    expect(hidden.text).toContain("Without hide_indexes: that needs hypopg 1.4 or newer");
    expect(hidden.text).toContain("So there is nothing to compare: this is the plan as things are.");
    expect(hidden.text).toContain("Index Scan using orders_pkey");
    const bareUrl = await postgres.newDatabase("bare");
    await using bare = openDatabase(bareUrl);
    await using other = await explaining(bare.databases);
    const { text, failed } = await other.ask({
      sql: "SELECT 1",
      hypothetical_indexes: ["CREATE INDEX ON pg_class (relpages)"],
    });
    expect(failed).toBe(false);
    expect(text).toContain("the extension hypopg is not installed in this database (CREATE EXTENSION hypopg)");
    expect(text).not.toContain("nothing to compare");
    const bareAdmin = new pg.Client(bareUrl);
    await bareAdmin.connect();
    await bareAdmin.query("CREATE TABLE big AS SELECT i AS id FROM generate_series(1, 20000) i; ANALYZE big");
    await bareAdmin.end();
    const advised = (await other.ask({ sql: "SELECT * FROM big WHERE id = 5" })).text;
    expect(advised).toContain("CREATE INDEX ON public.big (id) should help; untested.");
    expect(advised).not.toContain("hypothetical_indexes");
  });

  it("proves what an index would run", async ({ skip }) => {
    skip(!hypopg, withoutHypopg);
    await using opened = open();
    await using client = await explaining(opened.databases);
    for (const pretended of [
      "CREATE INDEX ON orders (fixed(id))",
      "CREATE INDEX ON orders (id) WHERE fixed(id) = 1",
      "CREATE INDEX ON orders (id); DROP TABLE orders",
      "DROP TABLE orders",
      "SELECT 1",
      "CREATE INDEX ON orders ((SELECT 1))",
      "",
    ]) {
      const { text, failed } = await client.ask({ sql: sample, hypothetical_indexes: [pretended] });
      expect([pretended, failed]).toEqual([pretended, true]);
      expect(text).toMatch(/Refused|statements|empty|syntax/);
    }
    const { rows } = await admin.query("SELECT count(*)::int AS count FROM orders");
    expect(rows).toEqual([{ count: 50_000 }]);
    expect(
      (
        await client.ask({
          sql: sample,
          hypothetical_indexes: ["CREATE INDEX CONCURRENTLY ON orders (abs(customer_id)) WHERE lower(status) = 'open'"],
        })
      ).failed,
    ).toBe(false);
  });

  it("refuses functions that the planner would run", async () => {
    await using opened = open();
    await using client = await explaining(opened.databases);
    for (const sql of [
      "SELECT * FROM orders WHERE id = effect()",
      "UPDATE orders SET total = 1 WHERE id = effect()",
      "SELECT fixed(1)",
    ])
      for (const analyze of [false, true]) {
        const { text, failed } = await client.ask({ sql, analyze });
        expect([sql, failed]).toEqual([sql, true]);
        expect(text).toMatch(/effect|fixed|Only what reads/);
      }
    await opened.database.reading(
      async (session) =>
        expect(await session.rows("SELECT current_setting('test.effect', true) AS x")).toEqual([{ x: null }]),
      { signal: signal() },
    );
  });

  it("ends a measurement with the statement timeout, says so, and goes on", async () => {
    await using opened = open({ timeouts: { ...timeouts, statement: 300 } });
    await using client = await explaining(opened.databases);
    const { text, failed } = await client.ask({ sql: "SELECT pg_sleep(20)", analyze: true });
    expect(failed).toBe(true);
    expect(text).toContain("Running it took longer than the database allows");
    expect((await client.ask({ sql: sample })).failed).toBe(false);
  });

  it("knows tables that were never analysed, and what went stale", async () => {
    await using opened = open();
    await using client = await explaining(opened.databases);
    await expect
      .poll(async () => (await client.ask({ sql: "SELECT * FROM fresh WHERE a = 1" })).text, { timeout: 5_000 })
      .toContain("public.fresh was never analysed");
    expect((await client.ask({ sql: "SELECT * FROM fresh WHERE a = 1", analyze: true })).text).toContain(
      "ANALYZE public.fresh (never done)",
    );
  });

  it("tells wrong arguments apart", async () => {
    await using opened = open();
    await using client = await explaining(opened.databases);
    const fails = async (args: object) => {
      const { text, failed } = await client.ask(args);
      expect(failed).toBe(true);
      return text;
    };
    expect(await fails({ sql: "EXPLAIN SELECT 1" })).toContain("Give the statement alone");
    expect(await fails({ sql: "SHOW work_mem" })).toContain("SHOW has no plan");
    expect(await fails({ sql: "CREATE TABLE x AS SELECT 1" })).toContain("Refused");
    expect(await fails({ sql: "SELECT 1; SELECT 2" })).toContain("2 statements");
    expect(await fails({ sql: "" })).toContain("empty");
    expect(await fails({ sql: "SELEC 1" })).toContain("syntax");
    expect(await fails({ sql: "ANALYZE SELECT 1" })).toContain("syntax");
    expect(await fails({ sql: "SELECT 1", params: ["1"] })).toContain("has 0 parameters, and params holds 1");
    expect(await fails({ sql: "SELECT $1::int + $2", params: ["1"] })).toContain(
      "has 2 parameters, and params holds 1",
    );
    expect(await fails({ sql: "SELECT $1::int", analyze: true })).toContain("needs values");
    expect(await fails({ sql: "SELECT 1", compare: true })).toContain("nothing to compare");
    expect(await fails({ sql: sample, analyze: true, hypothetical_indexes: [index] })).toContain("cannot be run");
    expect(await fails({ sql: "SELECT * FROM orders WHERE id = $1", params: ["x"] })).toContain("invalid input syntax");
  });
});
