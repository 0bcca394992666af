import { counted, number } from "../amounts.ts";
import { queryCheck } from "../check.ts";
import type { Severity } from "../finding.ts";
import { columnNames, indexKeys, ownRelation, visible } from "../scope.ts";

/** Foreign keys whose columns begin no index, so that deleting a referenced row reads the whole table. */
export const foreignKeyIndexes = queryCheck<"table" | "name" | "columns" | "kind" | "rows" | "deleted">({
  name: "foreign_key_indexes",
  group: "indexes",
  title: "Foreign keys without an index",
  why: "Each DELETE or key UPDATE of a referenced row, and most joins, then read the whole referencing table.",
  scoped: true,
  // An index over the rows that have a value serves as well as a whole one.
  sql: () => `
    SELECT format('%I.%I', n.nspname, c.relname) AS "table", quote_ident(f.conname) AS name,
      ${columnNames("f.conrelid", "f.conkey")} AS columns, c.relkind::text AS kind,
      greatest(c.reltuples::bigint, s.n_live_tup, 0)::text AS rows, coalesce(r.n_tup_del, 0)::text AS deleted
    FROM pg_catalog.pg_constraint f
    JOIN pg_catalog.pg_class c ON c.oid = f.conrelid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    LEFT JOIN pg_catalog.pg_stat_all_tables s ON s.relid = f.conrelid
    LEFT JOIN pg_catalog.pg_stat_all_tables r ON r.relid = f.confrelid
    WHERE f.contype = 'f' AND f.conparentid = 0 AND ${visible("n.nspname")} AND ${ownRelation("c.oid")}
      AND NOT EXISTS (
        SELECT FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class ic ON ic.oid = i.indexrelid JOIN pg_catalog.pg_am a ON a.oid = ic.relam
        WHERE i.indrelid = f.conrelid AND i.indisvalid AND a.amname IN ('btree', 'hash')
          AND (${indexKeys("i")})[1:cardinality(f.conkey)] @> f.conkey
          AND (i.indpred IS NULL OR pg_get_expr(i.indpred, i.indrelid) =
            '(' || ${columnNames("f.conrelid", "f.conkey")} || ' IS NOT NULL)'))
    ORDER BY greatest(c.reltuples::bigint, s.n_live_tup) DESC, 1, 2`,
  evaluate: (rows) =>
    rows.map((row) => {
      const [amount, deleted] = [number(row.rows), number(row.deleted)];
      const uses =
        deleted > 0 ? `${counted(deleted, "referenced row")} deleted so far` : "no referenced row deleted so far";
      return {
        severity: foreignKeySeverity(amount, deleted),
        subject: `${row.table} (${row.columns})`,
        evidence: `constraint ${row.name}, ${counted(amount, "row")}, ${uses}`,
        // A partitioned table takes no CONCURRENTLY.
        fix: `CREATE INDEX ${row.kind === "p" ? "" : "CONCURRENTLY "}ON ${row.table} (${row.columns});`,
      };
    }),
});

function foreignKeySeverity(rows: number, deleted: number): Severity {
  if (rows >= 1_000_000) return deleted > 0 ? "high" : "medium";
  if (rows >= 10_000) return deleted > 0 ? "medium" : "low";
  return "info";
}
