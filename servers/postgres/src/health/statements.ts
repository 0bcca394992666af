import type { Database } from "../database.ts";
import { notOwn } from "../own-statements.ts";
import type { Value } from "../row-set.ts";

type Columns =
  | "id"
  | "query"
  | "calls"
  | "total"
  | "mean"
  | "max"
  | "rows"
  | "share"
  | "hit"
  | "read"
  | "dirtied"
  | "spilt"
  | "wal"
  | "roles"
  | "all";

/** What pg_stat_statements knows of one statement in this database, over all roles. Times in milliseconds, as text. */
export type StatementStatistics = Readonly<Record<Columns, Value>>;

/** Where pg_stat_statements is, and what server it is on. */
export interface Where {
  /** Quoted. */
  readonly schema: string;
  readonly version: number;
}

const most = ({ schema }: Where, filter: string, limit: string) => `
  WITH own AS (
    SELECT s.* FROM ${schema}.pg_stat_statements s JOIN pg_catalog.pg_database d ON d.oid = s.dbid WHERE d.datname = current_database()),
  merged AS (
    SELECT queryid, min(query) AS query, sum(calls) AS calls, sum(total_exec_time) AS total, max(max_exec_time) AS max, sum(rows) AS rows,
      sum(shared_blks_hit) AS hit, sum(shared_blks_read) AS read, sum(shared_blks_dirtied) AS dirtied, sum(temp_blks_written) AS spilt,
      sum(wal_bytes) AS wal, count(DISTINCT userid) AS roles
    FROM own GROUP BY queryid)
  SELECT queryid::text AS id, query, calls::text AS calls, total::text AS total, (total / greatest(calls, 1))::text AS mean, max::text AS max, rows::text AS rows,
    (total / greatest((SELECT sum(total_exec_time) FROM own), 1e-9))::text AS share, hit::text AS hit, read::text AS read, dirtied::text AS dirtied,
    spilt::text AS spilt, wal::text AS wal, roles::text AS roles, count(*) OVER ()::text AS "all"
  FROM merged WHERE ${filter} ORDER BY total DESC, queryid LIMIT ${limit}`;

/** By total time, most first. The columns used are the same from 13 (1.8 of the extension) to 18. */
export function topStatements(
  database: Database,
  { limit, ...where }: Where & { readonly limit: number },
  signal: AbortSignal,
): Promise<StatementStatistics[]> {
  return database.catalog<StatementStatistics>(
    most(where, `queryid IS NOT NULL AND ${notOwn("query")}`, "$1::bigint"),
    [String(limit)],
    signal,
  );
}

/** One statement by its queryid; `undefined` where it is not there. */
export async function statementById(
  database: Database,
  { id, ...where }: Where & { readonly id: string },
  signal: AbortSignal,
): Promise<StatementStatistics | undefined> {
  const [row] = await database.catalog<StatementStatistics>(most(where, "queryid = $1::bigint", "1"), [id], signal);
  return row;
}
