import { setTimeout as sleep } from "node:timers/promises";
import { ToolError } from "@mooring/core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { mapError } from "../../src/errors.ts";
import { type Opened, openDatabase, timeouts } from "../open-database.ts";
import { type OpenDemo, openDemo } from "./open-demo.ts";

// Through the server's own pool and guard.
let demo: OpenDemo;
let opened: Opened;
beforeAll(async () => {
  demo = await openDemo({ statementTimeout: 1_500 });
  opened = openDatabase("postgres://nowhere", {
    kind: "demo",
    max: 1,
    timeouts: { ...timeouts, statement: 1_500 },
    settings: demo.settings,
  });
});
afterAll(async () => {
  await opened[Symbol.asyncDispose]();
  await demo[Symbol.asyncDispose]();
});

const RUNAWAY = "SELECT count(*) FROM generate_series(1, 1000000000000)";
const never = () => AbortSignal.timeout(60_000);
const read = async (sql: string, { maxRows = 100, signal = never(), params = [] as string[] } = {}) => {
  const statement = await opened.database.prove(sql, signal);
  return await opened.database.read(statement, { maxRows, signal, params });
};

it("says what it is", async () => {
  const facts = await opened.database.facts(never());
  expect(opened.database.kind).toBe("demo");
  expect(facts).toMatchObject({ version: expect.stringMatching(/^18\./), recovering: false, database: "postgres" });
  expect(facts.extensions.get("pg_stat_statements")).toBeDefined();
});

it("reads what the guard has proved, with parameters, and stops at the rows asked for", async () => {
  const found = await read("SELECT id, total FROM shop.orders WHERE customer_id = $1 ORDER BY id", {
    params: ["19"],
    maxRows: 3,
  });
  expect(found.columns.map(({ name }) => name)).toEqual(["id", "total"]);
  expect(found.rows).toHaveLength(3);
  expect(found.cut).toBe("rows");
  expect((await read("SELECT 9007199254740993")).rows).toEqual([["9007199254740993"]]);
});

it("runs calls at once one after the other", async () => {
  const all = await Promise.all(Array.from({ length: 8 }, (_, i) => read(`SELECT ${i}`)));
  expect(all.map(({ rows }) => rows[0]?.[0])).toEqual(["0", "1", "2", "3", "4", "5", "6", "7"]);
});

it("does not write, neither by a statement nor by a function", async () => {
  await expect(read("DELETE FROM shop.carts")).rejects.toMatchObject({ kind: "denied" });
  await expect(read("SELECT shop.close_account(1)")).rejects.toMatchObject({ kind: "denied" });
});

it("is ended with the call, at once, and answers the next one", async () => {
  const abort = new AbortController();
  const running = read(RUNAWAY, { signal: abort.signal });
  const outcome = running.catch((error: unknown) => error);
  await sleep(400);
  const asked = performance.now();
  abort.abort(new ToolError("cancelled", "The call was cancelled."));
  expect(await outcome).toMatchObject({ kind: "cancelled" });
  expect(performance.now() - asked).toBeLessThan(1_000);
  expect((await read("SELECT count(*) FROM shop.customers")).rows).toEqual([["4000"]]);
});

it("ends a statement that takes too long, and says so", async () => {
  const error = await read(RUNAWAY).catch((reason: unknown) => reason);
  expect(mapError(error)).toMatchObject({ kind: "timeout", message: "The statement took too long and was ended." });
  expect((await read("SELECT count(*) FROM shop.customers")).rows).toEqual([["4000"]]);
});

it("copies out", async () => {
  const statement = await opened.database.prove("SELECT id, name FROM shop.categories ORDER BY id", never());
  const chunks: Uint8Array[] = [];
  const { rows } = await opened.database.copyOut(statement, {
    signal: never(),
    onChunk: (chunk) => void chunks.push(chunk),
  });
  expect(rows).toBe(24);
  expect(Buffer.concat(chunks).toString().split("\n").slice(0, 2)).toEqual(["id,name", "1,Deck"]);
});

it("writes in a transaction, and only then", async () => {
  const name = (session: { rows: (sql: string) => Promise<readonly Record<string, unknown>[]> }) =>
    session.rows("SELECT name FROM shop.customers WHERE id = 1");
  await opened.database.writing(
    async (session) => {
      await session.query("UPDATE shop.customers SET name = 'Ann' WHERE id = 1");
      return { commit: false, value: undefined };
    },
    { signal: never() },
  );
  expect(await opened.database.reading(name, { signal: never() })).not.toEqual([{ name: "Ann" }]);
  await opened.database.alone((session) => session.query("VACUUM shop.carts"), { signal: never() });
  expect(await opened.database.reading(name, { signal: never() })).toHaveLength(1);
});
