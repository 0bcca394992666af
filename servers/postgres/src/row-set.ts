/** One column of an answer. `table` and `attribute` say which stored column it is, 0 where it is computed. */
export interface Column {
  readonly name: string;
  /** OID of its type. */
  readonly type: number;
  readonly modifier: number;
  readonly table: number;
  readonly attribute: number;
}

/** A value as PostgreSQL's text output has it: never parsed, so never changed. */
export type Value = string | null;

/** Why rows are missing: more than asked for, more than the answer holds. */
export type Cut = "rows" | "bytes";

export interface RowSet {
  readonly columns: readonly Column[];
  readonly rows: readonly (readonly Value[])[];
  /** `undefined`: these are all rows. */
  readonly cut: Cut | undefined;
  /** Bytes of the values kept. */
  readonly bytes: number;
  /** What the server says was done: `SELECT 5`, `UPDATE 3`; empty where it was stopped. */
  readonly command: string;
  /** Notices raised meanwhile, the first few. */
  readonly notices: readonly string[];
}
