import { OutOfTime, type PlanCosts } from "./plan-costs.ts";

export interface Problem {
  /** Bytes of each candidate. */
  readonly sizes: readonly number[];
  /** What keeping each candidate up to date costs, in the unit of the weighted costs. */
  readonly charges: readonly number[];
  /** How much one planner unit of each statement counts. */
  readonly weights: readonly number[];
  readonly costs: PlanCosts;
  /** Bytes that may be spent; `Infinity` for no limit: then an index has to earn its room ({@link EARNED}). */
  readonly budget: number;
  /** A set to begin with that fits the budget. Default: none. */
  readonly start?: number;
  /** Called with a share of the work, 0 to 1, that only grows. */
  onProgress?(share: number): void;
}

export interface Solution {
  /** Bit mask of candidates. */
  readonly chosen: number;
  /** Weighted cost of all statements plus charges. */
  readonly total: number;
  /** No other set of these candidates is better by more than {@link TOLERANCE}. */
  readonly exact: boolean;
  /** Time ran out meanwhile. */
  readonly cut: boolean;
}

/** Sets that differ by less count as equally good. */
export const TOLERANCE = 0.0005;
/** Within a budget, indexes are left out again that together save less than this share of the total. */
const WORTHLESS = 0.0015;
/** Without one, also each that saves every statement less than this share of what it costs as things are. */
const EARNED = 0.05;
/** Nodes of the exact search: thousands take a second even when the planner is not asked. */
const MAX_NODES = 20_000;

/**
 * The best set of candidates within the budget: lazy greedy by gain per byte and by gain, a pass of swaps, then branch and bound
 * for as long as there is time. Always answers: with the best set so far when {@link OutOfTime} is thrown.
 */
export async function search(problem: Problem): Promise<Solution> {
  const { sizes, charges, weights, costs, budget } = problem;
  const count = sizes.length;
  const every = count === 0 ? 0 : (2 ** count - 1) | 0;
  const bytes = (set: number) => members(set).reduce((sum, i) => sum + (sizes[i] ?? 0), 0);
  const charge = (set: number) => members(set).reduce((sum, i) => sum + (charges[i] ?? 0), 0);
  const planned = async (set: number) => {
    let cost = 0;
    let used = 0;
    for (const [statement, weight] of weights.entries()) {
      const costed = await costs.of(statement, set);
      cost += weight * costed.cost;
      used |= costed.used;
    }
    return { cost, used };
  };
  const total = async (set: number) => (await planned(set)).cost + charge(set);

  let best = { chosen: problem.start ?? 0, total: Number.POSITIVE_INFINITY };
  const offer = (chosen: number, value: number) => {
    if (value < best.total) best = { chosen, total: value };
  };
  let exact = false;
  let cut = false;
  try {
    offer(best.chosen, await total(best.chosen));
    offer(0, await total(0));
    await relaxed();
    for (const perByte of [true, false]) {
      await greedy(perByte);
      problem.onProgress?.(perByte ? 0.3 : 0.5);
    }
    await swaps();
    problem.onProgress?.(0.7);
    exact = await branchAndBound();
    problem.onProgress?.(0.95);
  } catch (error) {
    if (!(error instanceof OutOfTime)) throw error;
    cut = true;
  }
  try {
    await prune();
  } catch (error) {
    if (!(error instanceof OutOfTime)) throw error;
    cut = true;
  }
  return { ...best, exact, cut };

  /** Where everything that all candidates together make the planner use fits, little is left to search. */
  async function relaxed(): Promise<void> {
    const { used } = await planned(every);
    if (bytes(used) <= budget) offer(used, await total(used));
  }

  async function greedy(perByte: boolean): Promise<void> {
    let chosen = 0;
    let current = await total(0);
    // A gain can only be smaller once more is chosen (nearly always): the stale figure is a bound, so few are asked again.
    const queue = members(every).map((i) => ({ i, bound: Number.POSITIVE_INFINITY, round: -1 }));
    for (let round = 0; queue.length > 0; round++) {
      for (;;) {
        queue.sort((a, b) => b.bound - a.bound);
        const [top] = queue;
        if (!top) return;
        if (bytes(chosen | (1 << top.i)) > budget) {
          queue.shift();
          continue;
        }
        if (top.round === round) break;
        const gain = current - (await total(chosen | (1 << top.i)));
        top.bound = perByte ? gain / Math.max(sizes[top.i] ?? 1, 1) : gain;
        top.round = round;
      }
      const top = queue.shift();
      if (!top || top.bound <= 0) return;
      chosen |= 1 << top.i;
      current = await total(chosen);
      offer(chosen, current);
    }
  }

  async function swaps(): Promise<void> {
    for (let improved = true; improved;) {
      improved = false;
      const from = best;
      const inside = members(from.chosen);
      const outside = members(every & ~from.chosen);
      const neighbours = [
        ...inside.map((out) => from.chosen & ~(1 << out)),
        ...outside.map((into) => from.chosen | (1 << into)),
        ...inside.flatMap((out) => outside.map((into) => (from.chosen & ~(1 << out)) | (1 << into))),
      ];
      for (const set of neighbours) {
        if (bytes(set) > budget) continue;
        const value = await total(set);
        if (value < best.total * (1 - TOLERANCE)) {
          offer(set, value);
          improved = true;
          break;
        }
      }
    }
  }

  /** Best of all sets, up to {@link TOLERANCE}: what is undecided is taken as there for nothing, which bounds from below. */
  async function branchAndBound(): Promise<boolean> {
    const open = [{ included: 0, undecided: every }];
    for (let nodes = 0; open.length > 0; nodes++) {
      if (nodes >= MAX_NODES) return false;
      const { included, undecided } = open.pop() as { included: number; undecided: number };
      // What does not fit beside the included cannot be added.
      const left = budget - bytes(included);
      const possible = members(undecided).reduce((set, i) => ((sizes[i] ?? 0) <= left ? set | (1 << i) : set), 0);
      const bound = await planned(included | possible);
      if (bound.cost + charge(included) >= best.total * (1 - TOLERANCE)) continue;
      const wanted = bound.used & possible;
      if (bytes(included | wanted) <= budget) offer(included | wanted, bound.cost + charge(included | wanted));
      if (bound.cost + charge(included) >= best.total * (1 - TOLERANCE)) continue;
      // Only an index that the bound's plans go through can change it: the one that is largest for its gain decides most.
      const [decided] = members(wanted).sort((a, b) => (sizes[b] ?? 0) - (sizes[a] ?? 0));
      if (decided === undefined) continue;
      const rest = possible & ~(1 << decided);
      open.push({ included, undecided: rest }, { included: included | (1 << decided), undecided: rest });
    }
    return true;
  }

  async function prune(): Promise<void> {
    const limit = best.total * (1 + WORTHLESS);
    const [asIs, least] = [await each(0), await each(best.chosen)];
    for (const i of members(best.chosen).sort((a, b) => (sizes[b] ?? 0) - (sizes[a] ?? 0))) {
      const set = best.chosen & ~(1 << i);
      const value = await total(set);
      const without = await each(set);
      const lost = without.map(
        (cost, statement) => (cost - (least[statement] ?? 0)) / Math.max(asIs[statement] ?? 0, 1e-9),
      );
      if (budget === Number.POSITIVE_INFINITY ? lost.every((share) => share < EARNED) : value <= limit)
        best = { chosen: set, total: value };
    }
  }

  async function each(set: number): Promise<number[]> {
    const all: number[] = [];
    for (const statement of weights.keys()) all.push((await costs.of(statement, set)).cost);
    return all;
  }
}

/** Places of the bits, lowest first. */
export function members(set: number): number[] {
  const found: number[] = [];
  for (let i = 0; i < 31; i++) if (set & (1 << i)) found.push(i);
  return found;
}
