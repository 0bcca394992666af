import { bytes, number } from "../amounts.ts";
import { queryCheck } from "../check.ts";
import { visible } from "../scope.ts";

/** Indexes that a failed CREATE or REINDEX INDEX CONCURRENTLY left behind. */
export const invalidIndexes = queryCheck<"name" | "table" | "kind" | "bytes" | "building" | "constrains">({
  name: "invalid_indexes",
  group: "indexes",
  title: "Invalid indexes",
  why: "Queries never use an invalid index, a unique one may guarantee nothing, and writes still pay for it.",
  scoped: true,
  // Another role's progress has no index_relid for a login that may not see it.
  sql: () => `
    SELECT format('%I.%I', n.nspname, c.relname) AS name, format('%I.%I', tn.nspname, t.relname) AS "table",
      c.relkind::text AS kind, pg_relation_size(c.oid)::text AS bytes,
      EXISTS (SELECT FROM pg_catalog.pg_stat_progress_create_index p WHERE p.datname = current_database()
        AND (p.index_relid = c.oid OR p.index_relid IS NULL))::text AS building,
      EXISTS (SELECT FROM pg_catalog.pg_constraint o WHERE o.conindid = c.oid)::text AS constrains
    FROM pg_catalog.pg_index i
    JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    JOIN pg_catalog.pg_class t ON t.oid = i.indrelid JOIN pg_catalog.pg_namespace tn ON tn.oid = t.relnamespace
    WHERE NOT i.indisvalid AND ${visible("n.nspname")} AND ${visible("tn.nspname")}
    ORDER BY pg_relation_size(c.oid) DESC, 1`,
  evaluate: (rows) =>
    rows.map((row) => {
      const subject = row.name ?? "";
      const what = `on ${row.table}, ${bytes(number(row.bytes))}`;
      if (row.building === "true") return { severity: "info", subject, evidence: `${what}; being built now` };
      if (row.kind === "I")
        return {
          severity: "medium",
          subject,
          evidence: `on ${row.table}; partitioned, and some partition has no index attached to it (ALTER INDEX … ATTACH PARTITION)`,
        };
      return {
        severity: "high",
        subject,
        evidence: `${what}; left by a CREATE or REINDEX INDEX CONCURRENTLY that failed`,
        fix: `${row.constrains === "true" ? "REINDEX" : "DROP"} INDEX CONCURRENTLY ${subject};`,
      };
    }),
});
