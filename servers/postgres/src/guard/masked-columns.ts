import type { Column, RowSet } from "../row-set.ts";

/** A stored column whose values are not shown. */
export interface MaskedColumn {
  /** OID of its table. */
  readonly table: number;
  readonly attribute: number;
}

/** What stands in place of a value, also of NULL: that there is none would say something as well. */
export const masked = "***";
const TEXT = 25;

/** Places of an answer's columns that are masked ones, as the server says where each comes from. */
function maskOf(columns: readonly Column[], masks: readonly MaskedColumn[]): readonly number[] {
  return columns.flatMap(({ table, attribute }, at) =>
    table !== 0 && masks.some((mask) => mask.table === table && mask.attribute === attribute) ? [at] : [],
  );
}

/** The same rows with `***` for every value of a masked column; such a column then counts as text. */
export function maskRows(rows: RowSet, masks: readonly MaskedColumn[] = []): RowSet {
  const places = new Set(masks.length > 0 ? maskOf(rows.columns, masks) : []);
  if (places.size === 0) return rows;
  return {
    ...rows,
    columns: rows.columns.map((column, at) => (places.has(at) ? { ...column, type: TEXT, modifier: -1 } : column)),
    rows: rows.rows.map((row) => row.map((value, at) => (places.has(at) ? masked : value))),
  };
}
