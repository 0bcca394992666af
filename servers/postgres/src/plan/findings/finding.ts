import type { PlanFacts } from "../facts.ts";
import type { Plan, PlanNode } from "../plan.ts";
import { qualifiedRelation, operation } from "../label.ts";
import type { Weights } from "../weights.ts";

export type FindingKind =
  | "filter"
  | "join-filter"
  | "heap-fetches"
  | "recheck"
  | "misestimate"
  | "never-analyzed"
  | "sort-spill"
  | "hash-spill"
  | "aggregate-spill"
  | "temp-files"
  | "lossy-bitmap"
  | "many-loops"
  | "repeated-subquery"
  | "index-searches"
  | "jit"
  | "planning"
  | "triggers"
  | "serialization"
  | "workers"
  | "worker-start"
  | "cold-buffers"
  | "disabled";

/** One thing that is wrong, in words. */
export interface Finding {
  readonly kind: FindingKind;
  /** Where; `undefined`: the whole plan. */
  readonly node?: PlanNode | undefined;
  /** 0 to 1: the part of the work that it concerns. */
  readonly weight: number;
  readonly what: string;
  readonly next: string;
}

/** What findings are found in. */
export interface Look {
  readonly plan: Plan;
  readonly facts: PlanFacts;
  readonly weights: Weights;
}

/** `Seq Scan on public.orders`: as findings name a node. */
export function where(node: PlanNode): string {
  const relation = qualifiedRelation(node);
  return relation === undefined ? operation(node) : `${operation(node)} on ${relation}`;
}
