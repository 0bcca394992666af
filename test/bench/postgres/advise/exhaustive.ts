import type pg from "pg";
import { type Built, planned, withOnly } from "./built-indexes.ts";

/** A set of indexes with what all statements cost with it. */
export interface Best {
  readonly chosen: readonly Built[];
  readonly total: number;
  /** Sets that were compared. */
  readonly sets: number;
}

/**
 * The best of all subsets within a budget, each planned with the real indexes. A statement is planned once for each subset of
 * the indexes on its own tables, since no other index can change its plan; every feasible subset of all is then added up.
 */
export async function exhaustive(
  client: pg.Client,
  statements: readonly string[],
  all: readonly Built[],
  candidates: readonly Built[],
  budget: number,
): Promise<Best> {
  const costs = new Map<string, number>();
  const tables = await withOnly(client, all, [], async () => {
    const found: Set<string>[] = [];
    for (const sql of statements) found.push((await planned(client, sql)).tables);
    return found;
  });
  const own = tables.map((mine) =>
    candidates.reduce((mask, { table }, i) => (mine.has(table) ? mask | (1 << i) : mask), 0),
  );

  const subsets = Array.from({ length: 2 ** candidates.length }, (_, set) => set);
  const chosenOf = (set: number) => candidates.filter((_, i) => set & (1 << i));
  // One change of the catalog serves all statements of a set.
  for (const set of subsets) {
    const due = statements.flatMap((sql, at) => ((set & ~(own[at] ?? 0)) === 0 ? [{ sql, at }] : []));
    if (due.length === 0) continue;
    await withOnly(client, all, chosenOf(set), async () => {
      for (const { sql, at } of due) costs.set(`${at} ${set}`, (await planned(client, sql)).cost);
    });
  }

  let best: Best = { chosen: [], total: Number.POSITIVE_INFINITY, sets: 0 };
  let sets = 0;
  for (const set of subsets) {
    const chosen = chosenOf(set);
    if (chosen.reduce((sum, { bytes }) => sum + bytes, 0) > budget) continue;
    sets++;
    const total = statements.reduce(
      (sum, _, at) => sum + (costs.get(`${at} ${set & (own[at] ?? 0)}`) ?? Number.NaN),
      0,
    );
    if (total < best.total) best = { chosen, total, sets };
  }
  return { ...best, sets };
}
