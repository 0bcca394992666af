import { readFileSync } from "node:fs";
import { parsePlan } from "../../src/plan/parse.ts";
import type { Plan, PlanNode } from "../../src/plan/plan.ts";

/** A plan that a real server made; `make-fixtures.ts` says how. */
export function fixture(name: string): Plan {
  return parsePlan(readFileSync(new URL(`fixtures/${name}.json`, import.meta.url), "utf8"));
}

export type Raw = Readonly<Record<string, unknown>>;

/** A node made by hand, with what every node has. */
export function node(type: string, members: Raw = {}, plans: readonly Raw[] = []): Raw {
  return {
    "Node Type": type,
    "Startup Cost": 0,
    "Total Cost": 100,
    "Plan Rows": 100,
    "Plan Width": 8,
    ...members,
    ...(plans.length > 0 && { Plans: plans }),
  };
}

/** Figures of ANALYZE for {@link node}. */
export function ran(ms: number, rows: number, loops = 1): Raw {
  return { "Actual Startup Time": 0, "Actual Total Time": ms, "Actual Rows": rows, "Actual Loops": loops };
}

export function planOf(root: Raw, top: Raw = {}): Plan {
  return parsePlan(JSON.stringify([{ Plan: root, ...top }]));
}

/** The only node of a type; fails the test where there is none. */
export function find({ nodes }: Plan, type: string, where: Raw = {}): PlanNode {
  const found = nodes.find(
    (each) => each.type === type && Object.entries(where).every(([key, value]) => each.raw[key] === value),
  );
  if (!found) throw new Error(`the plan has no ${type}`);
  return found;
}
