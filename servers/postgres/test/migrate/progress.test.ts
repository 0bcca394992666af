import { expect, test } from "vitest";
import { advancing, followingOf, type Look } from "../../src/migrate/progress.ts";

const look = (phase: string, done?: number, total?: number, pid?: number): Look => ({
  phase,
  done: done === undefined ? null : String(done),
  total: total === undefined ? null : String(total),
  pid: pid === undefined ? null : String(pid),
});

function told(kind: "create index" | "vacuum", looks: readonly Look[]) {
  const following = followingOf({ kind });
  if (!following) throw new Error("It is not followed.");
  return looks.map(advancing(following));
}

test("numbers only grow, though each phase counts anew", () => {
  const steps = told("create index", [
    look("initializing", 0, 0),
    look("building index: scanning table", 50, 100),
    look("building index: scanning table", 100, 100),
    look("building index: loading tuples in tree", 10, 100),
    look("waiting for writers before validation", 0, 2, 4242),
    look("index validation: scanning table", 25, 100),
    look("waiting for old snapshots", 1, 2, 77),
  ]);
  const done = steps.map((step) => step.done);
  expect(done).toEqual([...new Set(done)].toSorted((a, b) => a - b));
  for (const { done: at, total } of steps) expect(at).toBeLessThanOrEqual(total);
  expect(steps.map(({ message }) => message).slice(-3)).toEqual([
    "waiting for writers before validation: process 4242",
    "index validation: scanning table",
    "waiting for old snapshots: process 77",
  ]);
  expect((done[1] ?? 0) % 1).toBe(0.5);
});

test("an index after the other goes on from where the first was", () => {
  const [first, second, third] = told("create index", [
    look("waiting for readers before dropping"),
    look("building index: scanning table", 1, 2),
    look("building index: scanning table", 2, 2),
  ]);
  expect(second?.done).toBeGreaterThan(first?.done ?? Infinity);
  expect(second?.total).toBe(2 * (first?.total ?? 0));
  expect(third?.done).toBeGreaterThan(second?.done ?? Infinity);
});

test("phases of access methods that nobody knows count as what they belong to", () => {
  const [known, unknown, odd] = told("create index", [
    look("building index"),
    look("building index: sorting by colour", 3, 0),
    look("something new", 9, 3),
  ]);
  expect(unknown?.done).toBe(known?.done);
  expect(odd?.done).toBeGreaterThan(known?.done ?? Infinity);
});

test("VACUUM has phases of its own, other statements none", () => {
  const [scanning, vacuuming] = told("vacuum", [look("scanning heap", 1, 2), look("vacuuming heap", 1, 2)]);
  expect(scanning?.done).toBe(1.5);
  expect(vacuuming?.done).toBe(3.5);
  expect(followingOf({ kind: "drop index" })).toBeUndefined();
  expect(followingOf({ kind: "signal" })).toBeUndefined();
});
