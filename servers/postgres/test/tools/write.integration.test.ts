import { connect, type TestClient } from "@mooring/core/testing";
import { startPostgres } from "@mooring/testing";
import { Client } from "pg";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { defineServer } from "@mooring/core";
import { mapError } from "../../src/errors.ts";
import type { Config } from "../../src/options.ts";
import type { Deps } from "../../src/tool.ts";
import { write } from "../../src/tools/write.ts";
import { openDatabase } from "../open-database.ts";

let server: Awaited<ReturnType<typeof startPostgres>>;
let admin: Client;

beforeAll(async () => {
  server = await startPostgres({ settings: { synchronous_commit: "on" } });
  admin = new Client(server.url);
  await admin.connect();
});
afterAll(async () => {
  await admin?.end();
  await server?.[Symbol.asyncDispose]();
});
beforeEach(async () => {
  await admin.query(`
    DROP SCHEMA IF EXISTS app CASCADE; CREATE SCHEMA app;
    CREATE TABLE app.accounts (id int PRIMARY KEY, owner text NOT NULL, balance numeric NOT NULL DEFAULT 0, ssn text);
    CREATE TABLE app.entries (id serial PRIMARY KEY, account int REFERENCES app.accounts ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED, amount numeric);
    CREATE TABLE app.log (at timestamptz DEFAULT now(), what text);
    CREATE FUNCTION app.note() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO app.log (what) VALUES (TG_OP); RETURN NULL; END $$;
    CREATE TRIGGER noting AFTER UPDATE ON app.accounts FOR EACH ROW EXECUTE FUNCTION app.note();
    INSERT INTO app.accounts SELECT i, 'owner ' || i, i * 100, 'ssn-' || i FROM generate_series(1, 5) i;
    INSERT INTO app.entries (account, amount) SELECT 1 + i % 5, i FROM generate_series(1, 20) i;
    CREATE VIEW app.people AS SELECT id, ssn AS number FROM app.accounts`);
});

const definition = defineServer<Deps>({
  name: "pg",
  title: "Postgres",
  version: "0.0.0",
  fenced: true,
  tools: [write],
  mapError,
});

interface Opening {
  readonly url?: string;
  readonly answer?: (question: string) => boolean;
  readonly policy?: Parameters<typeof openDatabase>[1] extends infer O
    ? O extends { policy?: infer P }
      ? P
      : never
    : never;
  readonly confirm?: "elicit" | "host";
}

async function withTool<T>(
  work: (mcp: TestClient) => Promise<T>,
  { url = server.url, answer, policy = {}, confirm }: Opening = {},
): Promise<T> {
  await using opened = openDatabase(url, { policy: policy as object });
  const deps: Deps = { databases: opened.databases, config: {} as Config, stateDir: "/nonexistent" };
  await using mcp = await connect(definition, {
    deps,
    access: "write",
    ...(answer && { answer }),
    ...(confirm && { confirm }),
  });
  return await work(mcp);
}

const say = async (mcp: TestClient, args: Record<string, unknown>) => {
  const { content, isError, _meta } = await mcp.call("write", args);
  const text = content.map((block) => (block.type === "text" ? block.text : "")).join("\n");
  return { text, kind: isError ? (_meta?.["mooring/error"] as { kind: string } | undefined)?.kind : undefined };
};

const rowsOf = async (sql: string) => (await admin.query({ text: sql, rowMode: "array" })).rows as unknown[][];

describe("a dry run", () => {
  test("says what is affected and returned, with triggers and cascades, and leaves nothing", async () => {
    const before = await rowsOf("SELECT * FROM app.accounts ORDER BY id");
    const updated = await withTool((mcp) =>
      say(mcp, {
        sql: "UPDATE app.accounts SET balance = balance + $1 WHERE id <= 2 RETURNING id, balance",
        params: ["0.10"],
      }),
    );
    expect(updated.text).toContain("Dry run, rolled back: 2 rows affected.");
    expect(updated.text).toContain("app.accounts: 2 updated");
    expect(updated.text).toContain("app.log: 2 inserted");
    expect(updated.text).toContain("id int4\tbalance numeric\n1\t100.10\n2\t200.10");
    expect(updated.text).toContain("expect_rows 2");
    const removed = await withTool((mcp) => say(mcp, { sql: "DELETE FROM app.accounts WHERE id = 1" }));
    expect(removed.text).toContain("1 row affected");
    expect(removed.text).toContain("app.entries: 4 deleted");
    expect(await rowsOf("SELECT * FROM app.accounts ORDER BY id")).toEqual(before);
    expect(await rowsOf("SELECT count(*)::int FROM app.log")).toEqual([[0]]);
    expect(await rowsOf("SELECT count(*)::int FROM app.entries")).toEqual([[20]]);
  });

  test("says which sequences stay advanced", async () => {
    const { text } = await withTool((mcp) =>
      say(mcp, { sql: "INSERT INTO app.entries (account, amount) VALUES (1, 1), (2, 2)" }),
    );
    expect(text).toContain("Sequences keep what they advanced.");
    expect(text).toContain("advanced: app.entries_id_seq");
    expect(await rowsOf("SELECT last_value::int FROM app.entries_id_seq")).toEqual([[22]]);
  });

  test("counts its own rows, not those of the call before on its connection", async () => {
    await withTool(async (mcp) => {
      const sql = "INSERT INTO app.log (what) SELECT 'x' FROM generate_series(1, 7)";
      for (let i = 0; i < 3; i++) expect((await say(mcp, { sql })).text).toContain("app.log: 7 inserted");
    });
  });

  test("checks deferred constraints as COMMIT would", async () => {
    const { kind, text } = await withTool((mcp) => say(mcp, { sql: "INSERT INTO app.entries (account) VALUES (99)" }));
    expect(kind).toBe("conflict");
    expect(text).toContain("entries_account_fkey");
  });

  test("counts all changes where there are several", async () => {
    const sql =
      "WITH gone AS (DELETE FROM app.entries WHERE amount <= 3 RETURNING account) INSERT INTO app.log (what) SELECT 'x' FROM gone";
    const { text } = await withTool((mcp) => say(mcp, { sql }));
    expect(text).toContain("6 rows affected in all tables");
    expect(text).toContain("app.entries: 3 deleted");
  });

  test("cuts long answers and keeps the count", async () => {
    const { text } = await withTool((mcp) =>
      say(mcp, {
        sql: "INSERT INTO app.log (what) SELECT repeat('x', 300) FROM generate_series(1, 3000) RETURNING what",
      }),
    );
    expect(text).toContain("3000 rows affected");
    expect(text).toContain("Not all returned rows are shown.");
    expect(text.length).toBeLessThan(20_000);
  });
});

describe("a commit", () => {
  const insert = {
    sql: "INSERT INTO app.accounts (id, owner) VALUES ($1, $2)",
    params: ["9", "neu ü"],
    expect_rows: 1,
    commit: true,
  };
  const update = {
    sql: "UPDATE app.accounts SET owner = $1 WHERE id = 1",
    params: ["new"],
    expect_rows: 1,
    commit: true,
  };

  test("of an INSERT asks nobody", async () => {
    const { text } = await withTool((mcp) => say(mcp, insert));
    expect(text).toContain("Committed: 1 row affected.");
    expect(await rowsOf("SELECT owner FROM app.accounts WHERE id = 9")).toEqual([["neu ü"]]);
  });

  test.each([
    ["UPDATE", update.sql, ["new"], 1],
    ["DELETE", "DELETE FROM app.entries WHERE account = 1", [], 4],
    [
      "upsert",
      "INSERT INTO app.accounts (id, owner) VALUES (1, 'x') ON CONFLICT (id) DO UPDATE SET owner = 'x'",
      [],
      1,
    ],
    [
      "MERGE",
      "MERGE INTO app.accounts a USING (VALUES (1)) v (id) ON a.id = v.id WHEN MATCHED THEN UPDATE SET owner = 'm'",
      [],
      1,
    ],
    [
      "DELETE below INSERT",
      "WITH d AS (DELETE FROM app.entries WHERE id = 1 RETURNING 1) INSERT INTO app.log (what) SELECT 'd' FROM d",
      [],
      2,
    ],
    ["DELETE below SELECT", "WITH d AS (DELETE FROM app.entries WHERE id = 1 RETURNING 1) SELECT * FROM d", [], 1],
  ])("of %s asks, and commits with a yes", async (_, sql, params, expect_rows) => {
    const asked: string[] = [];
    const { text } = await withTool((mcp) => say(mcp, { sql, params, expect_rows, commit: true }), {
      answer: (question) => asked.push(question) > 0,
    });
    expect(asked).toHaveLength(1);
    expect(asked[0]).toContain("database default");
    expect(asked[0]).toContain(sql.slice(0, 20));
    expect(text).toContain("Committed");
  });

  test("shows the person the values, and does nothing on a no", async () => {
    const asked: string[] = [];
    const { kind } = await withTool((mcp) => say(mcp, update), { answer: (question) => (asked.push(question), false) });
    expect(kind).toBe("denied");
    expect(asked[0]).toContain('$1 = "new"');
    expect(asked[0]).toContain("changes 1 row and commits");
    expect(await rowsOf("SELECT owner FROM app.accounts WHERE id = 1")).toEqual([["owner 1"]]);
  });

  test("is refused where the client cannot ask, unless the operator relies on the host", async () => {
    expect((await withTool((mcp) => say(mcp, update))).kind).toBe("confirm_required");
    expect(await rowsOf("SELECT owner FROM app.accounts WHERE id = 1")).toEqual([["owner 1"]]);
    expect((await withTool((mcp) => say(mcp, update), { confirm: "host" })).text).toContain("Committed");
  });

  test("with other rows than expected is rolled back", async () => {
    const { kind, text } = await withTool((mcp) => say(mcp, { ...update, sql: "UPDATE app.accounts SET owner = $1" }), {
      answer: () => true,
    });
    expect(kind).toBe("conflict");
    expect(text).toContain("affects 5 rows and not 1");
    expect(await rowsOf("SELECT count(*)::int FROM app.accounts WHERE owner = 'new'")).toEqual([[0]]);
    expect(await rowsOf("SELECT count(*)::int FROM app.log")).toEqual([[0]]);
  });

  test("whose COMMIT has no answer is of unknown outcome", async () => {
    const watcher = new Client(server.url);
    await watcher.connect();
    await watcher.query("SET synchronous_commit = off");
    await watcher.query("ALTER SYSTEM SET synchronous_standby_names = 'nobody'");
    await watcher.query("SELECT pg_reload_conf(), pg_sleep(0.3)");
    // COMMIT waits for a standby that is not there.
    const committing = withTool((mcp) => say(mcp, insert));
    let ended = 0;
    for (let tries = 0; ended === 0 && tries < 100; tries++) {
      const ending = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE wait_event = 'SyncRep'";
      ended = (await watcher.query(ending)).rows.length;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    const { kind } = await committing;
    await watcher.query("ALTER SYSTEM RESET synchronous_standby_names");
    await watcher.query("SELECT pg_reload_conf(), pg_sleep(0.3)");
    await watcher.end();
    expect(kind).toBe("outcome_unknown");
  });

  test("needs expect_rows", async () => {
    const { kind } = await withTool((mcp) => say(mcp, { sql: insert.sql, params: insert.params, commit: true }));
    expect(kind).toBe("invalid_input");
  });
});

describe("refuses", () => {
  test.each([
    ["SELECT 1", "invalid_input"],
    ["", "invalid_input"],
    ["INSERT INTO", "invalid_input"],
    ["DELETE FROM app.log; COMMIT", "invalid_input"],
    ["COMMIT", "denied"],
    ["TRUNCATE app.log", "denied"],
    ["DROP TABLE app.log", "denied"],
    ["COPY app.log FROM '/etc/passwd'", "denied"],
    ["COPY app.log FROM STDIN", "denied"],
    ["SET session_replication_role = replica", "denied"],
    ["DO $$ BEGIN DELETE FROM app.log; END $$", "denied"],
    ["CALL app.p()", "denied"],
    ["EXPLAIN ANALYZE DELETE FROM app.log", "invalid_input"],
    ["INSERT INTO app.log (what) SELECT pg_read_file('/etc/hostname')", "denied"],
    ["INSERT INTO app.log (what) VALUES (pg_terminate_backend(1)::text)", "denied"],
    ["INSERT INTO app.log (what) VALUES (set_config('a.b', 'c', false))", "denied"],
    ["INSERT INTO app.log (what) VALUES (setval('app.entries_id_seq', 1000)::text)", "denied"],
    ["UPDATE app.log SET what = lo_export(1, '/tmp/x')::text", "denied"],
    ["SELECT * INTO app.copied FROM app.log", "invalid_input"],
    ["DELETE FROM pg_catalog.pg_authid", "denied"],
  ])("%s", async (sql, kind) => {
    const answered = await withTool((mcp) => say(mcp, { sql }));
    expect(answered).toMatchObject({ kind });
  });

  test("a role that may only read", async () => {
    await admin.query(
      "DROP ROLE IF EXISTS reader; CREATE ROLE reader LOGIN PASSWORD 'r'; GRANT USAGE ON SCHEMA app TO reader; GRANT SELECT ON ALL TABLES IN SCHEMA app TO reader",
    );
    const url = server.url.replace("test:test", "reader:r");
    expect(await withTool((mcp) => say(mcp, { sql: "DELETE FROM app.log" }), { url })).toMatchObject({
      kind: "denied",
    });
    await admin.query("DROP OWNED BY reader; DROP ROLE reader");
  });

  test.each([
    "UPDATE app.log SET what = now()::text",
    "INSERT INTO app.entries (account) VALUES (nextval('app.entries_id_seq') % 5 + 1)",
    "INSERT INTO app.log (what) VALUES (gen_random_uuid())",
  ])("nothing of %s", async (sql) => expect((await withTool((mcp) => say(mcp, { sql }))).kind).toBeUndefined());
});

describe("closed schemas", () => {
  const policy = { denySchemas: ["secret"] };
  beforeEach(async () => {
    await admin.query(`
      DROP SCHEMA IF EXISTS secret CASCADE; CREATE SCHEMA secret; CREATE TABLE secret.keys (k text); INSERT INTO secret.keys VALUES ('key-1');
      CREATE VIEW app.shown AS SELECT k FROM secret.keys;
      CREATE FUNCTION secret.note() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO secret.keys VALUES ('note'); RETURN NULL; END $$;
      CREATE TRIGGER audit AFTER DELETE ON app.entries FOR EACH STATEMENT EXECUTE FUNCTION secret.note()`);
  });

  test.each([
    "DELETE FROM secret.keys",
    "INSERT INTO app.log (what) SELECT k FROM secret.keys",
    "INSERT INTO app.log (what) SELECT k FROM app.shown",
    "UPDATE app.shown SET k = 'x'",
  ])("stay closed: %s", async (sql) => {
    const { kind, text } = await withTool((mcp) => say(mcp, { sql }), { policy });
    expect(kind).toBe("denied");
    expect(text).not.toContain("key-1");
    expect(await rowsOf("SELECT k FROM secret.keys")).toEqual([["key-1"]]);
  });

  test("do not stop triggers of open tables", async () => {
    const { kind } = await withTool((mcp) => say(mcp, { sql: "DELETE FROM app.entries WHERE id = 1" }), { policy });
    expect(kind).toBeUndefined();
  });
});

describe("masked columns", () => {
  const policy = { mask: ["app.accounts.ssn"] };

  test.each([
    "UPDATE app.accounts SET owner = ssn",
    "UPDATE app.accounts SET ssn = 'x'",
    "UPDATE app.accounts SET owner = 'x' WHERE ssn = 'ssn-1'",
    "UPDATE app.accounts SET owner = 'x' RETURNING *",
    "UPDATE app.accounts a SET owner = 'x' RETURNING a",
    "UPDATE app.accounts SET owner = 'x' RETURNING accounts::text",
    "INSERT INTO app.log (what) SELECT ssn FROM app.accounts",
    "INSERT INTO app.log (what) SELECT x FROM app.accounts AS a (i, o, b, x)",
    "INSERT INTO app.log (what) SELECT number FROM app.people",
    "INSERT INTO app.log (what) SELECT to_jsonb(a)::text FROM app.accounts a",
    "INSERT INTO app.accounts VALUES (10, 'x', 1, 'y')",
    "INSERT INTO app.log (what) SELECT (a).ssn FROM app.accounts a",
    "DELETE FROM app.accounts USING app.log WHERE ssn LIKE 'ssn-1%'",
  ])("are neither read nor written: %s", async (sql) => {
    const { kind, text } = await withTool((mcp) => say(mcp, { sql }), { policy });
    expect(kind).toBe("denied");
    expect(text).not.toContain("ssn-1");
  });

  test.each([
    "UPDATE app.accounts SET owner = 'x' WHERE id = 1",
    "DELETE FROM app.accounts WHERE id = 1",
    "INSERT INTO app.accounts (id, owner) VALUES (10, 'x')",
  ])("close their table to changes, since an error would quote the row: %s", async (sql) => {
    expect((await withTool((mcp) => say(mcp, { sql }), { policy })).kind).toBe("denied");
  });

  test("leave other tables alone", async () => {
    const sql = "INSERT INTO app.log (what) SELECT owner FROM app.accounts RETURNING what";
    const { text, kind } = await withTool((mcp) => say(mcp, { sql }), { policy });
    expect(kind).toBeUndefined();
    expect(text).toContain("5 rows affected");
  });

  test("do not stand in what PostgreSQL says of a row that a trigger changed", async () => {
    await admin.query(`
      CREATE FUNCTION app.spoil() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN UPDATE app.accounts SET owner = NULL WHERE id = 1; RETURN NULL; END $$;
      CREATE TRIGGER spoiling AFTER INSERT ON app.log FOR EACH ROW EXECUTE FUNCTION app.spoil()`);
    const sql = "INSERT INTO app.log (what) VALUES ('x')";
    const { text, kind } = await withTool((mcp) => say(mcp, { sql }), { policy });
    expect(kind).toBe("conflict");
    expect(text).toContain("23502");
    expect(text).not.toContain("ssn-1");
    expect((await withTool((mcp) => say(mcp, { sql }))).text).toContain("null value");
  });
});
