import { counted, number, span } from "../amounts.ts";
import { queryCheck } from "../check.ts";
import { storageParameter, visible } from "../scope.ts";

type Columns = "name" | "kind" | "rows" | "never" | "changed" | "age";

/** Tables that the planner knows nothing of, or whose statistics most rows have outlived. */
export const statistics = queryCheck<Columns>({
  name: "statistics",
  group: "tables",
  title: "Missing and stale statistics",
  why: "The planner guesses numbers of rows and picks the wrong plan; autovacuum never analyzes partitioned parents.",
  scoped: true,
  // reltuples is -1 for "never" since 14; before, a partitioned table does not tell. Counters alone are no proof: a crash resets them.
  sql: (version) => `
    WITH seen AS (
      SELECT c.oid, n.nspname, c.relname, c.relkind, c.reltuples, greatest(c.reltuples::bigint, s.n_live_tup, 0) AS rows,
        greatest(s.last_analyze, s.last_autoanalyze) AS analyzed, coalesce(s.n_mod_since_analyze, 0) AS changed,
        coalesce(${storageParameter("c.reloptions", "autovacuum_analyze_threshold")}::bigint,
          current_setting('autovacuum_analyze_threshold')::bigint)
          + coalesce(${storageParameter("c.reloptions", "autovacuum_analyze_scale_factor")}::float8,
            current_setting('autovacuum_analyze_scale_factor')::float8) * greatest(c.reltuples, 0) AS due
      FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
      LEFT JOIN pg_catalog.pg_stat_all_tables s ON s.relid = c.oid
      WHERE c.relkind IN ('r', 'm'${version >= 140000 ? ", 'p'" : ""}) AND c.relpersistence <> 't' AND ${visible("n.nspname")}),
    judged AS (
      SELECT *, analyzed IS NULL AND (relkind = 'p' AND reltuples < 0
          AND EXISTS (SELECT FROM pg_catalog.pg_inherits h JOIN pg_catalog.pg_class k ON k.oid = h.inhrelid WHERE h.inhparent = seen.oid AND k.relpages > 0)
        OR relkind <> 'p' AND rows >= 1000 AND (reltuples < 0 OR has_table_privilege(oid, 'SELECT')
          AND NOT EXISTS (SELECT FROM pg_catalog.pg_stats p WHERE p.schemaname = nspname AND p.tablename = relname))) AS never
      FROM seen)
    SELECT format('%I.%I', nspname, relname) AS name, relkind::text AS kind, rows::text AS rows, never::text AS never, changed::text AS changed,
      extract(epoch FROM now() - analyzed)::text AS age
    FROM judged WHERE never OR (relkind <> 'p' AND changed >= 1000 AND changed >= 2 * due)
    ORDER BY never DESC, greatest(changed, rows) DESC, 1`,
  evaluate: (rows) =>
    rows.map((row) => {
      const [amount, changed] = [number(row.rows), number(row.changed)];
      const subject = row.name ?? "";
      const fix = `ANALYZE ${subject};`;
      if (row.never === "true")
        return row.kind === "p"
          ? { severity: "low", subject, evidence: "partitioned, never analyzed as a whole", fix }
          : { severity: "medium", subject, evidence: `${counted(amount, "row")}, never analyzed`, fix };
      const last = row.age === null ? "" : `, analyzed ${span(number(row.age))} ago`;
      return {
        severity: changed >= amount ? "medium" : "low",
        subject,
        evidence: `${counted(changed, "row")} changed since the last ANALYZE, of ${counted(amount, "row")}${last}`,
        fix,
      };
    }),
});
