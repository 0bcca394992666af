import { isRecord, number, numberOf, type PlanNode, text, texts } from "../plan.ts";
import { short } from "../../one-line.ts";
import { count, size } from "../wording.ts";
import { type Finding, type Look, where } from "./finding.ts";

/** kB of one block; every build that people run has 8. */
const BLOCK = 8;

/** Sorts, hashes and others that did not fit into work_mem, or will not. */
export function memory({ plan, facts, weights }: Look): readonly Finding[] {
  const found = plan.nodes.flatMap((node) => {
    const weight = Math.max(0.15, weights.of(node).share);
    return plan.measured
      ? [...sort(node, weight, facts.workMem), ...hash(node, weight), ...aggregate(node, weight)]
      : tooLarge(node, weight, facts.workMem);
  });
  return found.length > 0 ? found : tempFiles(plan.root);
}

function sort(node: PlanNode, weight: number, workMem: number): readonly Finding[] {
  const disk = diskOf(node);
  if (disk === 0) return [];
  const keys = short(texts(node, "Sort Key").join(", "), 80);
  return [
    {
      kind: "sort-spill",
      node,
      weight,
      what: `${where(node)} by ${keys} wrote ${size(disk)} to disk: work_mem is ${size(workMem)}.`,
      // On disk rows stand packed; in memory each has a header and a pointer.
      next: `Raise work_mem for this query (SET LOCAL work_mem = '${megabytes(Math.max(disk * 2.5, workMem * 2))}'), sort fewer or narrower rows, or have an index give the order.`,
    },
  ];
}

// Of the leader, of each worker, and of the groups of an incremental sort.
function diskOf(node: PlanNode): number {
  const own = text(node, "Sort Space Type") === "Disk" ? number(node, "Sort Space Used") : 0;
  const workers = records(node.raw["Workers"]).map((worker) =>
    worker["Sort Space Type"] === "Disk" ? (numberOf(worker["Sort Space Used"]) ?? 0) : 0,
  );
  const groups = ["Full-sort Groups", "Pre-sorted Groups"].map((key) => {
    const group = node.raw[key];
    const space = isRecord(group) ? group["Sort Space Disk"] : undefined;
    return isRecord(space) ? (numberOf(space["Peak Sort Space Used"]) ?? 0) : 0;
  });
  return Math.max(own, ...workers, ...groups);
}

function hash(node: PlanNode, weight: number): readonly Finding[] {
  const batches = number(node, "Hash Batches");
  if (node.type !== "Hash" || batches <= 1) return [];
  const planned = number(node, "Original Hash Batches");
  const grew = planned > 0 && planned < batches ? ` (planned: ${count(planned)})` : "";
  return [
    {
      kind: "hash-spill",
      node,
      weight: Math.max(weight, 0.25),
      what: `The hash table did not fit: ${count(batches)} batches${grew} of up to ${size(number(node, "Peak Memory Usage"))} went through temporary files.`,
      next: `Raise work_mem for this query (SET LOCAL work_mem = '${megabytes(number(node, "Peak Memory Usage") * batches)}', or hash_mem_multiplier), or filter the hashed side first.`,
    },
  ];
}

function aggregate(node: PlanNode, weight: number): readonly Finding[] {
  const parts = [node.raw, ...records(node.raw["Workers"])];
  const batches = Math.max(...parts.map((part) => numberOf(part["HashAgg Batches"]) ?? 0));
  const disk = Math.max(...parts.map((part) => numberOf(part["Disk Usage"]) ?? 0));
  if (batches <= 1 || disk === 0) return [];
  return [
    {
      kind: "aggregate-spill",
      node,
      weight,
      what: `${where(node)} by ${short(texts(node, "Group Key").join(", "), 80)} did not fit: ${count(batches)} batches, ${size(disk)} on disk.`,
      next: `Raise work_mem for this query (SET LOCAL work_mem = '${megabytes(disk * 2)}'), or group by fewer columns.`,
    },
  ];
}

function tooLarge(node: PlanNode, weight: number, workMem: number): readonly Finding[] {
  // Limit keeps only its rows in memory.
  if ((node.type !== "Sort" && node.type !== "Hash") || node.parent?.type === "Limit") return [];
  const needed = (node.expected * (number(node, "Plan Width") + 24)) / 1024;
  if (needed <= workMem * (node.type === "Hash" ? 2 : 1)) return [];
  return [
    {
      kind: node.type === "Sort" ? "sort-spill" : "hash-spill",
      node,
      weight: weight * 0.8,
      what: `${where(node)} will likely go through temporary files: about ${size(needed)}, work_mem is ${size(workMem)}.`,
      next: `Raise work_mem for this query (SET LOCAL work_mem = '${megabytes(needed * 1.5)}'), or filter before it.`,
    },
  ];
}

function tempFiles(root: PlanNode): readonly Finding[] {
  const written = number(root, "Temp Written Blocks") * BLOCK;
  if (written < 1024) return [];
  const biggest = deepestWriter(root);
  return [
    {
      kind: "temp-files",
      node: biggest,
      weight: 0.2,
      what: `${where(biggest)} wrote ${size(number(biggest, "Temp Written Blocks") * BLOCK)} of temporary files.`,
      next: "Raise work_mem for this query, or keep fewer rows and columns (CTE, Materialize, window).",
    },
  ];
}

// Figures of a node hold those of the nodes below it.
function deepestWriter(node: PlanNode): PlanNode {
  const below = node.children.find(
    (child) => number(child, "Temp Written Blocks") >= number(node, "Temp Written Blocks") * 0.9,
  );
  return below ? deepestWriter(below) : node;
}

function records(value: unknown): readonly Readonly<Record<string, unknown>>[] {
  return Array.isArray(value) ? value.filter(isRecord) : [];
}

/** For a setting: rounded up to what people write. */
function megabytes(kilobytes: number): string {
  const mb = kilobytes / 1024;
  const step = mb < 64 ? 8 : mb < 1024 ? 64 : 512;
  return `${Math.max(step, Math.ceil(mb / step) * step)}MB`;
}
