/** What a plan costs with some indexes, and which of them it goes through. Sets are bit masks of candidates. */
export interface Costed {
  readonly cost: number;
  readonly used: number;
}

/** Plans one statement as if exactly these candidates existed. Throws {@link OutOfTime} where no time is left for it. */
export type AskPlanner = (statement: number, candidates: number) => Promise<Costed>;

/** No EXPLAIN more: what has been found so far counts. */
export class OutOfTime extends Error {}

/** Candidates in one mask. */
export const MAX_CANDIDATES = 30;

/**
 * The planner with a memory. Where a plan with the candidates S goes through U only, it is also the best with every set between
 * U and S, since the planner had all of these plans to choose from: so few sets need an EXPLAIN.
 */
export interface PlanCosts {
  of(statement: number, candidates: number): Promise<Costed>;
  /** Only candidates that can matter to a statement: others are not asked about. */
  readonly relevant: readonly number[];
  /** EXPLAINs so far. */
  readonly asked: number;
}

export function createPlanCosts(relevant: readonly number[], ask: AskPlanner): PlanCosts {
  const known: { readonly all: number; readonly costed: Costed }[][] = relevant.map(() => []);
  let asked = 0;
  return {
    relevant,
    get asked() {
      return asked;
    },
    async of(statement, candidates) {
      const set = candidates & (relevant[statement] ?? 0);
      const entries = known[statement] ?? [];
      const hit = entries.find(({ all, costed: { used } }) => (used & ~set) === 0 && (set & ~all) === 0);
      if (hit) return hit.costed;
      const costed = await ask(statement, set);
      asked++;
      entries.push({ all: set, costed: { cost: costed.cost, used: costed.used & set } });
      return costed;
    },
  };
}
