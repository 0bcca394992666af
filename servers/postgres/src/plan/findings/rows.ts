import { compared } from "../compared.ts";
import { type Misestimate, misestimates } from "../estimates.ts";
import type { TableFacts } from "../facts.ts";
import { qualifiedRelation } from "../label.ts";
import { inputs, type PlanNode, subtree, text, texts } from "../plan.ts";
import { count } from "../wording.ts";
import { type Finding, type Look, where } from "./finding.ts";

/** Estimates that are far off, and tables whose statistics cannot be right. */
export function rows({ plan, facts, weights }: Look): readonly Finding[] {
  const off = misestimates(plan).map((found): Finding => {
    const { node, factor, direction } = found;
    const loops = node.actual?.loops ?? 1;
    const each = loops > 1 ? " a loop" : "";
    return {
      kind: "misestimate",
      node,
      // What is planned upon it matters more than the node itself.
      weight:
        Math.min(1, Math.log10(factor) / 4) *
        Math.max(0.3, weights.shareBelow(plan.root === node ? node : (node.parent ?? node))),
      what: `${where(node)} was expected to give ${count(node.expected)} rows${each} and gave ${count(node.actual?.rows ?? 0)}: ${count(Math.round(factor))} times ${direction === "too few" ? "more" : "fewer"}. Plans above it rest on that.`,
      next: advice(found, facts.tables),
    };
  });
  const advised = new Set(off.flatMap(({ node }) => (node ? [tableOf(node)] : [])));
  return [...off, ...neverAnalyzed(plan.nodes, facts.tables, advised, weights), ...disabled(plan.nodes)];
}

function advice({ node }: Misestimate, tables: Look["facts"]["tables"]): string {
  const table = qualifiedRelation(node);
  const facts = tables.get(tableOf(node) ?? "");
  if (table !== undefined) {
    if (facts && stale(facts))
      return `ANALYZE ${table} (${facts.analyzed ? `${count(facts.changed)} rows changed since the last` : "never done"}).`;
    const condition = [...texts(node, "Filter"), ...texts(node, "Index Cond"), ...texts(node, "Recheck Cond")].join(
      " AND ",
    );
    const { equal, range, expressions } = compared(condition, text(node, "Alias"));
    const columns = [...equal, ...range];
    if (columns.length > 1)
      return `ANALYZE ${table}; if it stays, the columns depend on each other: CREATE STATISTICS ON ${columns.join(", ")} FROM ${table}.`;
    if (expressions.length > 0)
      return `CREATE STATISTICS ON (${expressions[0]}) FROM ${table} (PostgreSQL 14 or newer), then ANALYZE it.`;
    const [column] = columns;
    if (column === undefined && condition !== "")
      return `ANALYZE ${table}; if it stays, the planner guesses the condition: CREATE STATISTICS ON (its expression) FROM ${table} (PostgreSQL 14 or newer).`;
    return `ANALYZE ${table}; if it stays, raise the statistics target${column === undefined ? "" : ` of ${column}`}.`;
  }
  if (node.type === "Aggregate")
    return `CREATE STATISTICS (ndistinct) on the columns grouped by (${texts(node, "Group Key").join(", ")}), if they are of one table.`;
  if (/Function|Table/.test(node.type))
    return "Say ROWS for the function (ALTER FUNCTION … ROWS), or write its result into a table first.";
  const below = [...new Set([...subtree(node)].flatMap((each) => qualifiedRelation(each) ?? []))].slice(0, 3);
  if (inputs(node).length > 1)
    return `ANALYZE ${below.join(", ")}; if it stays, the columns joined and filtered depend on each other: filter earlier (WITH … AS MATERIALIZED).`;
  return `ANALYZE ${below.join(", ") || "the tables below"}.`;
}

function neverAnalyzed(
  nodes: readonly PlanNode[],
  tables: Look["facts"]["tables"],
  advised: ReadonlySet<string | undefined>,
  weights: Look["weights"],
): readonly Finding[] {
  const found = new Map<string, Finding>();
  for (const node of nodes) {
    const key = tableOf(node);
    const facts = tables.get(key ?? "");
    const table = qualifiedRelation(node);
    if (key === undefined || !facts || !table || advised.has(key) || found.has(key)) continue;
    // reltuples is -1 (0 before PostgreSQL 14) until somebody counts; a restored or promoted server forgets the counters only.
    if (facts.analyzed || facts.rows > 0 || facts.bytes < 100_000) continue;
    const what = `${table} was never analysed: its row counts are guesses.`;
    found.set(key, {
      kind: "never-analyzed",
      node,
      weight: 0.2 + weights.of(node).share / 2,
      what,
      next: `ANALYZE ${table}.`,
    });
  }
  return [...found.values()];
}

// PostgreSQL 18 says so; before, a cost of 10,000,000,000 did.
function disabled(nodes: readonly PlanNode[]): readonly Finding[] {
  return nodes
    .filter(
      ({ raw, cost, children }) =>
        raw["Disabled"] === true ||
        (raw["Disabled"] === undefined && cost >= 1e10 && children.every((child) => child.cost < 1e10)),
    )
    .slice(0, 1)
    .map((node) => ({
      kind: "disabled",
      node,
      weight: 0.3,
      what: `${where(node)} is used although a setting (enable_…) forbids it: there was no other way.`,
      next: "Put the setting back for this role or database, or make an index that allows another way.",
    }));
}

function stale({ analyzed, rows: total, changed }: TableFacts): boolean {
  return !analyzed || changed > Math.max(1_000, total * 0.1);
}

function tableOf(node: PlanNode): string | undefined {
  const relation = text(node, "Relation Name");
  return relation === undefined ? undefined : `${text(node, "Schema")}.${relation}`;
}
