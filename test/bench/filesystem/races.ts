import { measureRaces, type RaceMeasurement } from "../../../servers/filesystem/test/corpus/races.ts";
import type { Result } from "../result.ts";

/** Leaks in raced reads and writes; they count only where a check-then-open program leaks under the same swapper. */
export async function benchRaces(): Promise<Result[]> {
  const { reads, writes } = await measureRaces({ reads: 5_000, writes: 3_000 });
  return [line("races-read", "reads", reads), line("races-write", "writes", writes)];
}

function line(id: string, what: string, { ours, naive, counts, exchanges }: RaceMeasurement): Result {
  return {
    id,
    what: `leaks in ${ours.attempts.toLocaleString("en")} raced ${what}`,
    unit: "leaks",
    // Nothing was raced where nobody leaks.
    ours: counts ? ours.leaks : Number.POSITIVE_INFINITY,
    bar: { at: "≤", value: 0 },
    note: `check-then-open: ${naive.leaks} of ${naive.attempts}; ${exchanges.toLocaleString("en")} exchanges`,
  };
}
