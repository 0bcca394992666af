import type { IndexDefinition, IndexKey } from "./index-definition.ts";
import type { Table } from "./tables.ts";

const PAGE = 8_192;
/** Of a leaf page, by the default fillfactor; a page also has a header and a high key. */
const FILLED = 0.9 * (PAGE - 64);
/** IndexTupleData and its line pointer; one row in a posting list. */
const TUPLE = 8;
const POINTER = 4;
const ROW = 6;
/** Rows that one posting list holds at most: it may take a sixth of a page. */
const POSTING = Math.floor(PAGE / 6 / ROW);
const UNKNOWN_WIDTH = 32;
const EXPRESSION_DISTINCT = 200;

/** Values that are equal but not alike (1.0 and 1.00) are never stored once: btree-deduplication of the manual. */
const neverShared = /^(numeric|real|double precision|jsonb|.*\[\]|.*range|record)$/;

const fixed = /^(smallint|integer|bigint|oid|boolean|date|real|double precision|uuid|time.*|interval|money)$/;

/**
 * Bytes of an index when it is new, by the statistics; `undefined` for methods whose size depends on what is inside the values.
 * hypopg does not know that B-trees store equal keys once (version 13 on), and so takes them for up to five times their size.
 */
export function indexBytes({ table, method, keys, include, where }: IndexDefinition): number | undefined {
  const rows = Math.max(1, table.rows * (where?.share ?? 1));
  if (method === "brin") return 3 * PAGE + Math.ceil(table.pages / 128) * 32;
  if (method !== "btree") return undefined;
  const width = sum([...keys.map((key) => keyWidth(key, table)), ...include.map((column) => widthOf(column, table))]);
  const tuple = TUPLE + aligned(width);
  const distinct = Math.min(
    rows,
    keys.reduce((product, key) => product * distinctOf(key, table), 1) * (where?.share ?? 1),
  );
  const shared =
    include.length === 0 &&
    keys.every((key) => key.columns.every((column) => !neverShared.test(table.columns.get(column)?.type ?? "")));
  const alike = shared ? Math.min(POSTING, rows / Math.max(distinct, 1)) : 1;
  const each = alike < 1.5 ? tuple + POINTER : ROW + (tuple + POINTER) / alike;
  const leaves = Math.ceil((rows * each) / FILLED);
  // Inner pages hold a short key for each leaf; the first page is about the index itself.
  const inner = Math.ceil((leaves * (tuple + POINTER)) / FILLED);
  return (1 + leaves + (leaves > 1 ? inner : 0)) * PAGE;
}

function keyWidth({ column, columns }: IndexKey, table: Table): number {
  return column === undefined ? Math.max(...columns.map((each) => widthOf(each, table)), 4) : widthOf(column, table);
}

function widthOf(column: string, table: Table): number {
  const found = table.columns.get(column);
  if (!found) return UNKNOWN_WIDTH;
  // The average of what varies in length is cut to whole bytes, and the longer half decides about the padding.
  return fixed.test(found.type) ? found.width : found.width + 1;
}

function distinctOf({ column, columns }: IndexKey, table: Table): number {
  const of = (name: string) => table.columns.get(name)?.distinct ?? EXPRESSION_DISTINCT;
  return column === undefined ? Math.max(...columns.map(of), EXPRESSION_DISTINCT) : of(column);
}

function aligned(bytes: number): number {
  return Math.ceil(bytes / 8) * 8;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
