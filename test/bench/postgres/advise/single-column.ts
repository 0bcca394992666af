import type pg from "pg";
import { type Built, planned, withOnly } from "./built-indexes.ts";

/**
 * What advice by single columns comes to: greedily the index that saves most (or most per byte, whichever ends better) until
 * nothing fits or helps. It is given real indexes to try, and so more than such advisers have.
 */
export async function singleColumn(
  client: pg.Client,
  statements: readonly string[],
  all: readonly Built[],
  candidates: readonly Built[],
  budget: number,
): Promise<{ readonly chosen: readonly Built[]; readonly total: number }> {
  const total = (chosen: readonly Built[]) =>
    withOnly(client, all, chosen, async () => {
      let sum = 0;
      for (const sql of statements) sum += (await planned(client, sql)).cost;
      return sum;
    });
  const greedy = async (perByte: boolean) => {
    let chosen: readonly Built[] = [];
    let current = await total(chosen);
    for (;;) {
      let best: { chosen: readonly Built[]; total: number; value: number } | undefined;
      for (const each of candidates) {
        const more = [...chosen, each];
        if (chosen.includes(each) || more.reduce((sum, { bytes }) => sum + bytes, 0) > budget) continue;
        const then = await total(more);
        const value = (current - then) / (perByte ? each.bytes : 1);
        if (value > 0 && (!best || value > best.value)) best = { chosen: more, total: then, value };
      }
      if (!best) return { chosen, total: current };
      chosen = best.chosen;
      current = best.total;
    }
  };
  const [one, other] = [await greedy(true), await greedy(false)];
  return one.total <= other.total ? one : other;
}
