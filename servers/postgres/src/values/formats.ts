import type { Value } from "../row-set.ts";

/** An answer as it is written: names and types of columns, cells as PostgreSQL's text. */
export interface Table {
  readonly names: readonly string[];
  readonly types: readonly string[];
  readonly rows: readonly (readonly Value[])[];
}

export const formats = ["table", "csv", "markdown", "json"] as const;
export type Format = (typeof formats)[number];

/** One line for each row of a table, and what stands before and after them. */
export interface Writer {
  readonly head: string;
  row(row: readonly Value[]): string;
  readonly between: string;
  readonly tail: string;
}

/** Writes one way. Nothing is parsed, so nothing is rounded, shifted or renamed. */
export function writerOf(format: Format, names: readonly string[], types: readonly string[]): Writer {
  return writers[format](names, types);
}

const writers: { readonly [F in Format]: (names: readonly string[], types: readonly string[]) => Writer } = {
  // COPY's text format (sql-copy of the manual): tabs between cells, \N for NULL, backslashes for what would break a line.
  table: (names, types) => ({
    head: `${names.map((name, i) => `${escaped(name)} ${escaped(types[i] ?? "")}`).join("\t")}\n`,
    row: (row) => row.map((value) => (value === null ? "\\N" : escaped(value))).join("\t"),
    between: "\n",
    tail: "",
  }),
  // RFC 4180 as COPY writes it: nothing between commas is NULL, "" is the empty text.
  csv: (names) => ({
    head: `${names.map(quoted).join(",")}\n`,
    row: (row) => row.map((value) => (value === null ? "" : quoted(value))).join(","),
    between: "\n",
    tail: "",
  }),
  markdown: (names, types) => ({
    head: `| ${names.map((name, i) => `${inCell(name)} (${inCell(types[i] ?? "")})`).join(" | ")} |\n|${names.map(() => "---").join("|")}|\n`,
    row: (row) => `| ${row.map((value) => (value === null ? "NULL" : inCell(value))).join(" | ")} |`,
    between: "\n",
    tail: "",
  }),
  // Columns apart from rows: duplicate names and their order stay.
  json: (names, types) => ({
    head: `{"columns":${JSON.stringify(names.map((name, i) => [name, types[i] ?? ""]))},"rows":[\n`,
    row: (row) => `[${row.map((value, i) => jsonCell(value, types[i] ?? "")).join(",")}]`,
    between: ",\n",
    tail: "\n]}",
  }),
};

function escaped(value: string): string {
  return /[\\\t\n\r\b\f\v]/.test(value) ? value.replace(/[\\\t\n\r\b\f\v]/g, (c) => escapes[c] ?? c) : value;
}

const escapes: Readonly<Record<string, string>> = {
  "\\": "\\\\",
  "\t": "\\t",
  "\n": "\\n",
  "\r": "\\r",
  "\b": "\\b",
  "\f": "\\f",
  "\v": "\\v",
};

function quoted(value: string): string {
  return value === "" || /[",\r\n]/.test(value) || value === "\\." ? `"${value.replaceAll('"', '""')}"` : value;
}

function inCell(value: string): string {
  return value.replace(/[\\|]/g, "\\$&").replace(/\r\n?|\n/g, "<br>");
}

/** A cell as JSON: a number only where every reader gets the same one, json as it is, all else the server's text. */
function jsonCell(value: Value, type: string): string {
  if (value === null) return "null";
  switch (type) {
    case "bool":
      return value === "t" ? "true" : "false";
    case "int2":
    case "int4":
    case "oid":
      return value;
    case "int8":
      return Number.isSafeInteger(Number(value)) ? value : JSON.stringify(value);
    case "float4":
    case "float8":
      return Number.isFinite(Number(value)) ? value : JSON.stringify(value);
    case "json":
    case "jsonb":
      return isJson(value) ? value : JSON.stringify(value);
    default:
      return JSON.stringify(value);
  }
}

// A cell that was cut is no JSON any more, and json may hold what JSON.parse refuses.
function isJson(value: string): boolean {
  try {
    JSON.parse(value);
    return !/[\n\r]/.test(value);
  } catch {
    return false;
  }
}
