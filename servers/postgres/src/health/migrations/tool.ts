import type { Value } from "../../row-set.ts";
import type { Finding } from "../finding.ts";
import type { Directory } from "./directory.ts";

/** A history table, as found in the catalog. */
export interface HistoryTable {
  /** Quoted, with its schema. */
  readonly name: string;
  readonly columns: ReadonlySet<string>;
  /** A table of the same schema, quoted; `undefined` where it is not there, or may not be read. */
  beside(table: string): string | undefined;
}

export type HistoryRow = Readonly<Record<string, Value>>;

/** What a history says. */
export interface History {
  /** How many migrations are applied; `undefined` where the tool keeps only where it stands. */
  readonly applied: number | undefined;
  /** The last one, and when, where the tool keeps that. */
  readonly last: string | undefined;
  readonly problems: readonly Finding[];
}

/** What files say against the history. */
export interface Files {
  /** Files of this tool's layout; none means that the directory is another tool's. */
  readonly found: number;
  /** In the directory, not applied, in order. */
  readonly pending: readonly string[];
  /** Those of them that the tool itself would pass over, and why. */
  readonly skipped?: { readonly names: readonly string[]; readonly why: string } | undefined;
  /** Applied, not in the directory. */
  readonly missing: readonly string[];
  /** Applied, and changed since. */
  readonly changed?: readonly string[];
}

/** How one tool keeps its history, and how its files lie. */
export interface MigrationTool {
  readonly name: string;
  /** The history table's usual name. */
  readonly table: string;
  /** Columns that tell it from another tool's table of this name. */
  readonly columns: readonly string[];
  /** SQL that reads the history; all as text. */
  sql(table: HistoryTable): string;
  read(rows: readonly HistoryRow[], table: HistoryTable): History;
  compare(rows: readonly HistoryRow[], directory: Directory): Files | Promise<Files>;
}

/** Rows of a history that are read: no project has as many. */
export const MOST_ROWS = 20_000;

/** The first few of a list, and how many more there are. */
export function listed(names: readonly string[], most = 10): string {
  const rest = names.length - most;
  return `${names.slice(0, most).join(", ")}${rest > 0 ? ` and ${rest} more` : ""}`;
}
