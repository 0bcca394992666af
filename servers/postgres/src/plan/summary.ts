import type { Plan } from "./plan.ts";
import { count, time } from "./wording.ts";

// Those that our own sessions set, or that say nothing about a plan.
const ours = new Set(["search_path", "plan_cache_mode"]);

/** One line about the whole plan, in our words. */
export function summary(plan: Plan): string {
  const { root, nodes, planningMs, executionMs, measured } = plan;
  const steps = nodes.length === 1 ? "1 node" : `${count(nodes.length)} nodes`;
  const planning = planningMs === undefined ? "" : `, planning ${time(planningMs)}`;
  if (!measured) return `Estimated, not run: cost ${count(root.cost)}, ${steps}${planning}.`;
  return `Measured: ${executionMs === undefined ? "no time" : time(executionMs)}${planning}, ${steps}.`;
}

/** Settings of the planner that are not PostgreSQL's own: `random_page_cost = 1.1`; empty for none. */
export function changedSettings({ settings }: Plan): string {
  return Object.entries(settings)
    .filter(([name]) => !ours.has(name))
    .map(([name, value]) => `${name} = ${value}`)
    .join(", ");
}
