import { expect, test } from "vitest";
import type { Session } from "../../src/database.ts";
import { countsOf, effectsOf, totalOf } from "../../src/write/effects.ts";

const counted = (relid: string, name: string, inserted: number, updated: number, deleted: number) => ({
  relid,
  name,
  inserted: String(inserted),
  updated: String(updated),
  deleted: String(deleted),
});

/** A session that has counted so much, and advanced these sequences. */
const session = (rows: readonly object[], sequences: readonly string[] = []): Session =>
  ({
    rows: async (text: string) =>
      text.includes("pg_stat_xact_user_tables") ? rows : sequences.map((name) => ({ name })),
  }) as unknown as Session;

test("only what the transaction has done itself counts", async () => {
  const before = await countsOf(session([counted("1", "app.a", 5, 1, 0), counted("2", "app.b", 7, 0, 0)]));
  const after = session([
    counted("1", "app.a", 8, 1, 2),
    // Of an earlier transaction of the connection.
    counted("2", "app.b", 7, 0, 0),
    counted("3", "app.c", 0, 4, 0),
  ]);
  const effects = await effectsOf(after, before);
  expect(effects).toEqual({
    tables: [
      { table: "app.a", inserted: 3, updated: 0, deleted: 2 },
      { table: "app.c", inserted: 0, updated: 4, deleted: 0 },
    ],
    sequences: [],
  });
  expect(totalOf(effects)).toBe(9);
});

test("a table that was renamed meanwhile is the same", async () => {
  const before = await countsOf(session([counted("1", "app.a", 5, 0, 0)]));
  expect((await effectsOf(session([counted("1", "app.b", 6, 0, 0)]), before)).tables).toEqual([
    { table: "app.b", inserted: 1, updated: 0, deleted: 0 },
  ]);
});

test("sequences that were advanced are named, though no row is left", async () => {
  const effects = await effectsOf(session([], ["app.a_id_seq"]), new Map());
  expect(effects).toEqual({ tables: [], sequences: ["app.a_id_seq"] });
  expect(totalOf(effects)).toBe(0);
});
