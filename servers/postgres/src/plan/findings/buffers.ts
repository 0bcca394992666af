import { number, type PlanNode } from "../plan.ts";
import { percent, size, time } from "../wording.ts";
import { type Finding, type Look, where } from "./finding.ts";

const BLOCK = 8;
/** 8 MB: less is read in no time. */
const WORTHWHILE = 1_024;

/** Blocks that had to be fetched from outside of PostgreSQL's own cache. */
export function buffers({ plan, weights }: Look): readonly Finding[] {
  const { root } = plan;
  const [read, hit] = [number(root, "Shared Read Blocks"), number(root, "Shared Hit Blocks")];
  if (read < WORTHWHILE || read < hit) return [];
  const reader = deepestReader(root);
  // One name up to PostgreSQL 16, one for each kind since; both only with track_io_timing.
  const waited = number(root, "I/O Read Time") + number(root, "Shared I/O Read Time");
  const took = waited > 0 ? ` in ${time(waited)}` : "";
  return [
    {
      kind: "cold-buffers",
      node: reader,
      weight: 0.3 + weights.of(reader).share / 4,
      what: `${size(read * BLOCK)} (${percent(read / (read + hit))} of the blocks) came from outside shared_buffers${took}, most of it for ${where(reader)}.`,
      next: "Measure again: a second run shows the time with a warm cache. If it stays cold, read less (index, fewer columns) or raise shared_buffers.",
    },
  ];
}

// Figures of a node hold those of the nodes below it.
function deepestReader(node: PlanNode): PlanNode {
  const below = node.children.find(
    (child) => number(child, "Shared Read Blocks") >= number(node, "Shared Read Blocks") * 0.6,
  );
  return below ? deepestReader(below) : node;
}
