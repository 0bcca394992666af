import type { Session } from "../database.ts";
import type { Hypopg } from "../plan/hypothetical.ts";
import type { Plan } from "../plan/plan.ts";
import type { Gain, Recommended, Rejected } from "./advice.ts";
import type { Planned } from "./advise.ts";
import type { Candidate } from "./candidates.ts";
import { body, type IndexDefinition } from "./index-definition.ts";
import { indexBytes } from "./index-size.ts";
import { createPlanCosts, MAX_CANDIDATES, OutOfTime, type PlanCosts } from "./plan-costs.ts";
import { merged, screen } from "./screening.ts";
import { members, search, type Solution, TOLERANCE } from "./search.ts";
import { type Table, tableKey } from "./tables.ts";
import { relationsIn } from "./uses.ts";
import { createWhatIf, type Planner } from "./what-if.ts";
import type { Upkeep } from "./writes.ts";

export interface Verification {
  readonly statements: readonly Planned[];
  readonly candidates: readonly Candidate[];
  readonly weights: readonly number[];
  charge(definition: IndexDefinition): Upkeep;
  /** Bytes. */
  readonly budget: number;
  /** No more candidates than this are searched at all; `undefined`: all that are useful, in rounds. */
  readonly most: number | undefined;
  readonly until: number;
  progress(share: number, message: string): void;
}

export interface Verified {
  readonly chosen: readonly Omit<Recommended, "ddl" | "upkeep" | "notes">[];
  readonly rejected: readonly Rejected[];
  /** Every candidate that the search chose from. */
  readonly searched: readonly IndexDefinition[];
  /** Planner units of each statement with the chosen. */
  readonly after: readonly number[];
  readonly exact: boolean;
  readonly cut: boolean;
}

/** Indexes in a round that do the work of two others. */
const MERGED = 6;
/** Shares of the time: what screening may take of it, and what is kept for the last plans. */
const SCREENING = 0.5;
const LAST = 0.1;

/** Chooses among candidates by what the planner makes of them through hypopg. Leaves no hypothetical index behind. */
export async function recommendVerified(
  session: Session,
  planner: Planner,
  hypopg: Hypopg,
  { statements, candidates, weights, charge, budget, most, until, progress }: Verification,
): Promise<Verified> {
  const whatIf = createWhatIf(session, planner, hypopg);
  const now = Date.now();
  const explainable = (statement: number) => (statements[statement] as Planned).explainable;
  try {
    planner.until = now + (until - now) * SCREENING;
    const screening = await screen(
      candidates,
      statements.map(({ plan }, i) => ({ weight: weights[i] ?? 1, before: plan.root.cost })),
      {
        add: (definition) => whatIf.add(definition),
        async plan(statement, set) {
          const { plan, used } = await whatIf.plan(explainable(statement), set);
          return { cost: plan.root.cost, used };
        },
      },
      budget,
      (share) => progress(share / 2, "asking the planner about each candidate"),
    );
    const waiting = screening.kept.slice(0, most).map(({ definition }) => definition);
    const unsearched = screening.kept.slice(waiting.length);
    const first = waiting.splice(0, Math.min(most ?? MAX_CANDIDATES - MERGED, MAX_CANDIDATES));
    planner.until = until - (until - now) * LAST;
    if (most === undefined && !screening.cut)
      for (const definition of merged(first).slice(0, MERGED)) {
        const added = await whatIf.add(definition).catch((error: unknown) => {
          if (!(error instanceof OutOfTime)) throw error;
          return { refused: "late" };
        });
        if (added.refused === undefined) first.push(definition);
      }

    let round = searched(first, []);
    let best = await run(round, 0);
    const all = new Set(first);
    // What was chosen stays in the race with those that come next.
    while (waiting.length > 0 && !best.cut) {
      const kept = members(best.chosen).map((i) => round.definitions[i] as IndexDefinition);
      const next = waiting.splice(0, MAX_CANDIDATES - kept.length);
      if (next.length === 0) break;
      for (const each of next) all.add(each);
      round = searched(next, kept);
      best = await run(round, 2 ** kept.length - 1);
    }
    const { definitions, costs, sizes, charges } = round;
    const of = (set: number) => members(set).map((i) => definitions[i] as IndexDefinition);

    planner.until = until;
    const chosen = of(best.chosen);
    const after: (Plan | undefined)[] = [];
    const uses: ReadonlySet<IndexDefinition>[] = [];
    let cut = best.cut || screening.cut;
    for (const [i] of statements.entries()) {
      try {
        const { plan, used } = await whatIf.plan(explainable(i), chosen);
        after.push(plan);
        uses.push(used);
      } catch (error) {
        if (!(error instanceof OutOfTime)) throw error;
        cut = true;
        break;
      }
    }
    const gainsOf = (definition: IndexDefinition): Gain[] =>
      statements.flatMap(({ id, plan }, i) => {
        const then = after[i];
        if (!then || !uses[i]?.has(definition)) return [];
        return [{ id, before: plan.root.cost, after: then.root.cost, change: changeOf(plan, then, definition) }];
      });
    const rejected: Rejected[] = [];
    const total = (set: number) => whole(costs, weights, set, charges);
    try {
      const now = await total(best.chosen);
      const spent = members(best.chosen).reduce((sum, i) => sum + (sizes[i] ?? 0), 0);
      for (const [i, definition] of definitions.entries()) {
        if (best.chosen & (1 << i)) continue;
        const bytes = sizes[i] ?? 0;
        // Without its own upkeep, which stands in the total.
        const gain = now + (charges[i] ?? 0) - (await total(best.chosen | (1 << i)));
        const why =
          bytes > budget
            ? "larger than the budget"
            : gain <= now * TOLERANCE * 4
              ? "adds nothing to those chosen"
              : spent + bytes > budget
                ? "does not fit into the budget beside those chosen, which save more"
                : (charges[i] ?? 0) >= gain
                  ? "its upkeep costs more than it saves"
                  : "saves too little for the room that it takes";
        rejected.push({ definition, bytes, why });
      }
    } catch (error) {
      if (!(error instanceof OutOfTime)) throw error;
    }
    return {
      chosen: chosen
        .map((definition) => ({
          definition,
          bytes: sizes[definitions.indexOf(definition)],
          gains: gainsOf(definition),
          verified: true,
        }))
        .sort((a, b) => saved(b.gains) - saved(a.gains)),
      rejected: [
        ...rejected,
        ...[...all]
          .filter((definition) => !definitions.includes(definition))
          .map((definition) => ({ definition, bytes: indexBytes(definition), why: "saves less than those chosen" })),
        ...[...waiting.map((definition) => ({ definition })), ...unsearched].map(({ definition }) => ({
          definition,
          bytes: indexBytes(definition),
          why: "no time was left to search with it",
        })),
        ...screening.dropped,
      ],
      searched: [...all],
      after: statements.map(({ plan }, i) => after[i]?.root.cost ?? plan.root.cost),
      exact: best.exact && !screening.cut && all.size === definitions.length && unsearched.length === 0,
      cut,
    };
  } finally {
    await whatIf.reset().catch(() => {});
  }

  function searched(next: readonly IndexDefinition[], kept: readonly IndexDefinition[]): Round {
    const definitions = [...kept, ...next];
    const relevant = statements.map(({ plan }) => {
      const touched = new Set(relationsIn(plan).map(tableKey));
      return definitions.reduce(
        (mask, { table }, i) =>
          placesOf(table).some((place) => touched.has(tableKey(place))) ? mask | (1 << i) : mask,
        0,
      );
    });
    const costs = createPlanCosts(relevant, async (statement, set) => {
      const { plan, used } = await whatIf.plan(
        explainable(statement),
        members(set).map((i) => definitions[i] as IndexDefinition),
      );
      return {
        cost: plan.root.cost,
        used: definitions.reduce((mask, each, i) => (used.has(each) ? mask | (1 << i) : mask), 0),
      };
    });
    return {
      definitions,
      costs,
      sizes: definitions.map((definition) => indexBytes(definition) ?? 0),
      charges: definitions.map((definition) => charge(definition).charge),
    };
  }

  function run({ sizes, charges, costs }: Round, start: number): Promise<Solution> {
    return search({
      start,
      sizes,
      charges,
      weights,
      costs,
      budget,
      onProgress: (share) => progress(0.5 + share / 2, "searching"),
    });
  }
}

/** Candidates that are searched at once. */
interface Round {
  readonly definitions: readonly IndexDefinition[];
  readonly costs: PlanCosts;
  readonly sizes: readonly number[];
  readonly charges: readonly number[];
}

/** Tables that a plan reads for this one. */
function placesOf({ partitions, schema, name }: Table): { readonly schema: string; readonly table: string }[] {
  return (partitions ?? [{ schema, name }]).map((place) => ({ schema: place.schema, table: place.name }));
}

async function whole(
  costs: ReturnType<typeof createPlanCosts>,
  weights: readonly number[],
  set: number,
  charges: readonly number[],
): Promise<number> {
  let sum = members(set).reduce((all, i) => all + (charges[i] ?? 0), 0);
  for (const [statement, weight] of weights.entries()) sum += weight * (await costs.of(statement, set)).cost;
  return sum;
}

function saved(gains: readonly Gain[]): number {
  return gains.reduce((sum, { before, after }) => sum + before - after, 0);
}

/** How the index's table is read: `Seq Scan → Index Only Scan`. */
function changeOf(before: Plan, after: Plan, { table }: IndexDefinition): string {
  const how = (plan: Plan) =>
    [
      ...new Set(
        plan.nodes
          .filter(({ raw }) =>
            (table.partitions ?? [table]).some(
              ({ schema, name }) => raw["Schema"] === schema && raw["Relation Name"] === name,
            ),
          )
          .filter(({ type }) => type.endsWith("Scan"))
          .map(({ type, raw }) => `${raw["Parallel Aware"] === true ? "Parallel " : ""}${type}`),
      ),
    ].join(", ");
  const [from, to] = [how(before), how(after)];
  return from === to ? to : `${from} → ${to}`;
}

/** The index without its name, for lists. */
export function shortIndex(definition: IndexDefinition): string {
  return `${definition.table.schema}.${definition.table.name} ${body(definition)}`;
}
