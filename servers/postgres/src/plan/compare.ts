import { conditions, label } from "./label.ts";
import type { Plan, PlanNode } from "./plan.ts";
import { short } from "../one-line.ts";
import { count, percent } from "./wording.ts";

/** What differs between two plans of one statement. */
export interface Comparison {
  readonly without: number;
  readonly with: number;
  /** Lines of nodes that only one of them has. */
  readonly gone: readonly string[];
  readonly new: readonly string[];
}

/** Compares by what nodes do, wherever they stand in the tree. */
export function compare(without: Plan, changed: Plan): Comparison {
  const [before, after] = [counted(without), counted(changed)];
  return {
    without: without.root.cost,
    with: changed.root.cost,
    gone: missing(before, after),
    new: missing(after, before),
  };
}

/** The costs in one line, in our words. */
export function verdict({ without, with: changed }: Comparison): string {
  const costs = `Cost ${count(without)} without, ${count(changed)} with`;
  if (without === changed) return `${costs}: no difference, the planner would not use it.`;
  if (changed > without) return `${costs}: ${times(changed, without)} more.`;
  return `${costs}: ${times(without, changed)} less.`;
}

/** Lines `- …` for what is gone and `+ …` for what is new; empty for plans alike. */
export function changes(comparison: Comparison): string {
  return [...comparison.gone.map((line) => `- ${line}`), ...comparison.new.map((line) => `+ ${line}`)].join("\n");
}

function times(larger: number, smaller: number): string {
  const factor = smaller > 0 ? larger / smaller : Infinity;
  if (!Number.isFinite(factor)) return "all of it";
  return factor < 2
    ? percent((larger - smaller) / (factor < 2 ? larger : smaller))
    : `${factor.toLocaleString("en-US", { maximumFractionDigits: factor < 10 ? 1 : 0 })} times`;
}

function counted({ nodes }: Plan): Map<string, PlanNode[]> {
  const found = new Map<string, PlanNode[]>();
  for (const node of nodes) {
    const key = `${label(node)} ${conditions(node)}`;
    found.set(key, [...(found.get(key) ?? []), node]);
  }
  return found;
}

function missing(
  from: ReadonlyMap<string, readonly PlanNode[]>,
  other: ReadonlyMap<string, readonly PlanNode[]>,
): string[] {
  return [...from].flatMap(([key, nodes]) =>
    nodes.slice(other.get(key)?.length ?? 0).map((node) => {
      const said = [short(label(node), 90), conditions(node), `rows ${count(node.expected)}  cost ${count(node.cost)}`];
      return said.filter(Boolean).join("  ");
    }),
  );
}
