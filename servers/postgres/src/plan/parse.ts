import { isRecord, type Measured, numberOf, type Plan, type PlanNode, textOf } from "./plan.ts";

/**
 * Reads the answer of `EXPLAIN (FORMAT JSON)`, of PostgreSQL 13 to 18.
 * @throws Error for what is none
 */
export function parsePlan(json: string): Plan {
  const [top] = [JSON.parse(json)].flat() as unknown[];
  if (!isRecord(top) || !isRecord(top["Plan"])) throw new Error("EXPLAIN did not answer with a plan");
  const nodes: PlanNode[] = [];
  const root = parseNode(top["Plan"], undefined, nodes);
  const { Plan: _, Settings: settings, ...rest } = top;
  return {
    root,
    nodes,
    measured: root.actual !== undefined,
    planningMs: numberOf(top["Planning Time"]),
    executionMs: numberOf(top["Execution Time"]),
    settings: isRecord(settings)
      ? Object.fromEntries(Object.entries(settings).map(([name, value]) => [name, String(value)]))
      : {},
    top: rest,
    json: compact(json),
  };
}

function parseNode(raw: Readonly<Record<string, unknown>>, parent: PlanNode | undefined, nodes: PlanNode[]): PlanNode {
  const role = textOf(raw["Parent Relationship"]) ?? "";
  const actual = measured(raw);
  const children: PlanNode[] = [];
  const node: PlanNode = {
    id: nodes.length + 1,
    depth: parent ? parent.depth + 1 : 0,
    type: textOf(raw["Node Type"]) ?? "Unknown",
    role,
    parent,
    children,
    raw,
    cost: numberOf(raw["Total Cost"]) ?? 0,
    expected: numberOf(raw["Plan Rows"]) ?? 0,
    actual,
    processes: processes(parent, role, actual),
  };
  nodes.push(node);
  const below = raw["Plans"];
  if (Array.isArray(below))
    for (const child of below) if (isRecord(child)) children.push(parseNode(child, node, nodes));
  return node;
}

function measured(raw: Readonly<Record<string, unknown>>): Measured | undefined {
  const loops = numberOf(raw["Actual Loops"]);
  if (loops === undefined) return undefined;
  return { ms: numberOf(raw["Actual Total Time"]), rows: numberOf(raw["Actual Rows"]) ?? 0, loops };
}

// Below a Gather every process counts its own loops, the leader too where it takes part; so the loops say how many there were.
function processes(parent: PlanNode | undefined, role: string, actual: Measured | undefined): number {
  if (!parent) return 1;
  const gathers = /^Gather( Merge)?$/.test(parent.type) && role === "Outer";
  if (!gathers || !actual || !parent.actual || parent.actual.loops === 0) return parent.processes;
  return parent.processes * Math.max(1, actual.loops / parent.actual.loops);
}

// Parsing and writing it again would change numbers beyond 2^53 (Query Identifier).
function compact(json: string): string {
  return json.replace(/("(?:[^"\\]|\\.)*")|\s+/g, "$1");
}
