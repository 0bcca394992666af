import { ToolError } from "@mooring/core";
import type { Database } from "../database.ts";
import { quoted } from "../identifier.ts";
import { notOwn } from "../own-statements.ts";

/** A statement of the workload, its literals replaced by `$n`. */
export interface Recorded {
  readonly sql: string;
  readonly calls: number;
  /** Milliseconds of all calls. */
  readonly ms: number;
  /** Rows that all calls gave or changed. */
  readonly rows: number;
}

export interface Workload {
  /** Most time first. */
  readonly statements: readonly Recorded[];
  /** Statements of others whose text this role may not see. */
  readonly hidden: number;
}

/** Statements that are looked at; what takes less time than these decides nothing. */
const MOST = 200;

/**
 * What `pg_stat_statements` recorded in this database, one row a statement whoever ran it.
 * https://www.postgresql.org/docs/current/pgstatstatements.html
 * @throws ToolError `unavailable` where it is not installed or not loaded
 */
export async function loadWorkload(database: Database, signal: AbortSignal): Promise<Workload> {
  const schema = await extensionSchema(database, "pg_stat_statements", signal);
  if (schema === undefined)
    throw new ToolError(
      "unavailable",
      "The workload is not recorded: pg_stat_statements is not installed in this database.",
      {
        hint: "Ask the person to add it to shared_preload_libraries, restart, and CREATE EXTENSION pg_stat_statements; or give the statements as target.",
      },
    );
  const view = quoted(schema);
  const rows = await database
    .catalog<{ query: string | null; calls: string; ms: string; rows: string }>(
      `SELECT min(query) AS query, sum(calls)::text AS calls, sum(total_exec_time)::text AS ms, sum(rows)::text AS rows
         FROM ${view}.pg_stat_statements
        WHERE dbid = (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database())
          AND ${notOwn("query")}
        GROUP BY coalesce(queryid::text, 'text ' || query) ORDER BY sum(total_exec_time) DESC LIMIT ${MOST}`,
      [],
      signal,
    )
    .catch((error: unknown) => {
      // object_not_in_prerequisite_state
      if ((Object(error) as { code?: unknown }).code !== "55000") throw error;
      throw new ToolError(
        "unavailable",
        "The workload is not recorded: pg_stat_statements is installed but not loaded.",
        {
          hint: "Ask the person to add it to shared_preload_libraries and restart; or give the statements as target.",
          cause: error,
        },
      );
    });
  const readable = rows.filter(({ query }) => query !== null && query !== "<insufficient privilege>");
  return {
    statements: readable.map(({ query, calls, ms, rows: count }) => ({
      sql: query ?? "",
      calls: Number(calls),
      ms: Number(ms),
      rows: Number(count),
    })),
    hidden: rows.length - readable.length,
  };
}

/** Where an extension's functions are; `undefined` when it is not installed here. */
async function extensionSchema(database: Database, name: string, signal: AbortSignal): Promise<string | undefined> {
  const [row] = await database.catalog<{ schema: string }>(
    "SELECT n.nspname AS schema FROM pg_catalog.pg_extension e JOIN pg_catalog.pg_namespace n ON n.oid = e.extnamespace WHERE e.extname = $1",
    [name],
    signal,
  );
  return row?.schema;
}
