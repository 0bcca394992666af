import { inputs, type Plan, type PlanNode, subtree, text } from "./plan.ts";

/** How much of a plan one node is, without the nodes below it. */
export interface Weight {
  /** Of all, 0 to 1. */
  readonly share: number;
  /** Milliseconds of wall time, or cost. */
  readonly own: number;
  /** The same with everything below it. */
  readonly total: number;
}

export interface Weights {
  /** What shares are shares of. */
  readonly basis: "time" | "cost";
  of(node: PlanNode): Weight;
  /** Of the node and everything below it, 0 to 1. */
  shareBelow(node: PlanNode): number;
}

const none: Weight = { share: 0, own: 0, total: 0 };

/** Weighs by time where it was measured, by cost otherwise. Shares of all nodes add up to 1. */
export function weigh(plan: Plan): Weights {
  const timed = plan.measured && (plan.root.actual?.ms ?? 0) > 0;
  const weights = timed ? byTime(plan) : byCost(plan);
  return {
    basis: timed ? "time" : "cost",
    of: (node) => weights.get(node) ?? none,
    shareBelow: (node) =>
      Math.min(
        1,
        [...subtree(node)].reduce((sum, each) => sum + (weights.get(each) ?? none).share, 0),
      ),
  };
}

function byTime({ root, nodes }: Plan): Map<PlanNode, Weight> {
  const totals = new Map(nodes.map((node) => [node, wallTime(node)]));
  const total = (node: PlanNode) => totals.get(node) ?? 0;
  const own = new Map(totals);
  const take = (from: PlanNode, ms: number) => own.set(from, (own.get(from) ?? 0) - ms);
  for (const node of nodes)
    for (const child of node.children)
      if (child.role !== "InitPlan") take(node, total(child));
      // A CTE and an InitPlan run when the first node asks for them, in that node's time.
      else for (const [payer, part] of payers(node, child, total)) take(payer, total(child) * part);
  const sum = [...own.values()].reduce((all, ms) => all + Math.max(0, ms), 0) || 1;
  const floor = (ms: number | undefined) => Math.max(0, ms ?? 0);
  return new Map(
    nodes.map((node) => [
      node,
      { own: floor(own.get(node)), total: total(node), share: floor(own.get(node)) / Math.max(sum, total(root)) },
    ]),
  );
}

function wallTime({ actual, processes }: PlanNode): number {
  return actual?.ms === undefined ? 0 : (actual.ms * actual.loops) / processes;
}

/** Nodes in whose time an InitPlan ran, with their parts of it. */
function payers(holder: PlanNode, plan: PlanNode, total: (node: PlanNode) => number): [PlanNode, number][] {
  const name = text(plan, "Subplan Name") ?? "";
  const inside = new Set(subtree(plan));
  const others = [...subtree(holder)].filter((node) => !inside.has(node));
  if (name.startsWith("CTE ")) {
    const scans = others.filter((node) => node.type === "CTE Scan" && text(node, "CTE Name") === name.slice(4));
    const all = scans.reduce((sum, scan) => sum + total(scan), 0);
    if (all > 0) return scans.map((scan) => [scan, total(scan) / all]);
  } else {
    const user = others.filter((node) => uses(node, name)).toSorted((a, b) => total(b) - total(a) || b.depth - a.depth);
    const deepest = user.findLast((node) => total(node) >= total(plan));
    if (deepest) return [[deepest, 1]];
  }
  return [[holder, 1]];
}

// `InitPlan 1 (returns $0,$1)` before PostgreSQL 17, then `InitPlan 1`, used as `(InitPlan 1).col1`.
function uses(node: PlanNode, name: string): boolean {
  const [, label = name, params] = /^(InitPlan \d+)(?: \(returns (.+)\))?$/.exec(name) ?? [];
  const marks = params?.split(",").map((param) => param.trim()) ?? [`(${label})`];
  const said = Object.entries(node.raw).flatMap(([key, value]) =>
    key === "Plans" || key === "Subplan Name" ? [] : [value].flat(),
  );
  return marks.some((mark) => {
    const exact = new RegExp(`${mark.replace(/[$()]/g, "\\$&")}(?!\\d)`);
    return said.some((each) => typeof each === "string" && exact.test(each));
  });
}

function byCost({ root, nodes }: Plan): Map<PlanNode, Weight> {
  const all = root.cost || 1;
  const weights = new Map<PlanNode, Weight>();
  // From the top: a node below a LIMIT counts as far as the LIMIT lets it run, and rescans of a Materialize cost less than the first.
  const given = new Map<PlanNode, number>([[root, root.cost]]);
  for (const node of nodes) {
    const total = given.get(node) ?? 0;
    const wanted = node.children.map((child) => child.cost * expectedLoops(node, child));
    const sum = wanted.reduce((a, b) => a + b, 0);
    const scale = sum > total ? total / sum : 1;
    node.children.forEach((child, i) => given.set(child, (wanted[i] ?? 0) * scale));
    const own = Math.max(0, total - sum * scale);
    weights.set(node, { own, total, share: own / all });
  }
  return weights;
}

function expectedLoops(node: PlanNode, child: PlanNode): number {
  const outer = inputs(node)[0];
  if (child.role === "SubPlan")
    return JSON.stringify(conditions(node)).includes("hashed ") ? 1 : Math.max(1, outer?.expected ?? node.expected);
  if (node.type !== "Nested Loop" || child.role !== "Inner" || child.type === "Materialize") return 1;
  return Math.max(1, outer?.expected ?? 1);
}

function conditions({ raw }: PlanNode): readonly unknown[] {
  return [raw["Filter"], raw["Join Filter"], raw["Output"]];
}
