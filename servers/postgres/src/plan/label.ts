import { type PlanNode, text, texts } from "./plan.ts";
import { short } from "../one-line.ts";

/** What it is and on what, as psql's text format has it: `Index Scan using i on public.t a`. */
export function label(node: PlanNode): string {
  const name = text(node, "Subplan Name");
  const before = name === undefined ? "" : `[${name.replace(/ \(returns .*\)$/, "")}] `;
  return `${before}${operation(node)}${index(node)}${target(node)}`;
}

/** Its kind alone: `Parallel Hash Left Join`, `Partial HashAggregate`. */
export function operation(node: PlanNode): string {
  const partial = text(node, "Partial Mode");
  const words = [
    node.raw["Async Capable"] === true && "Async",
    node.raw["Parallel Aware"] === true && "Parallel",
    (partial === "Partial" || partial === "Finalize") && partial,
    kind(node),
    node.raw["Scan Direction"] === "Backward" && "Backward",
  ];
  return words.filter(Boolean).join(" ");
}

const aggregates: Readonly<Record<string, string>> = {
  Sorted: "GroupAggregate",
  Hashed: "HashAggregate",
  Mixed: "MixedAggregate",
};

function kind(node: PlanNode): string {
  const { type } = node;
  const strategy = text(node, "Strategy") ?? "";
  const join = text(node, "Join Type");
  if (type === "Aggregate") return aggregates[strategy] ?? "Aggregate";
  if (type === "SetOp") return `${strategy === "Hashed" ? "HashSetOp" : "SetOp"} ${text(node, "Command") ?? ""}`.trim();
  if (type === "ModifyTable") return text(node, "Operation") ?? type;
  if (type === "Foreign Scan" && text(node, "Operation") !== "Select")
    return `Foreign ${text(node, "Operation") ?? "Scan"}`;
  if (type === "Custom Scan") return `Custom Scan (${text(node, "Custom Plan Provider") ?? "unknown"})`;
  if (join === undefined || join === "Inner") return type;
  return type === "Nested Loop" ? `Nested Loop ${join} Join` : type.replace(/ Join$/, ` ${join} Join`);
}

function index(node: PlanNode): string {
  const name = text(node, "Index Name");
  if (name === undefined) return "";
  return node.type === "Bitmap Index Scan" ? ` on ${name}` : ` using ${name}`;
}

function target(node: PlanNode): string {
  const relation = text(node, "Relation Name") ?? text(node, "Function Name") ?? text(node, "Table Function Name");
  const alias = text(node, "Alias");
  const of = relation ?? text(node, "CTE Name") ?? text(node, "Tuplestore Name") ?? text(node, "Relations") ?? alias;
  if (of === undefined) return "";
  return ` on ${of}${alias === undefined || alias === of ? "" : ` ${alias}`}`;
}

const shown: readonly (readonly [key: string, word: string])[] = [
  ["Index Cond", "on"],
  ["Hash Cond", "on"],
  ["Merge Cond", "on"],
  ["TID Cond", "on"],
  ["Join Filter", "filter"],
  ["Filter", "filter"],
  ["One-Time Filter", "only if"],
  ["Order By", "by"],
  ["Sort Key", "by"],
  ["Group Key", "by"],
  ["Cache Key", "by"],
  ["Run Condition", "while"],
  ["Function Call", "call"],
];

/** Its conditions and keys, short: `on (a.id = b.id) filter (a.x > 5)`; empty for none. */
export function conditions(node: PlanNode, most = 60): string {
  const said = shown.flatMap(([key, word]) => {
    const values = texts(node, key);
    return values.length === 0 ? [] : [`${word} ${short(values.join(", "), most)}`];
  });
  return said.slice(0, 2).join(" ");
}

/** `schema.table`, quoted where SQL needs it; `undefined` for a node that reads no table. */
export function qualifiedRelation(node: PlanNode): string | undefined {
  const relation = text(node, "Relation Name");
  const schema = text(node, "Schema");
  if (relation === undefined) return undefined;
  return [schema, relation]
    .filter((part) => part !== undefined)
    .map(quoted)
    .join(".");
}

const plain = /^[a-z_][a-z0-9_$]*$/;
// Those of the reserved words (appendix C of the manual) that people name tables by.
const reserved =
  /^(all|analyse|analyze|and|any|array|as|asc|both|case|cast|check|column|constraint|create|default|desc|distinct|do|else|end|except|false|fetch|for|foreign|from|grant|group|having|in|initially|intersect|into|lateral|leading|limit|not|null|offset|on|only|or|order|placing|primary|references|returning|select|some|symmetric|table|then|to|trailing|true|union|unique|user|using|variadic|when|where|window|with)$/;

function quoted(name: string): string {
  return plain.test(name) && !reserved.test(name) ? name : `"${name.replaceAll('"', '""')}"`;
}
