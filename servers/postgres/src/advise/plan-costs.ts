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
 * The planner with a memory, so that few sets need an EXPLAIN. Where a plan with the candidates S goes through U only, it is also
 * the best with every set between U and S, since the planner had all of these plans to choose from; and more candidates never
 * make a plan dearer, so that a set between two of equal cost costs the same.
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

  async function learn(statement: number, set: number): Promise<void> {
    const { cost, used } = await ask(statement, set);
    asked++;
    known[statement]?.push({ all: set, costed: { cost, used: used & set } });
  }

  return {
    relevant,
    get asked() {
      return asked;
    },
    async of(statement, candidates) {
      const every = relevant[statement] ?? 0;
      const set = candidates & every;
      const entries = known[statement] ?? [];
      for (let tries = 0; ; tries++) {
        const answer = deduce(entries, set);
        if (answer) return answer;
        await learn(statement, tries < WIDER ? widened(entries, set, every) : set);
      }
    },
  };
}

/** Wider sets that are asked about before the set itself. */
const WIDER = 3;

function deduce(
  entries: readonly { readonly all: number; readonly costed: Costed }[],
  set: number,
): Costed | undefined {
  let cheapest: Costed | undefined;
  let lower = 0;
  for (const { all, costed } of entries) {
    const possible = (costed.used & ~set) === 0;
    const within = (set & ~all) === 0;
    if (possible && within) return costed;
    if (possible && (!cheapest || costed.cost < cheapest.cost)) cheapest = costed;
    if (within) lower = Math.max(lower, costed.cost);
  }
  return cheapest && cheapest.cost <= lower ? cheapest : undefined;
}

/** As much as can be added to the set without making a plan possible that is known and that the set does not have. */
function widened(entries: readonly { readonly costed: Costed }[], set: number, every: number): number {
  let wider = every;
  for (const { costed } of entries) {
    const missing = costed.used & ~set;
    // Nothing is missing, or something is left out already: else the lowest that is missing is.
    if (missing !== 0 && (costed.used & ~wider) === 0) wider &= ~(missing & -missing);
  }
  return wider;
}
