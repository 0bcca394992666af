import type { Session } from "../database.ts";
import type { Hypopg } from "../plan/hypothetical.ts";
import type { Plan } from "../plan/plan.ts";
import type { Gain, Recommended, Rejected } from "./advice.ts";
import type { Planned } from "./advise.ts";
import type { Candidate } from "./candidates.ts";
import { body, type IndexDefinition } from "./index-definition.ts";
import { createPlanCosts, MAX_CANDIDATES, OutOfTime } from "./plan-costs.ts";
import { merged, screen, type Screened } from "./screening.ts";
import { members, search, TOLERANCE } from "./search.ts";
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
  /** Candidates that are searched. */
  readonly most: number;
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
    const limit = Math.min(most, MAX_CANDIDATES);
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
      limit,
      (share) => progress(share / 2, "asking the planner about each candidate"),
    );
    const kept: Pick<Screened, "definition" | "bytes" | "gains">[] = [...screening.kept];
    for (const definition of merged(kept.map((each) => each.definition)).slice(0, limit - kept.length)) {
      const added = await whatIf.add(definition);
      if ("bytes" in added) kept.push({ definition, bytes: added.bytes, gains: new Map() });
    }

    planner.until = until - (until - now) * LAST;
    const definitions = kept.map((each) => each.definition);
    const of = (set: number) => members(set).map((i) => definitions[i] as IndexDefinition);
    const maskOf = (used: ReadonlySet<IndexDefinition>) => definitions.reduce((mask, each, i) => (used.has(each) ? mask | (1 << i) : mask), 0);
    const relevant = statements.map(({ plan }) => {
      const touched = new Set(relationsIn(plan).map(({ schema, table }) => JSON.stringify([schema, table])));
      return definitions.reduce((mask, { table }, i) => {
        const places = table.partitions ?? [table];
        return places.some(({ schema, name }) => touched.has(JSON.stringify([schema, name]))) ? mask | (1 << i) : mask;
      }, 0);
    });
    const costs = createPlanCosts(relevant, async (statement, set) => {
      const { plan, used } = await whatIf.plan(explainable(statement), of(set));
      return { cost: plan.root.cost, used: maskOf(used) };
    });
    const sizes = kept.map(({ bytes }) => bytes);
    const charges = definitions.map((definition) => charge(definition).charge);
    const solution = await search({
      sizes,
      charges,
      weights,
      costs,
      budget,
      onProgress: (share) => progress(0.5 + share / 2, "searching"),
    });

    planner.until = until;
    const chosen = of(solution.chosen);
    const after: (Plan | undefined)[] = [];
    const uses: ReadonlySet<IndexDefinition>[] = [];
    let cut = !solution.exact;
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
      const best = await total(solution.chosen);
      const spent = members(solution.chosen).reduce((sum, i) => sum + (sizes[i] ?? 0), 0);
      for (const [i, { definition, bytes }] of kept.entries()) {
        if (solution.chosen & (1 << i)) continue;
        // Without its own upkeep, which stands in the total.
        const gain = best + (charges[i] ?? 0) - (await total(solution.chosen | (1 << i)));
        const why =
          bytes > budget
            ? "larger than the budget"
            : gain <= best * TOLERANCE * 4
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
        .map((definition) => ({ definition, bytes: sizes[definitions.indexOf(definition)], gains: gainsOf(definition), verified: true }))
        .sort((a, b) => saved(b.gains) - saved(a.gains)),
      rejected: [...rejected, ...screening.dropped],
      searched: definitions,
      after: statements.map(({ plan }, i) => after[i]?.root.cost ?? plan.root.cost),
      exact: solution.exact,
      cut,
    };
  } finally {
    await whatIf.reset().catch(() => {});
  }
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
          .filter(({ raw }) => (table.partitions ?? [table]).some(({ schema, name }) => raw["Schema"] === schema && raw["Relation Name"] === name))
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
