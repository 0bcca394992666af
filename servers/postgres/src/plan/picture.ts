import { MISLEADING, misestimate } from "./estimates.ts";
import { conditions, label } from "./label.ts";
import type { Plan, PlanNode } from "./plan.ts";
import { summary } from "./summary.ts";
import { figures, flags, weightiest } from "./tree.ts";
import { weigh, type Weights } from "./weights.ts";
import { short } from "../one-line.ts";
import { count, percent, time } from "./wording.ts";

const WIDTH = 960;
const ROW = 40;
const HEAD = 56;
const FOOT = 34;
/** Left of the tree: the bar of the share. */
const BAR = { x: 52, width: 110 };
const TREE = { x: 178, step: 16, deepest: 14 };
/** Right of the tree: rows and time, which end here. */
const FIGURES = WIDTH - 16;
/** Rows of the picture; more are left out, the lightest first. */
const MOST = 150;
/** Width of a character, at most, in em: the fonts named below are monospaced with 0.6. */
const EM = 0.602;
const SIZE = { label: 13, detail: 11 };

/**
 * A plan as a picture (SVG 1.1): one row a node in the order of the tree, a bar for its share, colour where rows were
 * misestimated. Legible on light and dark, without scripts, fonts or anything else from outside.
 */
export function picture(plan: Plan, weights: Weights = weigh(plan)): string {
  const kept = weightiest(plan, weights, MOST);
  const nodes = plan.nodes.filter((node) => kept.has(node));
  const rows = new Map(nodes.map((node, i) => [node, i]));
  const left = plan.nodes.length - nodes.length;
  const height = HEAD + nodes.length * ROW + FOOT;
  const basis = weights.basis === "time" ? "time" : "cost";
  const foot = [
    `bar: share of ${basis}`,
    "rows: expected -> measured",
    ...(plan.measured ? [`orange: rows off by ${MISLEADING}x or more`] : []),
    ...(left > 0 ? [`${count(left)} lighter nodes left out`] : []),
  ].join(" · ");
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img">`,
    `<title>${escaped(`Query plan. ${summary(plan)}`)}</title>`,
    style,
    `<rect class="page" width="${WIDTH}" height="${height}" rx="6"/>`,
    write("title", 16, 24, "Query plan"),
    write("note", 16, 42, cut(summary(plan), WIDTH - 32, SIZE.detail)),
    // Bands lie under the lines that join their rows.
    ...nodes.map((_, i) => band(i)),
    ...nodes.map((node) => edge(node, rows)),
    ...nodes.map((node, i) => row(node, HEAD + i * ROW, weights)),
    write("note", 16, height - 12, foot),
    "</svg>",
  ].join("\n");
}

const style = `<style>
svg{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace;font-size:13px}
.page{fill:#ffffff;stroke:#d0d7de}.band{fill:#f6f8fa}.track{fill:#e6e9ed}.bar{fill:#3b82c4}.hot{fill:#c8442e}
.edge{fill:none;stroke:#8c959f}text{fill:#1f2328}.title{font-weight:600;font-size:15px}.note,.detail{fill:#59636e;font-size:11px}
.end{text-anchor:end}.off{fill:#b35900;font-weight:600}.off.detail{fill:#b35900}
@media(prefers-color-scheme:dark){.page{fill:#0d1117;stroke:#30363d}.band{fill:#151b23}.track{fill:#2a313c}.bar{fill:#4f9ee3}
.hot{fill:#f0705a}.edge{stroke:#6e7681}text{fill:#e6edf3}.note,.detail{fill:#9198a1}.off,.off.detail{fill:#f0a04b}}
</style>`;

function band(i: number): string {
  return i % 2 === 0 ? `<rect class="band" x="1" y="${HEAD + i * ROW}" width="${WIDTH - 2}" height="${ROW}"/>` : "";
}

function row(node: PlanNode, y: number, weights: Weights): string {
  const { share, own } = weights.of(node);
  const x = left(node);
  const off = (misestimate(node)?.factor ?? 1) >= MISLEADING;
  const weight = weights.basis === "time" ? time(own) : `cost ${count(node.cost)}`;
  const rows = short(figures(node), 44);
  // The first line shares its width with the time, the second with the rows.
  const room = (right: string, size: number) => FIGURES - right.length * SIZE.detail * EM - 16 - x - size;
  const detail = [conditions(node, 90), ...flags(node)].filter(Boolean).join("  ");
  const parts = [
    `<g><title>${escaped([label(node), conditions(node, 400), figures(node), `${percent(share)}, ${weight}`].filter(Boolean).join("\n"))}</title>`,
    write("end", BAR.x - 8, y + 24, percent(share)),
    `<rect class="track" x="${BAR.x}" y="${y + 14}" width="${BAR.width}" height="12" rx="2"/>`,
    share > 0
      ? `<rect class="${share >= 0.25 ? "hot" : "bar"}" x="${BAR.x}" y="${y + 14}" width="${Math.max(1, share * BAR.width).toFixed(1)}" height="12" rx="2"/>`
      : "",
    write("", x, y + (detail ? 17 : 24), cut(label(node), room(weight, 0), SIZE.label)),
    detail ? write("detail", x, y + 32, cut(detail, room(rows, 0), SIZE.detail)) : "",
    write("end detail", FIGURES, y + 17, weight),
    write(`end detail${off ? " off" : ""}`, FIGURES, y + 32, rows),
    "</g>",
  ];
  return parts.filter(Boolean).join("");
}

function left({ depth }: PlanNode): number {
  return TREE.x + Math.min(depth, TREE.deepest) * TREE.step;
}

function edge(node: PlanNode, rows: ReadonlyMap<PlanNode, number>): string {
  if (!node.parent) return "";
  const [from, to] = [rows.get(node.parent) ?? 0, rows.get(node) ?? 0];
  const x = left(node.parent) + 4;
  // Beyond the deepest step parent and child stand below each other.
  if (left(node) <= x) return "";
  return `<path class="edge" d="M${x} ${HEAD + from * ROW + ROW - 3}V${HEAD + to * ROW + 13}H${left(node) - 3}"/>`;
}

function write(kind: string, x: number, y: number, said: string): string {
  return `<text${kind ? ` class="${kind}"` : ""} x="${x}" y="${y}">${escaped(said)}</text>`;
}

/** As many characters as surely fit. Wide ones (CJK, emoji) count as two. */
function cut(said: string, width: number, size: number): string {
  const fits = Math.max(1, Math.floor(width / (size * EM)));
  let used = 0;
  let kept = "";
  for (const character of said.replace(/\s+/g, " ")) {
    const cells = (character.codePointAt(0) ?? 0) >= 0x1100 ? 2 : 1;
    if (used + cells > fits - 1 && kept.length + character.length < said.length) return `${kept}…`;
    used += cells;
    kept += character;
  }
  return kept;
}

const named: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };

// XML 1.0 allows no other control characters, not even escaped; nor half a surrogate pair.
function escaped(said: string): string {
  return (
    said
      .toWellFormed()
      // oxlint-disable-next-line no-control-regex
      .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, "�")
      .replace(/[&<>"]/g, (character) => named[character] ?? "")
  );
}
