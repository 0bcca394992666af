import { type Postgres, startPostgres } from "@mooring/testing";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openDatabase } from "../open-database.ts";
import { explaining } from "./explaining.ts";

let postgres: Postgres;
let admin: pg.Client;

beforeAll(async () => {
  postgres = await startPostgres({ settings: { max_prepared_transactions: "5" } });
  admin = new pg.Client({ connectionString: postgres.url });
  await admin.connect();
  const { username, password, pathname } = new URL(postgres.url);
  // As the server reaches itself: in a container by another port than from here.
  const { rows } = await admin.query<{ port: number }>("SELECT inet_server_port() AS port");
  const loop = `host=127.0.0.1 port=${rows[0]?.port} dbname=${pathname.slice(1)} user=${username} password=${password}`;
  await admin.query(`
    CREATE EXTENSION dblink;
    CREATE ROLE app LOGIN PASSWORD 'app-secret';
    CREATE TABLE accounts (id int PRIMARY KEY, name text, balance int);
    INSERT INTO accounts SELECT i, 'n' || i, i * 100 FROM generate_series(1, 3) i;
    CREATE TABLE audit (n int);
    CREATE SEQUENCE s1;
    CREATE SCHEMA evil;
    CREATE FUNCTION outside() RETURNS int LANGUAGE plpgsql VOLATILE AS
      $$ BEGIN PERFORM public.dblink_exec('${loop}', 'INSERT INTO audit VALUES (1)'); RETURN 1; END $$;
    CREATE FUNCTION fake_stable() RETURNS int LANGUAGE plpgsql STABLE AS $$ BEGIN RETURN public.outside(); END $$;
    CREATE FUNCTION fake_immutable(int) RETURNS int LANGUAGE plpgsql IMMUTABLE AS $$ BEGIN RETURN public.outside(); END $$;
    CREATE FUNCTION evil_attr(accounts) RETURNS int LANGUAGE plpgsql STABLE AS $$ BEGIN RETURN public.outside(); END $$;
    CREATE FUNCTION evil_op(int, int) RETURNS bool LANGUAGE plpgsql STABLE AS $$ BEGIN PERFORM public.outside(); RETURN true; END $$;
    CREATE OPERATOR === (leftarg = int, rightarg = int, function = evil_op);
    CREATE FUNCTION evil_chk(int) RETURNS bool LANGUAGE plpgsql AS $$ BEGIN PERFORM public.outside(); RETURN true; END $$;
    CREATE DOMAIN evil_dom AS int CHECK (evil_chk(value));
    CREATE VIEW v_evil AS SELECT * FROM accounts WHERE id = fake_stable();
    GRANT SELECT ON ALL TABLES IN SCHEMA public TO app;
    ANALYZE;`);
});
afterAll(async () => {
  await admin?.end();
  await postgres?.stop();
});

/** Each is given whole, without its EXPLAIN, and as what is to be measured. */
const attacks = [
  "EXPLAIN ANALYZE DELETE FROM accounts",
  "EXPLAIN (ANALYZE false, ANALYZE) DELETE FROM accounts",
  "EXPLAIN ANALYZE CREATE TABLE pwn AS SELECT 1",
  "EXPLAIN SELECT * FROM accounts WHERE id = fake_stable()",
  "EXPLAIN SELECT * FROM accounts WHERE id = fake_immutable(1)",
  "EXPLAIN UPDATE accounts SET balance = 0 WHERE id = fake_stable()",
  "EXPLAIN INSERT INTO accounts VALUES (fake_immutable(1), 'x', 1)",
  "EXPLAIN DELETE FROM accounts USING v_evil WHERE accounts.id = v_evil.id",
  "EXPLAIN SELECT * FROM v_evil",
  "EXPLAIN SELECT a.evil_attr FROM accounts a WHERE a.evil_attr = 1",
  "EXPLAIN SELECT * FROM accounts WHERE id === 1",
  "EXPLAIN SELECT 1::evil_dom",
  "EXPLAIN (ANALYZE) WITH gone AS (DELETE FROM accounts RETURNING *) SELECT * FROM gone",
  "EXPLAIN ANALYZE SELECT * INTO pwn FROM accounts",
  "EXPLAIN ANALYZE SELECT nextval('s1')",
  "EXPLAIN ANALYZE EXECUTE p",
  "EXPLAIN ANALYZE DECLARE c CURSOR FOR SELECT 1",
  "EXPLAIN ANALYZE REFRESH MATERIALIZED VIEW accounts",
  "EXPLAIN SELECT 1) DELETE FROM accounts --",
  "EXPLAIN SELECT 1; DELETE FROM accounts",
  "EXPLAIN SELECT 1;\n/* */ COMMIT; CREATE TABLE pwn ()",
  "EXPLAIN (ANALYZE) DELETE FROM accounts",
  "EXPLAIN ANALYZE VERBOSE TRUNCATE accounts",
];

async function state(): Promise<unknown> {
  const { rows } = await admin.query(`SELECT (SELECT string_agg(a::text, ',' ORDER BY id) FROM accounts a) AS accounts,
    (SELECT count(*) FROM audit) AS audit, (SELECT is_called FROM s1) AS sequence, (SELECT count(*) FROM pg_class WHERE relname = 'pwn') AS pwn,
    (SELECT count(*) FROM pg_prepared_xacts) AS prepared`);
  return rows;
}

describe.each(["test", "app"])("as %s nothing takes effect", (role) => {
  const url = () => (role === "test" ? postgres.url : postgres.url.replace("test:test", "app:app-secret"));

  it.each(attacks)("%s", async (sql) => {
    await using opened = openDatabase(url());
    await using client = await explaining(opened.databases);
    const before = await state();
    const bare = sql.replace(/^EXPLAIN\s+/, "");
    const statement = bare.replace(/^(\([^)]*\)\s+|ANALYZE\s+|VERBOSE\s+)*/, "");
    const whole = await client.ask({ sql });
    expect(whole.failed).toBe(true);
    for (const given of [bare, statement])
      for (const more of [{}, { analyze: true }, { params: [] }, { format: "json" }])
        await client.ask({ sql: given, ...more });
    expect((await client.ask({ sql: statement, analyze: true })).failed).toBe(true);
    for (const index of [statement, `CREATE INDEX ON accounts (id) WHERE (${statement})`, bare])
      expect((await client.ask({ sql: "SELECT * FROM accounts", hypothetical_indexes: [index] })).failed).toBe(true);
    expect(await state()).toEqual(before);
  });

  it("the effects of this test are real: without the guard they take place", async ({ skip }) => {
    skip(role !== "test", "shown once, by the superuser");
    await admin.query("EXPLAIN SELECT * FROM accounts WHERE id = fake_stable()");
    const { rows } = await admin.query("DELETE FROM audit RETURNING n");
    expect(rows.length).toBeGreaterThan(0);
  });
});
