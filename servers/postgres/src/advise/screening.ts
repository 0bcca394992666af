import type { Candidate } from "./candidates.ts";
import { identity, type IndexDefinition } from "./index-definition.ts";
import { indexBytes } from "./index-size.ts";
import { OutOfTime } from "./plan-costs.ts";

/** One statement in the search. */
export interface Weighted {
  /** How much one planner unit of it counts. */
  readonly weight: number;
  /** Planner units as things are. */
  readonly before: number;
}

/** A candidate with what the planner makes of it alone. */
export interface Screened {
  readonly definition: IndexDefinition;
  readonly bytes: number;
  /** Planner units saved, by statement. */
  readonly gains: ReadonlyMap<number, number>;
  /** The planner goes through it when all candidates are there. */
  readonly chosenFirst: boolean;
}

export interface Screening {
  readonly kept: readonly Screened[];
  /** Time ran out: the gains of some are not known. */
  readonly cut: boolean;
  /** Why others are out. */
  readonly dropped: readonly {
    readonly definition: IndexDefinition;
    readonly bytes: number | undefined;
    readonly why: string;
  }[];
}

/** Plans a statement with a set of indexes. Throws {@link OutOfTime}. */
export interface Screener {
  add(definition: IndexDefinition): Promise<{ readonly refused?: string }>;
  plan(
    statement: number,
    set: readonly IndexDefinition[],
  ): Promise<{ readonly cost: number; readonly used: ReadonlySet<IndexDefinition> }>;
}

const NO_TIME = "no time was left to ask the planner";
/** A gain below this share of a statement's cost is noise of the planner. */
const NOTICEABLE = 0.005;

/**
 * Asks the planner about each candidate alone and about all of a statement's together, and keeps those that deserve a search, the
 * most promising within the budget first: none that the planner passes by, none that a smaller one equals.
 */
export async function screen(
  candidates: readonly Candidate[],
  statements: readonly Weighted[],
  screener: Screener,
  budget: number,
  onProgress: (share: number) => void = () => {},
): Promise<Screening> {
  const dropped: Screening["dropped"][number][] = [];
  const sized: { candidate: Candidate; bytes: number }[] = [];
  const first = new Set<IndexDefinition>();
  const gains = new Map<IndexDefinition, Map<number, number>>();
  let cut = false;
  try {
    for (const candidate of candidates) {
      const { definition } = candidate;
      const bytes = indexBytes(definition) ?? 0;
      const { refused } = await screener.add(definition);
      if (refused === undefined) sized.push({ candidate, bytes });
      else dropped.push({ definition, bytes, why: `PostgreSQL refuses it: ${refused}` });
    }
    for (const [statement] of statements.entries()) {
      const own = sized
        .filter(({ candidate }) => candidate.statements.has(statement))
        .map(({ candidate }) => candidate.definition);
      if (own.length === 0) continue;
      const { used } = await screener.plan(statement, own);
      for (const definition of used) first.add(definition);
    }
    for (const [at, { candidate }] of sized.entries()) {
      const mine = new Map<number, number>();
      gains.set(candidate.definition, mine);
      for (const statement of candidate.statements) {
        const before = statements[statement]?.before ?? 0;
        const { cost } = await screener.plan(statement, [candidate.definition]);
        if (before - cost > NOTICEABLE * before) mine.set(statement, before - cost);
      }
      onProgress((at + 1) / sized.length);
    }
  } catch (error) {
    if (!(error instanceof OutOfTime)) throw error;
    cut = true;
    const asked = sized.length + dropped.length;
    for (const { definition } of candidates.slice(asked))
      dropped.push({ definition, bytes: indexBytes(definition), why: NO_TIME });
  }

  const screened = sized.map(({ candidate: { definition }, bytes }) => ({
    definition,
    bytes,
    gains: gains.get(definition) ?? new Map<number, number>(),
    chosenFirst: first.has(definition),
  }));
  const useful = screened.filter(({ gains: own, chosenFirst }) => own.size > 0 || chosenFirst);
  for (const { definition, bytes } of screened.filter((each) => !useful.includes(each)))
    dropped.push({ definition, bytes, why: gains.has(definition) ? "the planner does not use it" : NO_TIME });

  const best = useful.filter((each) => {
    const better = useful.find((other) => dominates(other, each));
    if (better) dropped.push({ definition: each.definition, bytes: each.bytes, why: "a smaller one saves as much" });
    return !better;
  });
  return { kept: ranked(best, statements, budget), dropped, cut };
}

/** Saves as much for every statement, and takes no more room. */
function dominates(other: Screened, one: Screened): boolean {
  if (other === one || other.definition.table !== one.definition.table || one.gains.size === 0) return false;
  if (one.chosenFirst && !other.chosenFirst) return false;
  for (const [statement, gain] of one.gains)
    if ((other.gains.get(statement) ?? 0) < gain * (1 - NOTICEABLE)) return false;
  if (other.bytes !== one.bytes) return other.bytes < one.bytes;
  // Equal in all: one of them stays.
  const mutual = [...other.gains].every(
    ([statement, gain]) => (one.gains.get(statement) ?? 0) >= gain * (1 - NOTICEABLE),
  );
  return !mutual || identity(other.definition) < identity(one.definition);
}

/** Budgets that a first guess is made for: what is best at one is needed beside what is best at another. */
const GUESSES = [1, 2, 0.5, Number.POSITIVE_INFINITY];

/** First what a quick guess would choose, then what plans go through, then what saves most, and most per byte, in turns. */
function ranked(all: readonly Screened[], statements: readonly Weighted[], budget: number): Screened[] {
  const saved = ({ gains }: Screened) =>
    [...gains].reduce((sum, [statement, gain]) => sum + gain * (statements[statement]?.weight ?? 1), 0);
  const lists = [
    [...all].sort((a, b) => saved(b) - saved(a)),
    [...all].sort((a, b) => saved(b) / b.bytes - saved(a) / a.bytes),
  ];
  const order = new Set<Screened>();
  for (const factor of GUESSES) for (const each of guess(all, statements, budget * factor)) order.add(each);
  for (const each of all.filter(({ chosenFirst }) => chosenFirst).sort((a, b) => saved(b) - saved(a))) order.add(each);
  for (let i = 0; i < all.length; i++) for (const list of lists) if (list[i]) order.add(list[i] as Screened);
  return [...order];
}

/** Greedy by what each saves per byte, as if a statement had one index at a time. */
function guess(all: readonly Screened[], statements: readonly Weighted[], budget: number): Screened[] {
  const had = statements.map(() => 0);
  const chosen: Screened[] = [];
  let left = budget;
  for (;;) {
    let best: { each: Screened; value: number } | undefined;
    for (const each of all) {
      if (each.bytes > left || chosen.includes(each)) continue;
      let more = 0;
      for (const [statement, gain] of each.gains)
        more += Math.max(0, gain - (had[statement] ?? 0)) * (statements[statement]?.weight ?? 1);
      const value = Number.isFinite(budget) ? more / Math.max(each.bytes, 1) : more;
      if (value > 0 && (!best || value > best.value)) best = { each, value };
    }
    if (!best) return chosen;
    chosen.push(best.each);
    left -= best.each.bytes;
    for (const [statement, gain] of best.each.gains) had[statement] = Math.max(had[statement] ?? 0, gain);
  }
}

/** Columns that a merged index may carry. */
const MAX_MERGED = 6;

/**
 * Indexes that do the work of two: equal keys with the columns of both carried along, and longer keys with what the shorter one
 * carries. Pure.
 */
export function merged(definitions: readonly IndexDefinition[]): IndexDefinition[] {
  const known = new Set(definitions.map(identity));
  const found: IndexDefinition[] = [];
  for (const one of definitions)
    for (const other of definitions) {
      if (one === other || one.table !== other.table || one.method !== "btree" || other.method !== "btree") continue;
      if (one.where?.sql !== other.where?.sql || one.include.length + other.include.length === 0) continue;
      const prefix = one.keys.every((key, i) => JSON.stringify(key) === JSON.stringify(other.keys[i]));
      if (!prefix) continue;
      const inKeys = new Set(other.keys.map(({ column }) => column));
      const include = [...new Set([...one.include, ...other.include])].filter((column) => !inKeys.has(column)).sort();
      const both = { ...other, include };
      if (include.length > MAX_MERGED || known.has(identity(both))) continue;
      known.add(identity(both));
      found.push(both);
    }
  return found;
}
