import { showInvisible } from "@mooring/core";
import { shortBytes, shortCount } from "./figures.ts";
import type { CatalogObject, ListedColumn } from "./object.ts";
import { oneLine } from "../one-line.ts";
import { shownName } from "./shown-name.ts";
import { shortType } from "./type-name.ts";

/** Columns that a line shows; wider tables say how many more there are. */
const MOST_COLUMNS = 100;
/** Smaller ones need not be told. */
const LEAST_BYTES = 1_048_576;
/** Characters of a comment that a line shows. */
const MOST_COMMENT = 80;

/** One line: `orders ~1.2M rows 310 MB: *id bigint, customer_id bigint -> customers, note text?`. */
export function lineOf(object: CatalogObject, { qualified = false } = {}): string {
  const { kind, shownSchema, comment } = object;
  const name = `${qualified ? `${shownName(shownSchema)}.` : ""}${shownName(object.shownName)}`;
  const words = kind === "table" ? name : `${wordOf(object)} ${name}`;
  const remark = comment === null ? "" : ` -- ${cut(showInvisible(oneLine(comment)))}`;
  return `${words}${factsOf(object)}${remark}`;
}

/** `table`, `materialized view`, `procedure`: what it is called in SQL. */
export function wordOf({ kind, other }: Pick<CatalogObject, "kind" | "other">): string {
  if (kind === "function")
    return { p: "procedure", a: "aggregate", w: "window function" }[other.form ?? ""] ?? "function";
  if (kind === "type") return other.base ? "domain" : other.range ? "range type" : "type";
  return { matview: "materialized view", foreign: "foreign table", partitioned: "table" }[kind as string] ?? kind;
}

/** Names of one schema as `names` shows them, one line a kind. */
export function nameLines(objects: readonly CatalogObject[]): string[] {
  const byWord = new Map<string, string[]>();
  for (const object of objects) {
    const names = byWord.get(object.kind) ?? [];
    names.push(shownName(object.shownName));
    byWord.set(object.kind, names);
  }
  // Overloads have one name.
  return [...byWord].map(([kind, names]) => `${kind}: ${[...new Set(names)].join(", ")}`);
}

function factsOf(object: CatalogObject): string {
  const { kind, other, columns } = object;
  switch (kind) {
    case "enum":
      return `: ${(other.labels ?? []).map(oneLine).join(" | ")}`;
    case "type":
      return typeFacts(other);
    case "function":
      return functionFacts(other);
    case "sequence":
      return ` ${shortType(other.type ?? "")}${other.owner ? ` of ${oneLine(other.owner)}` : ""}`;
    case "extension":
      return ` ${oneLine(other.version ?? "")}`;
    default: {
      const more = columns.length - MOST_COLUMNS;
      const shown = columns.slice(0, MOST_COLUMNS).map((column, at) => columnOf(column, at, object));
      for (const link of object.links)
        if (link.columns.length > 1)
          shown.push(
            `(${link.columns.map((at) => shownName(columns[at]?.name ?? "")).join(", ")}) -> ${targetOf(link)}`,
          );
      if (more > 0) shown.splice(MOST_COLUMNS, 0, `and ${more} more columns`);
      const large = object.bytes !== undefined && object.bytes >= LEAST_BYTES;
      return `${figuresOf(large ? object : { ...object, bytes: undefined })}: ${shown.join(", ") || "no columns"}`;
    }
  }
}

/** ` ~1.2M rows 310 MB, by range (at), 12 partitions, no SELECT right`; empty where nothing is known. */
export function figuresOf({ rows, bytes, partitions, partitionKey, kind, closed }: CatalogObject): string {
  const size = [
    rows === undefined ? "" : ` ~${shortCount(rows)} rows`,
    bytes === undefined ? "" : ` ${shortBytes(bytes)}`,
  ].join("");
  const facts = [
    ...(kind === "partitioned"
      ? [` by ${oneLine(partitionKey ?? "")}, ${partitions} ${partitions === 1 ? "partition" : "partitions"}`]
      : []),
    ...(closed ? [" no SELECT right"] : []),
  ];
  return size + facts.join(",");
}

function columnOf({ name, type, required, key, masked }: ListedColumn, at: number, { links }: CatalogObject): string {
  const link = links.find(({ columns }) => columns.length === 1 && columns[0] === at);
  return [
    `${key ? "*" : ""}${shownName(name)} ${oneLine(shortType(type))}${required ? "" : "?"}`,
    ...(masked ? ["masked"] : []),
    ...(link ? [`-> ${targetOf(link)}`] : []),
  ].join(" ");
}

function targetOf({ schema, table, targets }: CatalogObject["links"][number]): string {
  const place = `${schema === null ? "" : `${shownName(schema)}.`}${shownName(table)}`;
  if (targets.length === 0) return place;
  return targets.length === 1
    ? `${place}.${shownName(targets[0] ?? "")}`
    : `${place} (${targets.map(shownName).join(", ")})`;
}

function typeFacts({ attributes, base, nullable, checks, range }: CatalogObject["other"]): string {
  if (base)
    return `: ${[oneLine(shortType(base)), ...(nullable ? [] : ["not null"]), ...(checks ?? []).map(oneLine)].join(" ")}`;
  if (range) return `: of ${oneLine(shortType(range))}`;
  return attributes
    ? `: ${attributes.map(([name, type]) => `${shownName(name)} ${oneLine(shortType(type))}`).join(", ")}`
    : "";
}

function functionFacts({ arguments: parameters, result, volatility, strict, definer }: CatalogObject["other"]): string {
  const word = { i: "immutable", s: "stable" }[volatility ?? ""];
  return [
    `(${oneLine(parameters ?? "")})`,
    ...(result ? [` returns ${oneLine(result)}`] : []),
    ...(word ? [` ${word}`] : []),
    ...(strict ? [" strict"] : []),
    ...(definer ? [" security definer"] : []),
  ].join("");
}

function cut(text: string): string {
  return text.length > MOST_COMMENT ? `${text.slice(0, MOST_COMMENT - 1)}…` : text;
}
