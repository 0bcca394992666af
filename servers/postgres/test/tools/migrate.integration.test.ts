import { defineServer } from "@mooring/core";
import { connect, type TestClient } from "@mooring/core/testing";
import { startPostgres } from "@mooring/testing";
import { Client } from "pg";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { mapError } from "../../src/errors.ts";
import type { Config } from "../../src/options.ts";
import type { Policy } from "../../src/policy.ts";
import type { Deps } from "../../src/tool.ts";
import { migrate } from "../../src/tools/migrate.ts";
import { openDatabase } from "../open-database.ts";

let server: Awaited<ReturnType<typeof startPostgres>>;
let admin: Client;

beforeAll(async () => {
  server = await startPostgres({ settings: { autovacuum: "off", synchronous_commit: "on" } });
  admin = await login();
});
afterAll(async () => {
  await admin?.end();
  await server?.[Symbol.asyncDispose]();
});
beforeEach(async () => {
  await admin.query(`
    DROP SCHEMA IF EXISTS app, secret CASCADE; CREATE SCHEMA app;
    CREATE TYPE app.mood AS ENUM ('good', 'bad');
    CREATE TABLE app.users (id int PRIMARY KEY, email text NOT NULL, old text, age int, ssn text);
    INSERT INTO app.users SELECT i, 'u' || i || '@example.com', NULL, i % 90, 'ssn-' || i FROM generate_series(1, 2000) i;
    CREATE TABLE app.orders (id int PRIMARY KEY, user_id int, total numeric DEFAULT 0, note varchar(20));
    INSERT INTO app.orders SELECT i, 1 + i % 2000, i FROM generate_series(1, 1000) i;
    CREATE INDEX orders_total ON app.orders (total);
    CREATE TABLE app.parts (id int, day date) PARTITION BY RANGE (day);
    CREATE TABLE app.parts_1 PARTITION OF app.parts FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
    CREATE VIEW app.names AS SELECT id, email FROM app.users;
    CREATE MATERIALIZED VIEW app.counts AS SELECT age, count(*) AS n FROM app.users GROUP BY age;
    CREATE SEQUENCE app.numbers;
    CREATE FUNCTION app.double(int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT $1 * 2';
    CREATE FUNCTION app.touch() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$;
    ANALYZE app.users, app.orders`);
});

async function login(): Promise<Client> {
  const client = new Client(server.url);
  client.on("error", () => {});
  await client.connect();
  return client;
}

const definition = defineServer<Deps>({
  name: "pg",
  title: "Postgres",
  version: "0.0.0",
  fenced: true,
  tools: [migrate],
  mapError,
});

interface Opening {
  readonly url?: string;
  /** `mute`: the client cannot be asked. */
  readonly answer?: ((question: string) => boolean) | "mute";
  readonly policy?: Partial<Policy>;
  readonly confirm?: "elicit" | "host";
  readonly config?: Partial<Config>;
}

const yes = () => true;

async function withTool<T>(
  work: (mcp: TestClient) => Promise<T>,
  { url = server.url, answer = yes, policy = {}, confirm, config = {} }: Opening = {},
): Promise<T> {
  await using opened = openDatabase(url, { policy });
  const own = { statementTimeout: 20_000, lockTimeout: 500, allowStatements: [], ...config } as unknown as Config;
  await using mcp = await connect(definition, {
    deps: { databases: opened.databases, config: own, stateDir: "/nonexistent" },
    access: "full",
    ...(answer !== "mute" && { answer }),
    ...(confirm && { confirm }),
  });
  return await work(mcp);
}

interface Said {
  readonly text: string;
  readonly kind: string | undefined;
  readonly token: string | undefined;
}

async function say(mcp: TestClient, args: Record<string, unknown>): Promise<Said> {
  const { content, isError, _meta } = await mcp.call("migrate", args);
  const text = content.map((block) => (block.type === "text" ? block.text : "")).join("\n");
  const kind = isError ? (_meta?.["mooring/error"] as { kind: string } | undefined)?.kind : undefined;
  return { text, kind, token: /token "([^"]+)"/.exec(text)?.[1] };
}

const preview = (sql: string, opening: Opening = {}) => withTool((mcp) => say(mcp, { sql }), opening);

/** A preview and its application, over one server. */
async function apply(
  sql: string,
  opening: Opening = {},
  between: () => Promise<unknown> = async () => {},
): Promise<Said> {
  return withTool(async (mcp) => {
    const first = await say(mcp, { sql });
    if (first.token === undefined) throw new Error(first.text);
    await between();
    return say(mcp, { sql, apply: true, token: first.token });
  }, opening);
}

const rowsOf = async (sql: string) => (await admin.query({ text: sql, rowMode: "array" })).rows as unknown[][];

/** Everything that a migration could have left. */
async function fingerprint(): Promise<unknown> {
  return rowsOf(`
    SELECT 'c', c.oid, c.relname, c.relfilenode, c.relnatts, c.relchecks, c.reltriggers::text, c.relhasindex::text FROM
      (SELECT *, relhastriggers AS reltriggers FROM pg_class WHERE oid >= 16384 ORDER BY oid) c
    UNION ALL SELECT 'a', a.attrelid, a.attname, a.attnum, a.atttypid::int, 0, a.attnotnull::text, a.atthasdef::text FROM pg_attribute a WHERE a.attrelid >= 16384
    UNION ALL SELECT 'k', oid, conname, 0, 0, 0, convalidated::text, pg_get_constraintdef(oid) FROM pg_constraint WHERE oid >= 16384
    UNION ALL SELECT 'p', oid, proname, 0, 0, 0, prosrc, '' FROM pg_proc WHERE oid >= 16384
    UNION ALL SELECT 't', oid, typname, 0, 0, 0, '', '' FROM pg_type WHERE oid >= 16384
    UNION ALL SELECT 'u', (SELECT count(*) FROM app.users)::int, md5(string_agg(u::text, ',' ORDER BY id))::name, 0, 0, 0, '', '' FROM app.users u
    ORDER BY 1, 2, 3, 4`);
}

describe("a preview", () => {
  test("tries all of it and leaves nothing", async () => {
    const before = await fingerprint();
    const { text, token } = await preview(`
      ALTER TABLE app.users ADD COLUMN city text DEFAULT 'x' NOT NULL;
      CREATE INDEX users_age ON app.users (age);
      UPDATE app.users SET old = 'y' WHERE id <= 10;
      CREATE TABLE app.tags (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, user_id int REFERENCES app.users, name text);
      ALTER TYPE app.mood ADD VALUE 'odd';
      DROP FUNCTION app.double(int);
      COMMENT ON COLUMN app.users.age IS 'in years; ü';
      CREATE POLICY own ON app.orders USING (user_id = 1);
      CREATE TRIGGER touching BEFORE UPDATE ON app.orders FOR EACH ROW EXECUTE FUNCTION app.touch();
      ALTER SEQUENCE app.numbers RESTART WITH 100 INCREMENT BY 5`);
    expect(token).toBeTruthy();
    for (const line of [
      "+ column app.users.city: text not null default 'x'::text",
      "+ index app.users_age on app.users: app.users USING btree (age)",
      "read all of app.users",
      "10 rows",
      "+ table app.tags (id bigint not null identity always, user_id integer, name text)",
      "+ constraint tags_user_id_fkey on app.tags: FOREIGN KEY (user_id) REFERENCES app.users(id)",
      "~ enum app.mood: ('good', 'bad') owner test -> ('good', 'bad', 'odd') owner test",
      "- function app.double(integer)",
      "comment 'in years; ü'",
      "+ policy own on app.orders: permissive for all to public using ((user_id = 1))",
      "+ trigger touching on app.orders: BEFORE UPDATE ON app.orders FOR EACH ROW EXECUTE FUNCTION app.touch()",
      "~ sequence app.numbers",
    ])
      expect(text).toContain(line);
    expect(await fingerprint()).toEqual(before);
  });

  // https://www.postgresql.org/docs/15/explicit-locking.html and the page of each statement
  test.each([
    ["ALTER TABLE app.users ADD COLUMN c int", "ACCESS EXCLUSIVE on app.users"],
    ["ALTER TABLE app.users DROP COLUMN old", "ACCESS EXCLUSIVE on app.users"],
    ["ALTER TABLE app.orders ALTER COLUMN user_id TYPE bigint", "ACCESS EXCLUSIVE on app.orders"],
    ["ALTER TABLE app.users ALTER COLUMN email SET NOT NULL", "ACCESS EXCLUSIVE on app.users"],
    ["ALTER TABLE app.users RENAME COLUMN old TO older", "ACCESS EXCLUSIVE on app.users"],
    ["ALTER TABLE app.users ALTER COLUMN age SET STATISTICS 500", "SHARE UPDATE EXCLUSIVE on app.users"],
    ["ALTER TABLE app.users SET (fillfactor = 90)", "SHARE UPDATE EXCLUSIVE on app.users"],
    ["ALTER TABLE app.users CLUSTER ON users_pkey", "SHARE UPDATE EXCLUSIVE on app.users"],
    ["ALTER TABLE app.users ENABLE ROW LEVEL SECURITY", "ACCESS EXCLUSIVE on app.users"],
    ["ALTER TABLE app.orders ADD FOREIGN KEY (user_id) REFERENCES app.users", "SHARE ROW EXCLUSIVE on app.orders"],
    ["ALTER TABLE app.orders ADD FOREIGN KEY (user_id) REFERENCES app.users", "SHARE ROW EXCLUSIVE on app.users"],
    ["ALTER TABLE app.orders ADD CONSTRAINT positive CHECK (total >= 0)", "ACCESS EXCLUSIVE on app.orders"],
    ["ALTER TABLE app.orders ADD UNIQUE (id, total)", "ACCESS EXCLUSIVE on app.orders"],
    ["CREATE INDEX ON app.users (age)", "SHARE on app.users"],
    [
      "CREATE TRIGGER t BEFORE UPDATE ON app.users FOR EACH ROW EXECUTE FUNCTION app.touch()",
      "SHARE ROW EXCLUSIVE on app.users",
    ],
    ["CREATE POLICY p ON app.users USING (true)", "ACCESS EXCLUSIVE on app.users"],
    ["CREATE RULE r AS ON DELETE TO app.users DO INSTEAD NOTHING", "ACCESS EXCLUSIVE on app.users"],
    ["CREATE STATISTICS app.s ON id, age FROM app.users", "SHARE UPDATE EXCLUSIVE on app.users"],
    ["COMMENT ON TABLE app.users IS 'x'", "SHARE UPDATE EXCLUSIVE on app.users"],
    ["ANALYZE app.users", "SHARE UPDATE EXCLUSIVE on app.users"],
    ["LOCK TABLE app.users IN EXCLUSIVE MODE", "EXCLUSIVE on app.users"],
    ["TRUNCATE app.orders", "ACCESS EXCLUSIVE on app.orders"],
    ["DROP TABLE app.orders", "ACCESS EXCLUSIVE on app.orders"],
    ["DROP INDEX app.orders_total", "ACCESS EXCLUSIVE on app.orders"],
    ["REINDEX TABLE app.orders", "SHARE on app.orders"],
    ["REINDEX INDEX app.orders_total", "ACCESS EXCLUSIVE on index app.orders_total"],
    ["REINDEX INDEX app.orders_pkey", "ACCESS EXCLUSIVE on index orders_pkey"],
    ["CLUSTER app.orders USING orders_total", "ACCESS EXCLUSIVE on app.orders"],
    ["REFRESH MATERIALIZED VIEW app.counts", "ACCESS EXCLUSIVE on materialized view app.counts"],
    ["CREATE OR REPLACE VIEW app.names AS SELECT id, email, age FROM app.users", "ACCESS EXCLUSIVE on view app.names"],
    [
      "CREATE TABLE app.parts_2 PARTITION OF app.parts FOR VALUES FROM ('2025-01-01') TO ('2026-01-01')",
      "ACCESS EXCLUSIVE on partitioned table app.parts",
    ],
    ["ALTER TABLE app.parts DETACH PARTITION app.parts_1", "ACCESS EXCLUSIVE on app.parts_1"],
    ["UPDATE app.users SET age = 1 WHERE id = 1", "ROW EXCLUSIVE on app.users"],
  ])("%s takes %s", async (sql, lock) => {
    const { text } = await preview(sql);
    expect(text).toMatch(new RegExp(`lock ${lock.replaceAll(".", "\\.")}$`, "m"));
  });

  test.each([
    ["ALTER TABLE app.users ADD COLUMN c int DEFAULT 5", false],
    ["ALTER TABLE app.users ADD COLUMN c timestamptz DEFAULT now()", false],
    ["ALTER TABLE app.users ADD COLUMN c uuid DEFAULT gen_random_uuid()", true],
    ["ALTER TABLE app.users ADD COLUMN c int GENERATED ALWAYS AS (age + 1) STORED", true],
    ["ALTER TABLE app.orders ALTER COLUMN user_id TYPE bigint", true],
    ["ALTER TABLE app.orders ALTER COLUMN note TYPE varchar(40)", false],
    ["ALTER TABLE app.orders ALTER COLUMN note TYPE text", false],
    ["ALTER TABLE app.users SET UNLOGGED", true],
  ])("%s rewrites: %s", async (sql, rewrites) => {
    const { text } = await preview(sql);
    expect(/rewritten app\.(users|orders)$/m.test(text)).toBe(rewrites);
  });

  test.each([
    [
      "ALTER TABLE app.users ALTER COLUMN old SET NOT NULL",
      "23502",
      'column "old" of relation "users" contains null values',
    ],
    [
      "ALTER TABLE app.users ALTER COLUMN id TYPE bigint",
      "0A000",
      'rule _RETURN on view app.names depends on column "id"',
    ],
    ["CREATE UNIQUE INDEX ON app.users (age)", "23505", "Key (age)="],
    ["ALTER TABLE app.orders ADD CHECK (total > 5)", "23514", "is violated by some row"],
    ["ALTER TABLE app.users DROP COLUMN nothing", "42703", 'column "nothing"'],
    ["DROP TABLE app.users", "2BP01", "view app.names depends on table app.users"],
    ["CREATE TABLE app.users ()", "42P07", "already exists"],
    ["UPDATE app.orders SET user_id = 1 / (id - 1)", "22012", "division by zero"],
    [
      "CREATE TABLE a (b int); ALTER TYPE app.mood ADD VALUE 'odd'; CREATE TABLE app.x (m app.mood DEFAULT 'odd')",
      "55P04",
      "unsafe use",
    ],
  ])("says that %s would fail", async (sql, state, words) => {
    const { text, token, kind } = await preview(sql);
    expect(kind).toBeUndefined();
    expect(text).toContain(`SQLSTATE ${state}`);
    expect(text).toContain(words);
    expect(text).toContain("It cannot be applied as it is.");
    expect(token).toBeUndefined();
  });

  test("names the statement that would fail, with its line", async () => {
    const { text } = await preview(
      "ALTER TABLE app.users ADD COLUMN c int;\n-- ü\nALTER TABLE app.users DROP COLUMN d",
    );
    expect(text).toContain("Preview of 2 statements: 1 ran, then it stopped.");
    expect(text).toContain("Statement 2 (line 3) would fail");
    expect(text).toContain("+ column app.users.c: integer");
  });

  test("checks deferred constraints as COMMIT would", async () => {
    const { text, token } = await preview(`
      ALTER TABLE app.orders ADD FOREIGN KEY (user_id) REFERENCES app.users DEFERRABLE INITIALLY DEFERRED;
      INSERT INTO app.orders (id, user_id) VALUES (5000, 999999)`);
    expect(text).toContain("COMMIT would fail with SQLSTATE 23503");
    expect(token).toBeUndefined();
  });

  test("says who holds the lock that it cannot get", async () => {
    const other = await login();
    await other.query("SET application_name = 'billing'; BEGIN");
    await other.query("SELECT count(*) FROM app.users WHERE email = 'private@example.com'");
    const { text, token } = await preview("ALTER TABLE app.users ADD COLUMN c int");
    await other.query("ROLLBACK");
    await other.end();
    expect(text).toContain("could not get its lock in time");
    expect(text).toContain("(billing, idle in transaction");
    expect(text).toContain("holds ACCESS SHARE on app.users: SELECT count(*) FROM app.users WHERE email = $1");
    expect(text).not.toContain("private@example.com");
    expect(token).toBeUndefined();
  });

  test("does not try large tables unless the migration asks for the time", async () => {
    const heavy = "ALTER TABLE app.big ALTER COLUMN a TYPE bigint";
    await admin.query("CREATE TABLE app.big (a int)");
    const name = (
      await rowsOf("SELECT current_setting('data_directory') || '/' || pg_relation_filepath('app.big')")
    )[0]?.[0];
    // A sparse file of 1.1 GB; its pages are zero, which PostgreSQL takes for empty ones.
    await admin.query(
      `COPY (SELECT 1) TO PROGRAM 'truncate -s 1073741824 "${String(name)}" && truncate -s 100000000 "${String(name)}.1"'`,
    );
    const refused = await preview(`ALTER TABLE app.orders ADD COLUMN c int; ${heavy}`);
    expect(refused.text).toContain("may rewrite or read all of a relation of 1.1 GB");
    expect(refused.text).toContain("- 2: Changing the type rewrites the table");
    expect(refused.token).toBeUndefined();
    const tried = await preview(`SET LOCAL statement_timeout = '1ms'; ${heavy}`);
    expect(tried.text).toContain("took too long for a preview");
    await admin.query("DROP TABLE app.big");
  });

  test("never exceeds the operator's limits, whatever the migration sets", async () => {
    const sql =
      "SET LOCAL statement_timeout = 0; SET LOCAL lock_timeout = '1h'; UPDATE app.orders SET note = pg_sleep(5)::text WHERE id = 1";
    const began = Date.now();
    const { text } = await preview(sql, { config: { statementTimeout: 300 } });
    expect(text).toContain("took too long");
    expect(Date.now() - began).toBeLessThan(4_000);
  });

  test("sees through a search path that the migration sets", async () => {
    const sql = "SET LOCAL search_path = app; ALTER TABLE users ADD COLUMN c int DEFAULT nextval('numbers')";
    const { text } = await preview(sql);
    expect(text).toContain("+ column app.users.c: integer default nextval('app.numbers'::regclass)");
    expect(text).not.toContain("~ column");
  });

  test("of what an event trigger forbids says so", async () => {
    await admin.query(`
      CREATE FUNCTION app.forbid() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'no % today', tg_tag; END $$;
      CREATE EVENT TRIGGER forbidding ON ddl_command_end WHEN TAG IN ('CREATE TABLE') EXECUTE FUNCTION app.forbid()`);
    const { text } = await preview("CREATE TABLE app.x ()");
    await admin.query("DROP EVENT TRIGGER forbidding");
    expect(text).toContain("SQLSTATE P0001");
    expect(text).toContain("no CREATE TABLE today");
  });

  test.each([
    "CREATE TABLE app.x AS SELECT pg_read_file('/etc/hostname')",
    "CREATE TABLE app.x AS SELECT pg_terminate_backend(1)",
    "CREATE TABLE app.x AS SELECT lo_import('/etc/hostname')",
    "INSERT INTO app.orders (id) SELECT setval('app.numbers', 100)",
    "ALTER TABLE app.orders ADD COLUMN c text DEFAULT set_config('a.b', 'c', false)",
    "CREATE VIEW app.v AS SELECT * FROM query_to_xml('SELECT 1', true, true, '')",
    "CREATE INDEX CONCURRENTLY ON app.orders ((pg_read_file('/etc/hostname')))",
    "CREATE TABLE app.x AS SELECT dblink_exec('host=x', 'SELECT 1')",
    "CREATE FUNCTION app.x() RETURNS bool RETURN pg_cancel_backend(1)",
  ])("refuses %s", async (sql) => expect(await preview(sql)).toMatchObject({ kind: "denied" }));

  test("that would run code asks first", async () => {
    const asked: string[] = [];
    const sql = "CREATE INDEX ON app.users (app.double(age))";
    const refused = await preview(sql, { answer: (question) => (asked.push(question), false) });
    expect(refused.kind).toBe("denied");
    expect(asked[0]).toContain("app.double (statement 1)");
    expect((await preview(sql)).token).toBeTruthy();
    expect(
      (await withTool((mcp) => say(mcp, { sql }), { policy: { allowFunctions: ["app.double"] }, answer: () => false }))
        .token,
    ).toBeTruthy();
  });

  test("asks nobody otherwise", async () => {
    const asked: string[] = [];
    await preview("ALTER TABLE app.users ADD COLUMN c int", { answer: (question) => asked.push(question) > 0 });
    expect(asked).toEqual([]);
  });

  test("of a role that may only read is denied", async () => {
    await admin.query(
      "DROP ROLE IF EXISTS reader; CREATE ROLE reader LOGIN PASSWORD 'r'; GRANT USAGE ON SCHEMA app TO reader; GRANT SELECT ON ALL TABLES IN SCHEMA app TO reader",
    );
    const url = server.url.replace("test:test", "reader:r");
    for (const sql of ["ALTER TABLE app.users ADD COLUMN c int", "CREATE TABLE app.x ()", "DELETE FROM app.users"])
      expect(await preview(sql, { url })).toMatchObject({ kind: "denied" });
    await admin.query("DROP OWNED BY reader; DROP ROLE reader");
  });
});

describe("applying", () => {
  const sql = "ALTER TABLE app.users ADD COLUMN city text; UPDATE app.users SET city = 'x' WHERE id = 1";
  const has = async () =>
    (
      await rowsOf("SELECT count(*)::int FROM pg_attribute WHERE attrelid = 'app.users'::regclass AND attname = 'city'")
    )[0]?.[0];

  test("asks a person, says what it did, and commits", async () => {
    const asked: string[] = [];
    const { text, kind } = await apply(sql, { answer: (question) => asked.push(question) > 0 });
    expect(kind).toBeUndefined();
    expect(asked).toHaveLength(1);
    expect(asked[0]).toContain("the database default");
    expect(asked[0]).toContain(
      "runs 2 statements in one transaction and commits; 1 change of the schema; 1 row changed; 1 lock against reads and writes",
    );
    expect(asked[0]).toContain(sql);
    expect(text).toContain("Applied and committed: 2 statements");
    expect(text).toContain("+ column app.users.city: text");
    expect(await rowsOf("SELECT city FROM app.users WHERE id = 1")).toEqual([["x"]]);
  });

  test("shows the person first what is lost", async () => {
    const asked: string[] = [];
    const long = `${"COMMENT ON TABLE app.users IS 'a long text of no importance';\n".repeat(20)}DROP TABLE app.orders`;
    await apply(long, { answer: (question) => (asked.push(question), false) });
    expect(asked[0]).toContain("- table app.orders");
    expect(asked[0]).toContain("1 of them removals");
    expect(asked[0]).toContain("longer than what is shown");
    expect(await rowsOf("SELECT count(*)::int FROM app.orders")).toEqual([[1000]]);
  });

  test("does nothing on a no, and where nobody can be asked", async () => {
    expect((await apply(sql, { answer: () => false })).kind).toBe("denied");
    expect(await has()).toBe(0);
    expect((await apply(sql, { answer: "mute" })).kind).toBe("confirm_required");
    expect(await has()).toBe(0);
    expect((await apply(sql, { answer: "mute", confirm: "host" })).kind).toBeUndefined();
    expect(await has()).toBe(1);
  });

  test("needs the token of exactly this text, once", async () => {
    await withTool(async (mcp) => {
      const { token } = await say(mcp, { sql });
      expect((await say(mcp, { sql, apply: true })).kind).toBe("invalid_input");
      expect((await say(mcp, { sql, apply: true, token: "forged" })).kind).toBe("invalid_input");
      expect((await say(mcp, { sql: `${sql} `, apply: true, token })).kind).toBe("invalid_input");
      expect((await say(mcp, { sql: `${sql}; DROP TABLE app.orders`, apply: true, token })).kind).toBe("invalid_input");
      expect((await say(mcp, { sql, token })).kind).toBe("invalid_input");
      expect(await has()).toBe(0);
      expect((await say(mcp, { sql, apply: true, token })).kind).toBeUndefined();
      expect((await say(mcp, { sql, apply: true, token })).kind).toBe("invalid_input");
      expect(await has()).toBe(1);
    });
  });

  test.each([
    ["another column", "ALTER TABLE app.users ADD COLUMN other int"],
    ["another default", "ALTER TABLE app.users ALTER COLUMN age SET DEFAULT 3"],
    ["another index", "CREATE INDEX ON app.users (age)"],
    ["a trigger", "CREATE TRIGGER t AFTER UPDATE ON app.users FOR EACH ROW EXECUTE FUNCTION app.touch()"],
    ["a table in its place", "ALTER TABLE app.users RENAME TO gone; CREATE TABLE app.users (id int, city int)"],
  ])("is a conflict when there is %s since the preview", async (_, change) => {
    const { kind, text } = await apply(sql, {}, () => admin.query(change));
    expect(kind).toBe("conflict");
    expect(text).toContain("changed since its preview");
  });

  test.each([
    [
      "DROP TABLE IF EXISTS app.later",
      "CREATE TABLE app.later ()",
      "SELECT count(*)::int FROM pg_class WHERE relname = 'later'",
    ],
    [
      "DROP FUNCTION IF EXISTS app.later()",
      "CREATE FUNCTION app.later() RETURNS int RETURN 1",
      "SELECT count(*)::int FROM pg_proc WHERE proname = 'later'",
    ],
    [
      "DROP TYPE IF EXISTS app.later",
      "CREATE TYPE app.later AS ENUM ()",
      "SELECT count(*)::int FROM pg_type WHERE typname = 'later'",
    ],
    [
      "CREATE TABLE IF NOT EXISTS app.made ()",
      "CREATE TABLE app.made (other int)",
      "SELECT count(*)::int FROM pg_attribute WHERE attname = 'other'",
    ],
  ])("is a conflict when %s does something else by now", async (changing, between, left) => {
    // What the preview touched is untouched; a name means something new.
    const { kind, text } = await apply(`ALTER TABLE app.users ADD COLUMN city text; ${changing}`, {}, () =>
      admin.query(between),
    );
    expect(kind).toBe("conflict");
    expect(text).toContain("something else now");
    expect(await rowsOf(left)).toEqual([[1]]);
    expect(await has()).toBe(0);
  });

  test("takes helpers that are made and dropped for what they are", async () => {
    const { text } = await apply(
      "CREATE TABLE app.helper (id serial PRIMARY KEY, t text); INSERT INTO app.helper (t) VALUES ('x'); UPDATE app.users SET old = h.t FROM app.helper h WHERE users.id = 1; DROP TABLE app.helper",
    );
    expect(text).toContain("Applied and committed: 4 statements");
    expect(await rowsOf("SELECT old FROM app.users WHERE id = 1")).toEqual([["x"]]);
  });

  test("that fails is rolled back as a whole, and says where", async () => {
    const rows =
      "ALTER TABLE app.users ADD COLUMN city text; ALTER TABLE app.users ADD CONSTRAINT adult CHECK (age >= 0)";
    const { kind, text } = await apply(rows, {}, () => admin.query("UPDATE app.users SET age = -1 WHERE id = 7"));
    expect(kind).toBe("conflict");
    expect(text).toContain("Statement 2 (line 1) failed with SQLSTATE 23514. Everything was rolled back.");
    expect(await has()).toBe(0);
  });

  test("says who holds a lock", async () => {
    const other = await login();
    const { kind, text } = await apply(sql, {}, async () => {
      await other.query("SET application_name = 'report'; BEGIN; LOCK TABLE app.users IN ACCESS SHARE MODE");
    });
    await other.query("ROLLBACK");
    await other.end();
    expect(kind).toBe("unavailable");
    expect(text).toContain("SQLSTATE 55P03");
    expect(text).toContain("(report, idle in transaction");
    expect(await has()).toBe(0);
  });

  test("leaves the connection as it was", async () => {
    await withTool(async (mcp) => {
      const changing = "SET LOCAL search_path = app; SET LOCAL statement_timeout = '5s'; CREATE TABLE made ()";
      const { token } = await say(mcp, { sql: changing });
      expect((await say(mcp, { sql: changing, apply: true, token })).kind).toBeUndefined();
      const { text } = await say(mcp, { sql: "CREATE TABLE elsewhere ()" });
      expect(text).toContain("+ table public.elsewhere");
    });
    expect(await rowsOf("SELECT count(*)::int FROM app.made")).toEqual([[0]]);
  });

  test("whose COMMIT has no answer is of unknown outcome", async () => {
    const watcher = await login();
    await watcher.query("SET synchronous_commit = off");
    const applied = apply(sql, {}, async () => {
      await watcher.query("ALTER SYSTEM SET synchronous_standby_names = 'nobody'");
      await watcher.query("SELECT pg_reload_conf(), pg_sleep(0.3)");
    });
    // COMMIT waits for a standby that is not there.
    const waiting = "SELECT pid FROM pg_stat_activity WHERE wait_event = 'SyncRep'";
    const deadline = Date.now() + 10_000;
    let pid: unknown;
    while (pid === undefined && Date.now() < deadline) {
      pid = ((await watcher.query(waiting)).rows[0] as { pid: number } | undefined)?.pid;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    expect(pid).toBeTruthy();
    await watcher.query("SELECT pg_terminate_backend($1)", [pid]);
    const { kind, text } = await applied;
    await watcher.query("ALTER SYSTEM RESET synchronous_standby_names");
    await watcher.query("SELECT pg_reload_conf(), pg_sleep(0.3)");
    await watcher.end();
    expect(kind).toBe("outcome_unknown");
    expect(text).toContain("Look whether it was made");
  });
});

describe("outside transactions", () => {
  test("an index is built, and a failed one is named", async () => {
    const done = await apply("CREATE INDEX CONCURRENTLY users_age ON app.users (age)");
    expect(done.text).toContain("Done.");
    expect(await rowsOf("SELECT indisvalid FROM pg_index WHERE indexrelid = 'app.users_age'::regclass")).toEqual([
      [true],
    ]);
    const failed = await apply("CREATE UNIQUE INDEX CONCURRENTLY users_one ON app.users (age)");
    expect(failed.kind).toBe("conflict");
    expect(failed.text).toContain("invalid index app.users_one");
    expect(failed.text).toContain("DROP INDEX CONCURRENTLY");
    expect((await apply("DROP INDEX CONCURRENTLY app.users_one")).text).toContain("Done.");
    expect(await rowsOf("SELECT to_regclass('app.users_one')")).toEqual([[null]]);
    expect((await apply("REINDEX INDEX CONCURRENTLY app.users_age")).text).toContain("Done.");
    expect((await apply("VACUUM (ANALYZE) app.users")).text).toContain("Done.");
  });

  test("is a conflict where the table has changed since the preview", async () => {
    const { kind } = await apply("CREATE INDEX CONCURRENTLY users_age ON app.users (age)", {}, () =>
      admin.query("ALTER TABLE app.users ADD COLUMN other int"),
    );
    expect(kind).toBe("conflict");
    expect(await rowsOf("SELECT to_regclass('app.users_age')")).toEqual([[null]]);
  });

  test("their previews run nothing and say what would happen", async () => {
    const before = await fingerprint();
    expect((await preview("CREATE INDEX CONCURRENTLY ON app.users (age)")).text).toMatch(
      /invalid index stays behind.*\n.*Seconds[^]*app\.users: about 2000 rows/,
    );
    expect((await preview("VACUUM FULL app.users")).text).toContain("reads and writes wait for all of it");
    expect((await preview("DROP INDEX CONCURRENTLY app.orders_total")).text).toContain("0 scans");
    expect(await fingerprint()).toEqual(before);
  });

  test.each([
    ["DROP INDEX CONCURRENTLY app.users_pkey", "belongs to a constraint"],
    ["CREATE INDEX CONCURRENTLY orders_total ON app.orders (user_id)", "is there already"],
    ["CREATE INDEX CONCURRENTLY ON app.parts (id)", "partitioned"],
  ])("%s would fail", async (sql, why) => {
    const { text, token } = await preview(sql);
    expect(text).toContain(why);
    expect(token).toBeUndefined();
  });

  test("what is not there is not found", async () => {
    for (const sql of [
      "VACUUM app.nothing",
      "CREATE INDEX CONCURRENTLY ON app.nothing (a)",
      "SELECT pg_cancel_backend(2147483647)",
    ])
      expect(await preview(sql)).toMatchObject({ kind: "not_found" });
  });

  test("one session is ended, after a person agreed, and only that one", async () => {
    const other = await login();
    await other.query("SET application_name = 'stuck'; BEGIN");
    const [[pid]] = [(await other.query({ text: "SELECT pg_backend_pid()", rowMode: "array" })).rows[0] as [number]];
    const sql = `SELECT pg_terminate_backend(${pid})`;
    const asked: string[] = [];
    const previewed = await preview(sql);
    expect(previewed.text).toContain("ends the session");
    expect(previewed.text).toContain("stuck, idle in transaction");
    expect((await apply(sql, { answer: (question) => (asked.push(question), false) })).kind).toBe("denied");
    expect(asked[0]).toContain(sql);
    expect((await apply(sql)).text).toContain("Ended the session.");
    expect(await rowsOf(`SELECT count(*)::int FROM pg_stat_activity WHERE pid = ${pid}`)).toEqual([[0]]);
    await other.end().catch(() => {});
  });

  test("a session that took over the process id is another one", async () => {
    const other = await login();
    const [[pid]] = [(await other.query({ text: "SELECT pg_backend_pid()", rowMode: "array" })).rows[0] as [number]];
    const { kind } = await apply(`SELECT pg_cancel_backend(${pid})`, {}, () =>
      other.end().then(() => new Promise((done) => setTimeout(done, 200))),
    );
    expect(kind).toBe("not_found");
  });

  test("a process of the server itself is left alone", async () => {
    const [[pid]] = (await rowsOf("SELECT pid FROM pg_stat_activity WHERE backend_type = 'checkpointer'")) as [
      [number],
    ];
    const { text, token } = await preview(`SELECT pg_terminate_backend(${pid})`);
    expect(text).toContain("serves no client");
    expect(token).toBeUndefined();
  });
});

describe("the operator's policy", () => {
  beforeEach(() =>
    admin.query(
      "CREATE SCHEMA secret; CREATE TABLE secret.keys (k text); INSERT INTO secret.keys VALUES ('key-1'); CREATE VIEW secret.v AS SELECT id FROM app.orders",
    ),
  );

  test.each([
    "DROP TABLE secret.keys",
    "CREATE TABLE secret.x ()",
    "SET LOCAL search_path = secret; DROP TABLE keys",
    "CREATE TABLE app.x AS SELECT * FROM secret.keys",
    "SET LOCAL search_path = secret; CREATE TABLE app.x AS SELECT * FROM keys",
    "DROP TABLE app.orders CASCADE",
    "DROP SCHEMA secret CASCADE",
    "ALTER TABLE app.orders SET SCHEMA secret",
    "CREATE FUNCTION secret.f() RETURNS int RETURN 1",
    "VACUUM secret.keys",
  ])("closes schemas to %s", async (sql) => {
    const { kind, text } = await preview(sql, { policy: { denySchemas: ["secret"] } });
    expect(["denied", "not_found"]).toContain(kind);
    expect(text).not.toContain("key-1");
    expect((await preview(sql, { policy: { schemas: ["app"] } })).kind).toBe(kind);
    expect((await preview(sql)).kind).toBeUndefined();
  });

  test.each([
    "ALTER TABLE app.users RENAME COLUMN ssn TO open",
    "ALTER TABLE app.users RENAME TO people",
    "ALTER TABLE app.users SET SCHEMA public",
    "ALTER TABLE app.users DROP COLUMN ssn",
    "UPDATE app.users SET email = ssn",
    "CREATE TABLE app.x AS SELECT ssn FROM app.users",
    "ALTER TABLE app.users ADD COLUMN c text GENERATED ALWAYS AS (ssn) STORED",
    "ALTER TABLE app.users ALTER COLUMN old TYPE text USING ssn",
    "INSERT INTO app.orders (id, note) SELECT 9000 + id, ssn FROM app.users",
  ])("keeps masks on: %s", async (sql) => {
    const { kind, text } = await preview(sql, { policy: { mask: ["app.users.ssn"] } });
    expect(kind).toBe("denied");
    expect(text).not.toContain("ssn-");
  });

  test("keeps masked values out of PostgreSQL's words", async () => {
    await admin.query("UPDATE app.users SET ssn = 'ssn-1' WHERE id = 2");
    for (const sql of [
      "ALTER TABLE app.users ADD UNIQUE (ssn)",
      "CREATE UNIQUE INDEX ON app.users (ssn)",
      "ALTER TABLE app.users ADD CHECK (ssn::int > 0)",
    ]) {
      const { text, kind } = await preview(sql, { policy: { mask: ["app.users.ssn"] } });
      expect(kind).toBeUndefined();
      expect(text).toMatch(/SQLSTATE 2[23]/);
      expect(text).not.toContain("ssn-1");
    }
  });

  test("leaves the rest of the table alone", async () => {
    const { token } = await preview("ALTER TABLE app.users ADD COLUMN c int; CREATE INDEX ON app.users (email)", {
      policy: { mask: ["app.users.ssn"] },
    });
    expect(token).toBeTruthy();
  });
});

test("both tools stay small in the list", async () => {
  await withTool(async (mcp) => {
    expect(Buffer.byteLength(JSON.stringify([...mcp.prepared.tools]))).toBeLessThan(1_000);
  });
});
