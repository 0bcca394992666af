import { type Postgres, startPostgres } from "@mooring/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openDatabase } from "./open-database.ts";

let postgres: Postgres;
beforeAll(async () => {
  postgres = await startPostgres();
});
afterAll(() => postgres.stop());

const signal = () => AbortSignal.timeout(15_000);

describe.for([1, 3])("with %i connections", (max) => {
  test("who holds a session asks the catalog without waiting for others that do the same", async () => {
    await using opened = openDatabase(postgres.url, { max });
    const { database } = opened;
    const looks = Array.from({ length: 8 }, async (_, i) =>
      database.reading(
        async (session) => {
          await session.query("SELECT 1");
          await database.prove(`SELECT count(*), ${i} FROM pg_class`, signal());
          const { user } = await database.facts(signal());
          return user;
        },
        { signal: signal() },
      ),
    );
    expect(await Promise.all(looks)).toEqual(Array.from({ length: 8 }, () => "test"));
  });

  test("the same while something is changed", async () => {
    await using opened = openDatabase(postgres.url, { max });
    const { database } = opened;
    const changes = Array.from({ length: 6 }, async (_, i) =>
      database.writing(
        async (session) => {
          await session.query(`CREATE TEMP TABLE kept_${max}_${i} (id int)`);
          const rows = await database.catalog("SELECT 1 AS one", [], signal());
          return { commit: false, value: rows };
        },
        { signal: signal() },
      ),
    );
    expect(await Promise.all(changes)).toEqual(Array.from({ length: 6 }, () => [{ one: "1" }]));
  });
});

test("what a change has not committed is not believed afterwards", async () => {
  await using opened = openDatabase(postgres.url);
  const { database } = opened;
  const sql = "SELECT lower('A') AS a";
  await database.writing(
    async (session) => {
      await session.query("CREATE FUNCTION public.lower(text, int DEFAULT 1) RETURNS text LANGUAGE sql AS 'SELECT $1'");
      await database.prove(sql, signal());
      return { commit: false, value: undefined };
    },
    { signal: signal() },
  );
  await expect(database.prove(sql, signal())).resolves.toMatchObject({ sql });
});

test("the first of those who ask what the server is may give up without the others", async () => {
  await using opened = openDatabase(postgres.url);
  const given = new AbortController();
  const first = opened.database.facts(given.signal);
  const second = opened.database.facts(signal());
  given.abort(new Error("given up"));
  await expect(first).rejects.toThrow("given up");
  expect((await second).user).toBe("test");
});

test("a session that is given up ends its statement, and its connection is nobody else's", async () => {
  await using opened = openDatabase(postgres.url, { max: 1 });
  const { database } = opened;
  const given = AbortSignal.timeout(300);
  await expect(database.reading((session) => session.query("SELECT pg_sleep(30)"), { signal: given })).rejects.toThrow(
    /timeout/i,
  );
  await expect(database.catalog("SELECT 1 AS one", [], signal())).resolves.toEqual([{ one: "1" }]);
  const busy =
    "SELECT count(*)::text AS n FROM pg_stat_activity WHERE query LIKE '%pg_sleep(30)%' AND state = 'active' AND pid <> pg_backend_pid()";
  await expect.poll(() => database.catalog(busy, [], signal())).toEqual([{ n: "0" }]);
});

test("what fails in a session leaves nothing, and cleanup runs on the same connection", async () => {
  await using opened = openDatabase(postgres.url, { max: 1 });
  const { database } = opened;
  const cleaned: number[] = [];
  const cleanup = async (session: { pid: number; query(text: string): Promise<unknown> }) => {
    await session.query("SELECT 1");
    cleaned.push(session.pid);
  };
  let pid = 0;
  const failing = database.reading(
    async (session) => {
      pid = session.pid;
      return session.query("SELECT 1/0");
    },
    { signal: signal(), cleanup },
  );
  await expect(failing).rejects.toMatchObject({ code: "22012" });
  expect(cleaned).toEqual([pid]);
  await expect(database.catalog("SELECT 1 AS one", [], signal())).resolves.toEqual([{ one: "1" }]);
});

test("nothing runs but what this very database's guard has proved", async () => {
  await using opened = openDatabase(postgres.url);
  await using other = openDatabase(postgres.url);
  const how = { maxRows: 1, signal: signal() };
  const proof = await other.database.prove("SELECT 1 AS one", signal());
  for (const forged of [
    proof,
    { ...(await opened.database.prove("SELECT 2 AS two", signal())), sql: "SELECT pg_sleep(0)" },
  ]) {
    await expect(opened.database.read(forged, how)).rejects.toThrow("has not proved");
    await expect(opened.database.copyOut(forged, { signal: signal(), onChunk: () => {} })).rejects.toThrow(
      "has not proved",
    );
  }
});
