import type { OwnLock } from "./catalog-state.ts";

/** Modes from the weakest, and what each keeps others from (explicit-locking of the manual, table 13.2). */
const modes = [
  ["AccessShareLock", "blocks DROP and ALTER"],
  ["RowShareLock", "blocks DDL"],
  ["RowExclusiveLock", "blocks DDL"],
  ["ShareUpdateExclusiveLock", "blocks VACUUM and DDL, not reads and writes"],
  ["ShareLock", "blocks writes"],
  ["ShareRowExclusiveLock", "blocks writes"],
  ["ExclusiveLock", "blocks writes"],
  ["AccessExclusiveLock", "blocks reads and writes"],
] as const;

/** A relation that others use, and the strongest lock that a step newly took on it. */
export interface LockTaken {
  readonly relid: string;
  /** `undefined`: it was dropped, and its name is in the state before. */
  readonly name: string | undefined;
  readonly kind: string;
  readonly mode: string;
}

export function strengthOf(mode: string): number {
  return modes.findIndex(([name]) => name === mode);
}

/** `ACCESS EXCLUSIVE`, as LOCK TABLE has it. */
export function sqlMode(mode: string): string {
  return mode
    .replace(/Lock$/, "")
    .replace(/(?<=[a-z])(?=[A-Z])/g, " ")
    .toUpperCase();
}

export function blocks(mode: string): string {
  return modes[strengthOf(mode)]?.[1] ?? "";
}

export const blockingReads = strengthOf("AccessExclusiveLock");
export const blockingWrites = strengthOf("ShareLock");

/** The strongest lock of each relation, AccessShare left out. */
export function strongest(locks: readonly OwnLock[]): ReadonlyMap<string, OwnLock> {
  const found = new Map<string, OwnLock>();
  for (const lock of locks) {
    const known = found.get(lock.relid);
    if (strengthOf(lock.mode) > Math.max(0, known ? strengthOf(known.mode) : 0)) found.set(lock.relid, lock);
  }
  return found;
}

/**
 * What a step locked more strongly than those before it, of relations that were there already: nobody waits for a new one.
 * Indexes count where their table is not locked as strongly: whoever plans a query of the table opens them.
 */
export function newLocks(
  before: readonly OwnLock[],
  now: readonly OwnLock[],
  existed: (relid: string) => { readonly name: string; readonly kind: string; readonly table: string } | undefined,
): LockTaken[] {
  const held = strongest(before);
  const all = strongest(now);
  return [...all.values()]
    .filter((lock) => strengthOf(lock.mode) > strengthOf(held.get(lock.relid)?.mode ?? ""))
    .flatMap((lock): LockTaken[] => {
      const was = existed(lock.relid);
      if (!was) return [];
      const table = was.table === lock.relid ? undefined : all.get(was.table);
      if (was.table !== lock.relid && strengthOf(lock.mode) < blockingReads) return [];
      if (table && strengthOf(table.mode) >= strengthOf(lock.mode)) return [];
      return [{ relid: lock.relid, name: was.name, kind: was.kind, mode: lock.mode }];
    })
    .toSorted((a, b) => strengthOf(b.mode) - strengthOf(a.mode) || (a.name ?? "").localeCompare(b.name ?? ""));
}
