import { access } from "./findings/access.ts";
import { buffers } from "./findings/buffers.ts";
import type { Finding, Look } from "./findings/finding.ts";
import { loops } from "./findings/loops.ts";
import { memory } from "./findings/memory.ts";
import { overhead } from "./findings/overhead.ts";
import { rows } from "./findings/rows.ts";
import { noFacts, type PlanFacts } from "./facts.ts";
import type { Plan } from "./plan.ts";
import { weigh, type Weights } from "./weights.ts";

const MOST = 6;

/** What is wrong with a plan, the weightiest first, at most six; each with what to do. Pure. */
export function findings(plan: Plan, facts: PlanFacts = noFacts, weights: Weights = weigh(plan)): readonly Finding[] {
  const look: Look = { plan, facts, weights };
  return [access, rows, memory, loops, overhead, buffers]
    .flatMap((part) => part(look))
    .toSorted((a, b) => b.weight - a.weight || (a.node?.id ?? 0) - (b.node?.id ?? 0))
    .slice(0, MOST);
}
