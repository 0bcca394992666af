import { compared } from "../compared.ts";
import { qualifiedRelation } from "../label.ts";
import { actualRows, number, type PlanNode, text } from "../plan.ts";
import { short } from "../../one-line.ts";
import { count, percent } from "../wording.ts";
import { type Finding, type Look, where } from "./finding.ts";

/** Rows that are read in vain: fewer cost nothing. */
const WORTHWHILE = 1_000;
/** Of the rows read, kept at most this part for an index to be worth it. */
const SELECTIVE = 0.1;
/** Part of the work below which nobody needs to act. */
const NOTICEABLE = 0.05;

/** Rows that are read and thrown away again. */
export function access({ plan, facts, weights }: Look): readonly Finding[] {
  return plan.nodes.flatMap((node) => {
    const share = weights.of(node).share;
    if (share < NOTICEABLE) return [];
    return [
      ...(plan.measured ? dropped(node, share, facts) : expectedDrop(node, share, facts)),
      ...recheck(node, share),
      ...heap(node, share),
    ];
  });
}

function dropped(node: PlanNode, share: number, { pretends }: Look["facts"]): readonly Finding[] {
  const loops = node.actual?.loops ?? 0;
  // A mean over the loops, as the rows are.
  const removed = number(node, "Rows Removed by Filter") * loops;
  const kept = actualRows(node);
  if (removed < WORTHWHILE) return joinFilter(node, share, loops);
  if (kept / (kept + removed) > SELECTIVE) return [];
  const read = `${where(node)} keeps ${count(kept)} of ${count(kept + removed)} rows (${percent(share)} of the work)`;
  return [
    {
      kind: "filter",
      node,
      weight: share,
      what: `${read}: ${short(text(node, "Filter") ?? "", 80)}.`,
      next: indexAdvice(node, pretends),
    },
  ];
}

function joinFilter(node: PlanNode, share: number, loops: number): readonly Finding[] {
  const removed = number(node, "Rows Removed by Join Filter") * loops;
  const kept = actualRows(node);
  if (removed < WORTHWHILE || kept / (kept + removed) > SELECTIVE) return [];
  return [
    {
      kind: "join-filter",
      node,
      weight: share,
      what: `${where(node)} compares ${count(kept + removed)} pairs of rows to keep ${count(kept)}: ${short(text(node, "Join Filter") ?? "", 80)}.`,
      next: "Join by an equality, or give the inner side an index on the compared columns.",
    },
  ];
}

function expectedDrop(node: PlanNode, share: number, { tables, pretends }: Look["facts"]): readonly Finding[] {
  const table = tables.get(`${text(node, "Schema")}.${text(node, "Relation Name")}`);
  if (node.type !== "Seq Scan" || text(node, "Filter") === undefined || !table || table.rows < WORTHWHILE) return [];
  if (node.expected / table.rows > SELECTIVE) return [];
  const what = `${where(node)} reads about ${count(table.rows)} rows to keep about ${count(node.expected)} (${percent(share)} of the cost)`;
  return [
    {
      kind: "filter",
      node,
      weight: share,
      what: `${what}: ${short(text(node, "Filter") ?? "", 80)}.`,
      next: indexAdvice(node, pretends),
    },
  ];
}

function indexAdvice(node: PlanNode, pretends: boolean): string {
  const table = qualifiedRelation(node);
  const { equal, range, pattern, expressions, alternatives } = compared(
    text(node, "Filter") ?? "",
    text(node, "Alias"),
  );
  if (table === undefined) return "Filter earlier: in the subquery or function that gives these rows.";
  if (alternatives) return `Look with \`advise\` which indexes on ${table} serve the OR, or split it by UNION ALL.`;
  // Equality first: one range ends what a B-tree can narrow down.
  const columns = [...equal, ...expressions, ...range.slice(0, 1)];
  if (columns.length > 0) {
    const index = `CREATE INDEX ON ${table} (${columns.slice(0, 4).join(", ")})`;
    return pretends ? `Try hypothetical_indexes ["${index}"].` : `${index} should help; untested.`;
  }
  if (pattern.length > 0)
    return `Index ${table} (${pattern[0]}) by text_pattern_ops for a prefix, or by pg_trgm (GIN) for any pattern.`;
  return `Look with \`advise\` for an index on ${table} that serves the filter.`;
}

function recheck(node: PlanNode, share: number): readonly Finding[] {
  const removed = number(node, "Rows Removed by Index Recheck") * (node.actual?.loops ?? 0);
  const lossy = number(node, "Lossy Heap Blocks");
  if (lossy > 0 && lossy >= number(node, "Exact Heap Blocks") / 10)
    return [
      {
        kind: "lossy-bitmap",
        node,
        weight: share,
        what: `The bitmap for ${qualifiedRelation(node) ?? "the table"} did not fit work_mem: ${count(lossy)} blocks were read whole, ${count(removed)} rows thrown away.`,
        next: "Raise work_mem for this query, or make its index more selective.",
      },
    ];
  const kept = actualRows(node);
  if (removed < WORTHWHILE || kept / (kept + removed) > SELECTIVE) return [];
  return [
    {
      kind: "recheck",
      node,
      weight: share,
      what: `The index of ${where(node)} only narrows down: ${count(removed)} rows were read and thrown away, ${count(kept)} kept.`,
      next: "Use an index that decides the condition (B-tree on the column or expression), or a more selective condition.",
    },
  ];
}

function heap(node: PlanNode, share: number): readonly Finding[] {
  const fetches = number(node, "Heap Fetches");
  if (node.type !== "Index Only Scan" || fetches < WORTHWHILE || fetches < actualRows(node) * 0.3) return [];
  return [
    {
      kind: "heap-fetches",
      node,
      weight: share * 0.8,
      what: `${where(node)} had to look into the table for ${count(fetches)} of ${count(actualRows(node))} rows: its visibility map is old.`,
      next: `VACUUM ${qualifiedRelation(node) ?? "the table"}.`,
    },
  ];
}
