import { createHash } from "node:crypto";
import { qualified, quoted } from "../identifier.ts";
import type { Table } from "./tables.ts";

export type Method = "btree" | "brin" | "gin" | "gist" | "hnsw";

export interface IndexKey {
  /** As it stands in the index: `"name"` or `(lower("name"))`. */
  readonly sql: string;
  /** `undefined` for an expression. */
  readonly column: string | undefined;
  /** Columns in it. */
  readonly columns: readonly string[];
  readonly operatorClass?: string;
  readonly descending?: boolean;
  readonly nullsFirst?: boolean;
}

/** An index that there could be. */
export interface IndexDefinition {
  readonly table: Table;
  readonly method: Method;
  readonly keys: readonly IndexKey[];
  /** Columns carried along, so that the table need not be read. */
  readonly include: readonly string[];
  /** The condition of a partial index, and the share of rows that meet it. */
  readonly where: { readonly sql: string; readonly columns: readonly string[]; readonly share: number } | undefined;
}

/** What hypopg can plan with: https://hypopg.readthedocs.io/en/rel1_stable/hypothetical_indexes.html */
export function isVerifiable({ method }: IndexDefinition): boolean {
  return method === "btree" || method === "brin";
}

/** Equal for indexes that are the same. */
export function identity({ table, ...definition }: IndexDefinition): string {
  return `${table.oid} ${body({ table, ...definition })}`;
}

/** `CREATE INDEX …` without a semicolon. `on` puts it on one partition instead of the table. */
export function createIndex(
  definition: IndexDefinition,
  how: {
    readonly name?: string;
    readonly concurrently?: boolean;
    readonly on?: { readonly schema: string; readonly name: string };
  } = {},
): string {
  const words = ["CREATE INDEX"];
  if (how.concurrently) words.push("CONCURRENTLY");
  if (how.name !== undefined) words.push(quoted(how.name));
  return `${words.join(" ")} ON ${qualified(how.on ?? definition.table)} ${body(definition)}`;
}

/** Without the table: `(a, b DESC) INCLUDE (c) WHERE …` */
export function body({ method, keys, include, where }: IndexDefinition): string {
  const using = method === "btree" ? "" : `USING ${method} `;
  const carried = include.length > 0 ? ` INCLUDE (${include.map(quoted).join(", ")})` : "";
  return `${using}(${keys.map(keySql).join(", ")})${carried}${where ? ` WHERE ${where.sql}` : ""}`;
}

function keySql({ sql, operatorClass, descending = false, nullsFirst = descending }: IndexKey): string {
  const words = [sql];
  if (operatorClass !== undefined) words.push(operatorClass);
  if (descending) words.push("DESC");
  if (nullsFirst !== descending) words.push(nullsFirst ? "NULLS FIRST" : "NULLS LAST");
  return words.join(" ");
}

/** Every column that the index holds or asks. */
export function columnsOf({ keys, include, where }: IndexDefinition): Set<string> {
  return new Set([...keys.flatMap(({ columns }) => columns), ...include, ...(where?.columns ?? [])]);
}

/** NAMEDATALEN - 1: PostgreSQL cuts longer names, and so makes them clash. */
const MAX_NAME_BYTES = 63;

/** `table_column_column_idx` as PostgreSQL itself would say, at most 63 bytes, and none of `taken`; it is added there. */
export function indexName(definition: IndexDefinition, taken: Set<string>): string {
  const parts = definition.keys.map(({ column }) => column ?? "expr");
  const kind = definition.where ? "_part" : "";
  const base = [definition.table.name, ...parts].join("_");
  const end = `${kind}_idx`;
  let name = shortened(base, end);
  for (let n = 1; taken.has(name); n++) name = shortened(base, `${end}${n}`);
  taken.add(name);
  return name;
}

function shortened(base: string, end: string): string {
  const whole = base + end;
  if (Buffer.byteLength(whole) <= MAX_NAME_BYTES) return whole;
  const digest = `_${createHash("sha256").update(base).digest("hex").slice(0, 6)}`;
  const room = MAX_NAME_BYTES - Buffer.byteLength(digest + end);
  // By characters, so that none is cut in two.
  let kept = "";
  for (const character of base) {
    if (Buffer.byteLength(kept + character) > room) break;
    kept += character;
  }
  return kept + digest + end;
}
