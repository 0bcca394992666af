import { inputs, number, type PlanNode, subtree, text } from "../plan.ts";
import { qualifiedRelation } from "../label.ts";
import { count, percent } from "../wording.ts";
import { type Finding, type Look, where } from "./finding.ts";

const MANY = 1_000;
const NOTICEABLE = 0.2;

/** Work that is small once and done very often. */
export function loops({ plan, weights }: Look): readonly Finding[] {
  return plan.nodes.flatMap((node) => [
    ...inner(node, weights),
    ...subquery(node, weights),
    ...searches(node, weights),
  ]);
}

function inner(node: PlanNode, weights: Look["weights"]): readonly Finding[] {
  const [outer, repeated] = inputs(node);
  if (node.type !== "Nested Loop" || !outer || !repeated) return [];
  const times = repeated.actual?.loops ?? outer.expected;
  const share = weights.shareBelow(repeated);
  const scan = [...subtree(repeated)].find(({ type }) => type === "Seq Scan");
  if (share < NOTICEABLE || times < (scan ? 10 : MANY)) return [];
  const what = `The Nested Loop runs ${where(repeated)} ${count(times)} times (${percent(share)} of the work).`;
  // A Materialize below repeats rows, not the scan.
  const table = scan && qualifiedRelation(scan);
  const next =
    table !== undefined
      ? `Give ${table} an index on what it is joined and filtered by: its scan is repeated.`
      : "Correct a misestimate of the outer side if there is one (ANALYZE); otherwise reduce its rows first, or see whether the join columns allow a hash join.";
  return [{ kind: "many-loops", node: repeated, weight: share * 0.9, what, next }];
}

function subquery(node: PlanNode, weights: Look["weights"]): readonly Finding[] {
  const times = node.actual?.loops ?? 0;
  const share = weights.shareBelow(node);
  if (node.role !== "SubPlan" || times < MANY || share < NOTICEABLE) return [];
  return [
    {
      kind: "repeated-subquery",
      node,
      weight: share,
      what: `The subquery ${text(node, "Subplan Name") ?? ""} runs once for each row: ${count(times)} times (${percent(share)} of the work).`,
      next: "Write it as a join, or as LEFT JOIN of a grouped subquery; or index what it looks up.",
    },
  ];
}

// PostgreSQL 18: several for one loop mean skip scan or a list of values.
function searches(node: PlanNode, weights: Look["weights"]): readonly Finding[] {
  const all = number(node, "Index Searches");
  const share = weights.of(node).share;
  const each = all / Math.max(1, node.actual?.loops ?? 1);
  if (each < 100 || share < NOTICEABLE) return [];
  return [
    {
      kind: "index-searches",
      node,
      weight: share * 0.7,
      what: `${where(node)} descends its index ${count(Math.round(each))} times a loop: the first index column is not given, or many values are.`,
      next: "An index that begins with the compared column needs one descent.",
    },
  ];
}
