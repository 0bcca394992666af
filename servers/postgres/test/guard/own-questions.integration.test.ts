import { startPostgres } from "@mooring/testing";
import pg from "pg";
import { expect, it } from "vitest";
import { openDatabase } from "../open-database.ts";

it("what the guard asks is answered by PostgreSQL, whatever operators the search path has", async () => {
  const postgres = await startPostgres();
  try {
    const client = new pg.Client(postgres.url);
    await client.connect();
    // An exact fit, where PostgreSQL's own needs a cast: `oid >= 16384`, `nspname || '.'`.
    await client.query(`
      CREATE FUNCTION public.ran(oid, int) RETURNS bool LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'ran'; END $$;
      CREATE OPERATOR public.>= (LEFTARG = oid, RIGHTARG = int, FUNCTION = public.ran);
      CREATE FUNCTION public.ran(name, name) RETURNS text LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'ran'; END $$;
      CREATE OPERATOR public.|| (LEFTARG = name, RIGHTARG = name, FUNCTION = public.ran);
      CREATE TABLE public.t (a int, b text);`);
    await client.end();
    await using opened = openDatabase(postgres.url, { policy: { mask: ["public.t.b"] } });
    const { database } = opened;
    const signal = AbortSignal.timeout(20_000);
    const proof = await database.prove("SELECT a, b, lower('x') FROM t", signal);
    expect(proof.showsMasked).toBe(true);
    // Within a session that is held, and the path of that session stays what it was.
    const path = await database.reading(
      async (session) => {
        await database.prove("SELECT a, upper('x') FROM t", signal);
        return (await session.query("SELECT pg_catalog.current_setting('search_path')")).rows;
      },
      { signal },
    );
    expect(path).toEqual([['"$user", public']]);
  } finally {
    await postgres.stop();
  }
});

it("nor is what the other tools ask, in sessions as well; answers there name schemas in full", async () => {
  const postgres = await startPostgres();
  try {
    const client = new pg.Client(postgres.url);
    await client.connect();
    await client.query(`
      CREATE FUNCTION public.ran(oid, int) RETURNS bool LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'ran'; END $$;
      CREATE OPERATOR public.>= (LEFTARG = oid, RIGHTARG = int, FUNCTION = public.ran);
      CREATE FUNCTION public.format_type(oid, int) RETURNS text LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'ran'; END $$;
      CREATE TABLE public.t (a int);`);
    await using opened = openDatabase(postgres.url);
    const { database } = opened;
    const signal = AbortSignal.timeout(20_000);
    const asked = "SELECT (oid >= 16384)::text AS own, 't'::text AS t FROM pg_class WHERE relname = 't'";
    expect(await database.catalog(asked, [], signal)).toEqual([{ own: "true", t: "t" }]);
    const within = await database.reading(
      async (session) => [await session.rows(asked), await session.query("SELECT current_schemas(false)")],
      { signal },
    );
    expect(within).toMatchObject([[{ own: "true" }], { rows: [["{public}"]] }]);
    await database.writing(
      async (session) => {
        expect(await session.rows(asked)).toEqual([{ own: "true", t: "t" }]);
        return { commit: false, value: undefined };
      },
      { signal },
    );
    // Somebody else's own questions run it, which is what is kept from ours.
    await expect(client.query(asked)).rejects.toThrow("ran");
    await client.end();
  } finally {
    await postgres.stop();
  }
});
