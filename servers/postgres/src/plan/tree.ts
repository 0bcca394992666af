import { MISLEADING, misestimate } from "./estimates.ts";
import type { Finding } from "./findings/finding.ts";
import { conditions, label } from "./label.ts";
import { number, type Plan, type PlanNode, text } from "./plan.ts";
import { weigh, type Weights } from "./weights.ts";
import { oneLine, short } from "../one-line.ts";
import { count, percent, size, time } from "./wording.ts";

/** Lines of a tree that an answer shows; plans over thousands of partitions have more. */
const MOST_LINES = 120;
const MOST_LABEL = 90;

/**
 * One line a node: its share, what it does, rows expected and measured, its own time (or cost); `[1]` refers to the finding.
 * Deep or endless plans keep their weightiest nodes, and say how many are left out.
 */
export function tree(
  plan: Plan,
  found: readonly Finding[] = [],
  weights: Weights = weigh(plan),
  most = MOST_LINES,
): string {
  const kept = weightiest(plan, weights, most);
  const lines = plan.nodes.filter((node) => kept.has(node)).map((node) => line(node, weights, marks(node, found)));
  if (kept.size < plan.nodes.length)
    lines.push(`(${count(plan.nodes.length - kept.size)} lighter nodes left out; format json has all.)`);
  return lines.join("\n");
}

/** Findings as a numbered list; empty for none. */
export function findingLines(found: readonly Finding[]): string {
  return found.map(({ what, next }, i) => `${i + 1}. ${oneLine(what)} -> ${oneLine(next)}`).join("\n");
}

/** The weightiest nodes and all above them, at most so many; the first ones of the tree where there is room left. */
export function weightiest({ root, nodes }: Plan, weights: Weights, most: number): ReadonlySet<PlanNode> {
  if (nodes.length <= most) return new Set(nodes);
  const kept = new Set<PlanNode>([root]);
  for (const node of nodes.toSorted((a, b) => weights.of(b).share - weights.of(a).share)) {
    const path: PlanNode[] = [];
    for (let up: PlanNode | undefined = node; up && !kept.has(up) && kept.size + path.length <= most; up = up.parent)
      path.push(up);
    if (kept.size + path.length <= most) for (const each of path) kept.add(each);
  }
  for (const node of nodes) if (kept.size < most) kept.add(node);
  return kept;
}

function line(node: PlanNode, weights: Weights, refer: string): string {
  const { share, own } = weights.of(node);
  const said = [
    short(label(node), MOST_LABEL),
    conditions(node),
    figures(node),
    ...(weights.basis === "time" ? (own >= 0.005 ? [time(own)] : []) : [`cost ${count(node.cost)}`]),
    ...flags(node),
    refer,
  ];
  return `${percent(share).padStart(4)} ${" ".repeat(Math.min(node.depth, 30))}${said.filter(Boolean).join("  ")}`;
}

/** `rows 10 -> 25,000 x3`: expected, measured, loops. */
export function figures(node: PlanNode): string {
  const { actual, expected } = node;
  if (!actual) return `rows ${count(expected)}`;
  if (actual.loops === 0) return "never executed";
  const loops = actual.loops > 1 ? ` x${count(actual.loops)}` : "";
  return expected === actual.rows
    ? `rows ${count(expected)}${loops}`
    : `rows ${count(expected)} -> ${count(actual.rows)}${loops}${off(node)}`;
}

function off(node: PlanNode): string {
  const found = misestimate(node);
  return found && found.factor >= MISLEADING ? ` (${count(Math.round(found.factor))}x ${found.direction})` : "";
}

/** What a reader looks for in a plan besides rows and time. */
export function flags(node: PlanNode): readonly string[] {
  const removed = number(node, "Rows Removed by Filter");
  const batches = Math.max(number(node, "Hash Batches"), number(node, "HashAgg Batches"));
  const [planned, launched] = [number(node, "Workers Planned"), node.raw["Workers Launched"]];
  return [
    ...(removed > 0 ? [`dropped ${count(removed)}`] : []),
    ...(text(node, "Sort Space Type") === "Disk" ? [`disk ${size(number(node, "Sort Space Used"))}`] : []),
    ...(batches > 1 ? [`${count(batches)} batches`] : []),
    ...(number(node, "Lossy Heap Blocks") > 0 ? ["lossy"] : []),
    ...(number(node, "Heap Fetches") > 0 ? [`heap fetches ${count(number(node, "Heap Fetches"))}`] : []),
    ...(planned > 0 ? [`workers ${typeof launched === "number" ? `${launched}/` : ""}${planned}`] : []),
    ...(number(node, "Subplans Removed") > 0 ? [`${count(number(node, "Subplans Removed"))} pruned`] : []),
    ...(node.type === "Memoize" && number(node, "Cache Hits") > 0 ? [`hits ${count(number(node, "Cache Hits"))}`] : []),
    ...(node.raw["Disabled"] === true ? ["disabled"] : []),
  ];
}

function marks(node: PlanNode, found: readonly Finding[]): string {
  return found.map((finding, i) => (finding.node === node ? `[${i + 1}]` : "")).join("");
}
