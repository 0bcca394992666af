import { type Postgres, startPostgres } from "@mooring/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openDatabase } from "./open-database.ts";

let postgres: Postgres;
beforeAll(async () => {
  postgres = await startPostgres();
});
afterAll(() => postgres.stop());

const signal = () => AbortSignal.timeout(20_000);

test("smoke", async () => {
  await using opened = openDatabase(postgres.url);
  const { database } = opened;
  const proof = await database.prove("select 1 as a, 'x'::text as b, now()", signal());
  const found = await database.read(proof, { maxRows: 10, signal: signal() });
  expect(found.rows[0]?.slice(0, 2)).toEqual(["1", "x"]);
  expect(found.command).toBe("SELECT 1");
  await expect(database.prove("select pg_advisory_lock(1)", signal())).rejects.toThrow(/side effects|Refused/);
  await expect(database.prove("delete from x", signal())).rejects.toThrow(/DELETE/);
  const many = await database.read(await database.prove("select * from generate_series(1, 1000000)", signal()), {
    maxRows: 3,
    skip: 2,
    signal: signal(),
  });
  expect([many.rows, many.cut]).toEqual([[["3"], ["4"], ["5"]], "rows"]);
  await expect(
    database.read(await database.prove("select 1/0", signal()), { maxRows: 3, signal: signal() }),
  ).rejects.toMatchObject({ code: "22012" });
  expect((await database.facts(signal())).privileges).toEqual(["superuser"]);
  await database.reading(
    async (session) => expect((await session.rows("select $1::int + 1 as x", ["1"]))[0]).toEqual({ x: "2" }),
    { signal: signal() },
  );
  let text = "";
  expect(
    await database.copyOut(await database.prove("select 1 as a, 'q' as b", signal()), {
      signal: signal(),
      onChunk: (c) => void (text += Buffer.from(c).toString()),
    }),
  ).toEqual({ rows: 1 });
  expect(text).toBe("a,b\n1,q\n");
  const given = AbortSignal.timeout(300);
  const from = Date.now();
  await expect(
    database.read(await database.prove("select pg_sleep(30)", signal()), { maxRows: 3, signal: given }),
  ).rejects.toThrow();
  expect(Date.now() - from).toBeLessThan(1500);
  await expect(
    database.read(await database.prove("select repeat('x', 300000000)", signal()), { maxRows: 3, signal: signal() }),
  ).rejects.toThrow(/larger/);
});
