import { ToolError } from "@mooring/core";
import type { Described } from "../catalog/describe.ts";
import type { Database } from "../database.ts";
import type { RowSet } from "../row-set.ts";

/** Rows of a sample, and bytes of them. */
const MOST_ROWS = 5;
const MOST_BYTES = 4_000;

/**
 * A few rows of a table, without masked columns; proved like any query. `undefined` where there is nothing to show: for
 * views, which may take any time, and for what this login may not read.
 */
export async function sampleOf(database: Database, table: Described, signal: AbortSignal): Promise<RowSet | undefined> {
  if (table.kind !== "table" && table.kind !== "partitioned") return undefined;
  const columns = (table.details.columns ?? [])
    .filter(({ masked, closed }) => !masked && !closed)
    .map(({ name }) => name);
  if (columns.length === 0 || table.closed) return undefined;
  try {
    const sql = `SELECT ${columns.join(", ")} FROM ${table.shownSchema}.${table.shownName} LIMIT ${MOST_ROWS}`;
    return await database.read(await database.prove(sql, signal), { maxRows: MOST_ROWS, maxBytes: MOST_BYTES, signal });
  } catch (error) {
    // A description without rows is worth more than none.
    if (error instanceof ToolError && error.kind === "denied") return undefined;
    throw error;
  }
}
