import { columnsOf, type IndexDefinition } from "./index-definition.ts";
import type { TableUse } from "./candidates.ts";
import { expressionSql } from "./expression.ts";
import { selectivity } from "./selectivity.ts";

/** Planner units for a row fetched by an index, from memory and disk mixed; a row of an index-only scan. */
const FETCH = 1.2;
const COVERED = 0.02;
/** Going down an index. */
const DESCENT = 4;
/** What an index in the right order spares: of sorting everything, and of the rows where LIMIT may stop. */
const ORDER_SHARE = 0.3;
const ORDERED = 0.5;

/**
 * Planner units that an index would save one use, by the statistics alone: for what nobody can plan with (other than B-tree and
 * BRIN, or without hypopg). Pure.
 */
export function ruleGain(definition: IndexDefinition, { use, table }: TableUse): number {
  if (definition.table !== table) return 0;
  const asked = use.conditions.map((condition) => ({ condition, sql: keySqlOf(condition.subject) }));
  let share = 1;
  let matched = 0;
  let ordered = false;
  for (const { sql } of definition.keys) {
    const found = asked.find((each) => each.sql === sql && !each.condition.alternative);
    if (found) {
      share *= selectivity(found.condition, table);
      matched++;
      if (found.condition.test !== "equal" && found.condition.test !== "null") break;
      continue;
    }
    ordered = use.orders.some(
      ([first]) => first !== undefined && (keySqlOf(first.subject) === sql || first.distance !== undefined),
    );
    break;
  }
  if (definition.where) {
    const partial = asked.find(({ condition }) => condition.sql === definition.where?.sql);
    if (!partial) return 0;
    share *= selectivity(partial.condition, table);
    matched++;
  }
  if (matched === 0 && !ordered) return 0;
  const columns = columnsOf(definition);
  const covered = use.needed?.every((column) => columns.has(column)) ?? false;
  const rows = share * table.rows * (ordered && matched > 0 ? ORDERED : 1);
  const saved = Math.max(0, use.cost - DESCENT - rows * (covered ? COVERED : FETCH));
  return ordered ? Math.max(saved, ORDER_SHARE * use.cost) : saved;
}

function keySqlOf(subject: unknown): string | undefined {
  const sql = expressionSql(subject);
  return sql === undefined || /^"(?:[^"]|"")*"$/.test(sql) ? sql : `(${sql})`;
}

export interface RuleScored {
  readonly definition: IndexDefinition;
  readonly gains: ReadonlyMap<number, number>;
}

/** What one index adds to another has to be more than this share of what it saves. */
const WORTH_MORE = 0.2;

/** One index after the other, the one that saves most first, as long as it serves a use that none before it serves as well. */
export function chooseByRules(
  definitions: readonly IndexDefinition[],
  uses: readonly TableUse[],
  weights: readonly number[],
): RuleScored[] {
  const scored = definitions.map((definition) => uses.map((use) => ruleGain(definition, use)));
  const served = uses.map(() => 0);
  const chosen: RuleScored[] = [];
  const open = new Set(definitions.keys());
  for (;;) {
    let best: { i: number; value: number } | undefined;
    for (const i of open) {
      const gains = scored[i] ?? [];
      const more = gains.reduce((sum, gain, u) => sum + weightOf(u) * Math.max(0, gain - (served[u] ?? 0)), 0);
      const all = gains.reduce((sum, gain, u) => sum + weightOf(u) * gain, 0);
      if (more <= WORTH_MORE * all || more <= 0) continue;
      if (!best || more > best.value) best = { i, value: more };
    }
    if (!best) return chosen;
    open.delete(best.i);
    const gains = scored[best.i] ?? [];
    const byStatement = new Map<number, number>();
    for (const [u, gain] of gains.entries()) {
      const statement = uses[u]?.statement ?? 0;
      if (gain > (served[u] ?? 0)) byStatement.set(statement, (byStatement.get(statement) ?? 0) + gain);
      served[u] = Math.max(served[u] ?? 0, gain);
    }
    chosen.push({ definition: definitions[best.i] as IndexDefinition, gains: byStatement });
  }

  function weightOf(u: number): number {
    return weights[uses[u]?.statement ?? 0] ?? 1;
  }
}
