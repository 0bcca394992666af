/** One step of a plan, as `EXPLAIN (FORMAT JSON)` has it; its keys stay PostgreSQL's, read by {@link text}, {@link number} and {@link texts}. */
export interface PlanNode {
  /** From 1, in the order of the tree. */
  readonly id: number;
  readonly depth: number;
  /** `Seq Scan`, `Hash Join`, … */
  readonly type: string;
  /** How it serves its parent: `Outer`, `Inner`, `InitPlan`, `SubPlan`, `Member`, `Subquery`; empty for the first. */
  readonly role: string;
  readonly parent: PlanNode | undefined;
  readonly children: readonly PlanNode[];
  readonly raw: Readonly<Record<string, unknown>>;
  /** Cost up to its last row, for one loop, in the planner's units. */
  readonly cost: number;
  /** Rows of one loop that the planner expects. */
  readonly expected: number;
  /** What was measured; `undefined` without ANALYZE. */
  readonly actual: Measured | undefined;
  /** Processes that share its loops: 1 outside of Gather. */
  readonly processes: number;
}

/** Figures of EXPLAIN ANALYZE. */
export interface Measured {
  /** Milliseconds of one loop up to its last row; `undefined` with TIMING off. */
  readonly ms: number | undefined;
  /** Mean over the loops; whole numbers before PostgreSQL 18. */
  readonly rows: number;
  /** 0: never executed. */
  readonly loops: number;
}

/** What EXPLAIN answers for one statement. */
export interface Plan {
  readonly root: PlanNode;
  /** All nodes in the order of the tree. */
  readonly nodes: readonly PlanNode[];
  /** EXPLAIN ANALYZE made it. */
  readonly measured: boolean;
  /** Milliseconds; `undefined` where EXPLAIN does not say. */
  readonly planningMs: number | undefined;
  readonly executionMs: number | undefined;
  /** Settings of the planner that differ from the built-in ones. */
  readonly settings: Readonly<Record<string, string>>;
  /** Everything beside `Plan`: `JIT`, `Triggers`, `Serialization`, … */
  readonly top: Readonly<Record<string, unknown>>;
  /** PostgreSQL's own answer without the blanks between its tokens. */
  readonly json: string;
}

/** A member that is text. */
export function text(node: PlanNode, key: string): string | undefined {
  return textOf(node.raw[key]);
}

/** A member that is a number; 0 where it is missing, as EXPLAIN leaves out what did not happen. */
export function number(node: PlanNode, key: string): number {
  return numberOf(node.raw[key]) ?? 0;
}

/** A member that is text or a list of texts, as a list. */
export function texts(node: PlanNode, key: string): readonly string[] {
  const value = node.raw[key];
  if (typeof value === "string") return [value];
  return Array.isArray(value) ? value.filter((each) => typeof each === "string") : [];
}

export function numberOf(value: unknown): number | undefined {
  return typeof value === "number" && Number.isFinite(value) ? value : undefined;
}

export function textOf(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Inputs whose rows the node reads: neither subqueries of its expressions nor CTEs that it only holds. */
export function inputs(node: PlanNode): readonly PlanNode[] {
  return node.children.filter(({ role }) => role !== "InitPlan" && role !== "SubPlan");
}

/** All rows that it gave, over its loops. */
export function actualRows({ actual }: PlanNode): number {
  return actual ? actual.rows * actual.loops : 0;
}

/** The node and all below it, in the order of the tree. */
export function* subtree(node: PlanNode): Generator<PlanNode> {
  yield node;
  for (const child of node.children) yield* subtree(child);
}
