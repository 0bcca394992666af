import { type Postgres, startPostgres } from "@mooring/testing";
import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { roleSql } from "../src/role-sql.ts";

let server: Postgres;
beforeAll(async () => void (server = await startPostgres()));
afterAll(() => server.stop());

const times = { statementTimeout: 30_000, lockTimeout: 2_000 };

async function withClient<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client(url);
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

/** Runs the text as psql would, without the question for a password, and gives the role's own URL. */
async function madeIn(url: string, text: string): Promise<string> {
  const sql = text.replace(/^\\password.*$/m, "ALTER ROLE mcp_ro PASSWORD 'role-password';");
  await withClient(url, async (client) => {
    await client.query("DROP ROLE IF EXISTS mcp_ro");
    await client.query(
      "CREATE TABLE public.t AS SELECT 1 AS a; CREATE SCHEMA other; CREATE TABLE other.t AS SELECT 2 AS a",
    );
    await client.query(sql);
    await client.query("CREATE TABLE public.later AS SELECT 3 AS a");
  });
  const own = new URL(url);
  [own.username, own.password] = ["mcp_ro", "role-password"];
  return own.toString();
}

async function codesOf(client: pg.Client, statements: readonly string[]) {
  const codes: unknown[] = [];
  for (const sql of statements)
    codes.push([
      sql,
      await client.query(sql).then(
        () => "done",
        (error: { code?: string }) => error.code,
      ),
    ]);
  return codes;
}

const writes = [
  "INSERT INTO public.t VALUES (2)",
  "UPDATE public.t SET a = 2",
  "DELETE FROM public.t",
  "TRUNCATE public.t",
  "DROP TABLE public.t",
  "ALTER TABLE public.t ADD b int",
  "CREATE ROLE other",
  "CREATE SCHEMA own",
  "COPY public.t TO PROGRAM 'true'",
  "SELECT pg_read_file('postgresql.conf')",
];

test("the role reads every schema, and writes nothing even where it takes READ ONLY back", async () => {
  const url = await madeIn(
    await server.newDatabase("role_all"),
    roleSql({ databases: {}, schemas: undefined, ...times }),
  );
  await withClient(url, async (client) => {
    const { rows } = await client.query(
      "SELECT a FROM public.t UNION SELECT a FROM other.t UNION SELECT a FROM later ORDER BY 1",
    );
    expect(rows).toEqual([{ a: 1 }, { a: 2 }, { a: 3 }]);
    await expect(client.query("CREATE TEMP TABLE x ()")).rejects.toMatchObject({ code: "25006" });
    expect((await client.query("SHOW statement_timeout")).rows).toEqual([{ statement_timeout: "30s" }]);
    await client.query("SET default_transaction_read_only = off");
    expect(await codesOf(client, writes)).toEqual(writes.map((sql) => [sql, "42501"]));
  });
  await withClient(server.url, (client) => client.query("DROP DATABASE role_all"));
});

test("with schemas, the role reads those alone, and tables that come later", async () => {
  const url = await server.newDatabase("role_one");
  const own = await madeIn(url, roleSql({ databases: {}, schemas: ["public"], ...times }));
  await withClient(own, async (client) => {
    expect((await client.query("SELECT a FROM t UNION SELECT a FROM later ORDER BY 1")).rows).toEqual([
      { a: 1 },
      { a: 3 },
    ]);
    await expect(client.query("SELECT * FROM other.t")).rejects.toMatchObject({ code: "42501" });
    await client.query("SET default_transaction_read_only = off");
    expect(await codesOf(client, writes)).toEqual(writes.map((sql) => [sql, "42501"]));
  });
});
