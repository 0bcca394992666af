import { count, counted, number, percent, span } from "../amounts.ts";
import { queryCheck } from "../check.ts";
import type { Finding, Severity } from "../finding.ts";
import { storageParameter, visible } from "../scope.ts";

type Columns = "name" | "dead" | "live" | "due" | "off" | "age";

/** Tables with twice the dead rows at which autovacuum should have begun, and tables that it is told to leave alone. */
export const autovacuum = queryCheck<Columns>({
  name: "autovacuum",
  group: "vacuum",
  title: "Autovacuum is behind",
  why: "Dead rows are read, cached and kept; vacuum_blockers says what keeps VACUUM from removing them.",
  scoped: true,
  // autovacuum_vacuum_max_threshold came with 18 (-1: none).
  sql: (version) => {
    const due = `coalesce(${storageParameter("c.reloptions", "autovacuum_vacuum_threshold")}::float8,
        current_setting('autovacuum_vacuum_threshold')::float8)
      + coalesce(${storageParameter("c.reloptions", "autovacuum_vacuum_scale_factor")}::float8,
        current_setting('autovacuum_vacuum_scale_factor')::float8) * greatest(c.reltuples, 0)`;
    const most = `nullif(coalesce(${storageParameter("c.reloptions", "autovacuum_vacuum_max_threshold")}::float8,
        current_setting('autovacuum_vacuum_max_threshold')::float8), -1)`;
    return `
    WITH seen AS (
      SELECT format('%I.%I', n.nspname, c.relname) AS name, coalesce(s.n_dead_tup, 0) AS dead, coalesce(s.n_live_tup, 0) AS live,
        ${version >= 180000 ? `least(${due}, ${most})` : due} AS due, greatest(s.last_vacuum, s.last_autovacuum) AS vacuumed,
        coalesce(${storageParameter("c.reloptions", "autovacuum_enabled")}::boolean, true) AS enabled
      FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
      LEFT JOIN pg_catalog.pg_stat_all_tables s ON s.relid = c.oid
      WHERE c.relkind IN ('r', 'm') AND c.relpersistence <> 't' AND ${visible("n.nspname")})
    SELECT name, dead::text AS dead, live::text AS live, due::bigint::text AS due, (NOT enabled)::text AS off,
      extract(epoch FROM now() - vacuumed)::text AS age
    FROM seen WHERE NOT enabled OR (dead >= 1000 AND dead >= 2 * due) ORDER BY dead DESC, name`;
  },
  evaluate: (rows) =>
    rows.flatMap((row) => {
      const [dead, live, due] = [number(row.dead), number(row.live), number(row.due)];
      const subject = row.name ?? "";
      const findings: Finding[] = [];
      if (dead >= 1_000 && dead >= 2 * due) {
        const share = dead / Math.max(dead + live, 1);
        const last = row.age === null ? "never vacuumed" : `vacuumed ${span(number(row.age))} ago`;
        const evidence = `${counted(dead, "dead row")} (${percent(share)}), due at ${count(due)}, ${last}`;
        findings.push({ severity: behind(dead, share), subject, evidence, fix: `VACUUM (ANALYZE) ${subject};` });
      }
      if (row.off === "true")
        findings.push({
          severity: "medium",
          subject,
          evidence: "autovacuum is switched off for it (autovacuum_enabled)",
          fix: `ALTER TABLE ${subject} RESET (autovacuum_enabled);`,
        });
      return findings;
    }),
});

function behind(dead: number, share: number): Severity {
  if (dead >= 1_000_000 && share >= 0.5) return "high";
  return dead >= 100_000 && share >= 0.2 ? "medium" : "low";
}
