import type { Database } from "../database.ts";
import type { Value } from "../row-set.ts";
import { number } from "./amounts.ts";

/** What several checks need to know first. */
export interface Surroundings {
  /** Roles of monitoring whose privileges this login has. */
  readonly roles: { readonly pg_read_all_stats: boolean; readonly pg_monitor: boolean };
  /** Schema of pg_stat_statements, quoted; `undefined` where it is not installed. */
  readonly statements: string | undefined;
  /** Seconds that the counters of this database cover. */
  readonly countedSeconds: number;
}

const sql = `
  SELECT pg_has_role('pg_read_all_stats', 'USAGE')::text AS stats, pg_has_role('pg_monitor', 'USAGE')::text AS monitor,
    (SELECT quote_ident(n.nspname) FROM pg_catalog.pg_extension e JOIN pg_catalog.pg_namespace n ON n.oid = e.extnamespace
      WHERE e.extname = 'pg_stat_statements') AS statements,
    extract(epoch FROM now() - coalesce((SELECT d.stats_reset FROM pg_catalog.pg_stat_database d
      WHERE d.datname = current_database()), pg_postmaster_start_time()))::text AS counted`;

/** One round trip. */
export async function surroundingsOf(database: Database, signal: AbortSignal): Promise<Surroundings> {
  const [row] = await database.catalog<Record<"stats" | "monitor" | "statements" | "counted", Value>>(sql, [], signal);
  return {
    roles: { pg_read_all_stats: row?.stats === "true", pg_monitor: row?.monitor === "true" },
    statements: row?.statements ?? undefined,
    countedSeconds: number(row?.counted),
  };
}
