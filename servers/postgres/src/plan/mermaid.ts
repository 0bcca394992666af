import { MISLEADING, misestimate } from "./estimates.ts";
import { conditions, label } from "./label.ts";
import type { Plan, PlanNode } from "./plan.ts";
import { figures, weightiest } from "./tree.ts";
import { weigh, type Weights } from "./weights.ts";
import { short } from "../one-line.ts";
import { count, percent, time } from "./wording.ts";

/** Renderers give up on larger charts. */
const MOST_NODES = 80;

/** A flowchart of the plan: heavy nodes and misestimates stand out. Edges carry the rows. */
export function mermaid(plan: Plan, weights: Weights = weigh(plan)): string {
  const kept = weightiest(plan, weights, MOST_NODES);
  const nodes = plan.nodes.filter((node) => kept.has(node));
  const left = plan.nodes.length - nodes.length;
  const heavy = nodes.filter((node) => weights.of(node).share >= 0.25);
  const off = nodes.filter((node) => (misestimate(node)?.factor ?? 1) >= MISLEADING);
  return [
    "flowchart TD",
    ...nodes.map((node) => `  n${node.id}["${lines(node, weights).map(escaped).join("<br/>")}"]`),
    ...nodes
      .filter(({ parent }) => parent)
      .map((node) => `  n${node.id} -->|${count(node.actual?.rows ?? node.expected)}| n${node.parent?.id}`),
    ...(left > 0 ? [`  left["${count(left)} lighter nodes left out"]`] : []),
    "  classDef heavy stroke:#c2410c,stroke-width:3px",
    "  classDef off stroke-dasharray:5 3",
    ...(heavy.length > 0 ? [`  class ${ids(heavy)} heavy`] : []),
    ...(off.length > 0 ? [`  class ${ids(off)} off`] : []),
  ].join("\n");
}

function lines(node: PlanNode, weights: Weights): string[] {
  const { share, own } = weights.of(node);
  const weight = weights.basis === "time" ? time(own) : `cost ${count(node.cost)}`;
  return [short(label(node), 60), conditions(node, 40), `${percent(share)}, ${weight}, ${figures(node)}`].filter(
    Boolean,
  );
}

function ids(nodes: readonly PlanNode[]): string {
  return nodes.map(({ id }) => `n${id}`).join(",");
}

// Mermaid knows characters by their numbers; anything but plain text could end the label or be read as Markdown or HTML.
function escaped(said: string): string {
  return said.replace(/[^\p{L}\p{N} .,:()%/=+_-]/gu, (character) => `#${character.codePointAt(0)};`);
}
