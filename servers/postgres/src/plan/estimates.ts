import { actualRows, inputs, type Plan, type PlanNode } from "./plan.ts";

/** How far the planner's rows are off. */
export interface Misestimate {
  readonly node: PlanNode;
  /** At least 1: how many times. */
  readonly factor: number;
  /** Of the estimate against what was measured. */
  readonly direction: "too few" | "too many";
}

/** From here on an estimate misleads the planner. */
export const MISLEADING = 10;
/** Fewer rows than this cost nothing, however wrong. */
const WORTHWHILE = 100;
/** They give no rows of their own, or those of the node below. */
const silent = new Set([
  "BitmapAnd",
  "BitmapOr",
  "Hash",
  "ModifyTable",
  "Gather",
  "Gather Merge",
  "Result",
  "Materialize",
  "Memoize",
  "Sort",
]);
/** They read all that they are given before they give the first row. */
const blocking = new Set(["Sort", "Hash", "Aggregate", "SetOp", "Materialize", "CTE Scan", "Bitmap Heap Scan"]);

/** The error of one node; `undefined` where nothing was measured or nothing can be compared. */
export function misestimate(node: PlanNode): Misestimate | undefined {
  const { actual, expected } = node;
  if (
    !actual ||
    actual.loops === 0 ||
    node.type === "BitmapAnd" ||
    node.type === "BitmapOr" ||
    node.type === "ModifyTable"
  )
    return undefined;
  const ratio = Math.max(actual.rows, 1) / Math.max(expected, 1);
  const direction = ratio >= 1 ? "too few" : "too many";
  // Whoever stops asking says nothing about how many rows there would have been.
  if (direction === "too many" && stoppedEarly(node)) return undefined;
  return { node, factor: ratio >= 1 ? ratio : 1 / ratio, direction };
}

/** Where the errors begin: nodes that are far off although what they read was estimated well. */
export function misestimates({ nodes }: Plan): readonly Misestimate[] {
  return nodes.flatMap((node) => {
    const found = silent.has(node.type) ? undefined : misestimate(node);
    if (!found || found.factor < MISLEADING) return [];
    if (Math.max(node.expected * (node.actual?.loops ?? 1), actualRows(node)) < WORTHWHILE) return [];
    return sources(node).some((source) => (misestimate(source)?.factor ?? 1) >= MISLEADING) ? [] : [found];
  });
}

// Nodes that pass rows on are looked through.
function sources(node: PlanNode): readonly PlanNode[] {
  return inputs(node).flatMap((input) => (silent.has(input.type) ? sources(input) : [input]));
}

function stoppedEarly(node: PlanNode): boolean {
  for (let below = node, above = node.parent; above; below = above, above = above.parent) {
    if (above.type === "Limit" || above.type === "Merge Join") return true;
    const join = above.raw["Join Type"];
    if (below.role === "Inner" && (join === "Semi" || join === "Anti" || above.raw["Inner Unique"] === true))
      return true;
    // EXISTS stops at its first row.
    if (below.role === "SubPlan" || below.role === "InitPlan") return true;
    if (blocking.has(above.type)) return false;
  }
  return false;
}
