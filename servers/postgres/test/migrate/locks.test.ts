import { expect, test } from "vitest";
import type { OwnLock } from "../../src/migrate/catalog-state.ts";
import { blocks, newLocks, sqlMode, strengthOf } from "../../src/migrate/locks.ts";

const lock = (relid: string, mode: string): OwnLock => ({
  relid,
  mode,
  relkind: "r",
  schema: "app",
  name: `app.t${relid}`,
});
const existed = (relid: string) =>
  ({
    "1": { name: "app.t1", kind: "table", table: "1" },
    "2": { name: "app.t2", kind: "table", table: "2" },
    "11": { name: "app.i1", kind: "index", table: "1" },
  })[relid];

// https://www.postgresql.org/docs/current/explicit-locking.html#LOCKING-TABLES, table 13.2
test("modes are ordered and named as the manual has them", () => {
  const all = [
    "AccessShare",
    "RowShare",
    "RowExclusive",
    "ShareUpdateExclusive",
    "Share",
    "ShareRowExclusive",
    "Exclusive",
    "AccessExclusive",
  ];
  expect(all.map((mode) => strengthOf(`${mode}Lock`))).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  expect(all.map((mode) => sqlMode(`${mode}Lock`))).toEqual([
    "ACCESS SHARE",
    "ROW SHARE",
    "ROW EXCLUSIVE",
    "SHARE UPDATE EXCLUSIVE",
    "SHARE",
    "SHARE ROW EXCLUSIVE",
    "EXCLUSIVE",
    "ACCESS EXCLUSIVE",
  ]);
  expect(blocks("ShareLock")).toBe("blocks writes");
  expect(blocks("AccessExclusiveLock")).toBe("blocks reads and writes");
});

test("a step's locks are those that are stronger than before", () => {
  const before = [lock("1", "ShareLock"), lock("1", "AccessShareLock")];
  expect(newLocks(before, before, existed)).toEqual([]);
  const now = [...before, lock("1", "AccessExclusiveLock"), lock("2", "RowExclusiveLock")];
  expect(newLocks(before, now, existed).map(({ name, mode }) => [name, mode])).toEqual([
    ["app.t1", "AccessExclusiveLock"],
    ["app.t2", "RowExclusiveLock"],
  ]);
});

test("reading is none, and nobody waits for what is new", () => {
  expect(newLocks([], [lock("1", "AccessShareLock"), lock("99", "AccessExclusiveLock")], existed)).toEqual([]);
});

test("an index counts where it is locked more strongly than its table", () => {
  expect(
    newLocks([], [lock("1", "ShareLock"), lock("11", "AccessExclusiveLock")], existed).map(({ name }) => name),
  ).toEqual(["app.i1", "app.t1"]);
  expect(
    newLocks([], [lock("1", "AccessExclusiveLock"), lock("11", "AccessExclusiveLock")], existed).map(
      ({ name }) => name,
    ),
  ).toEqual(["app.t1"]);
  expect(newLocks([], [lock("11", "RowExclusiveLock")], existed)).toEqual([]);
});
