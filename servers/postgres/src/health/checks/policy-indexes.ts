import { counted, number } from "../amounts.ts";
import { queryCheck } from "../check.ts";
import { visible } from "../scope.ts";

/** Columns that row-level security compares on every query, and that begin no index. */
export const policyIndexes = queryCheck<"table" | "column" | "policies" | "rows" | "kind">({
  name: "policy_indexes",
  group: "security",
  title: "Policies without an index",
  why: "A policy is a condition of every query: without an index each one reads the whole table.",
  scoped: true,
  sql: () => `
    SELECT format('%I.%I', n.nspname, c.relname) AS "table", quote_ident(a.attname) AS "column", c.relkind::text AS kind,
      string_agg(DISTINCT quote_ident(p.polname), ', ') AS policies, max(greatest(c.reltuples::bigint, s.n_live_tup))::text AS rows
    FROM pg_catalog.pg_policy p
    JOIN pg_catalog.pg_class c ON c.oid = p.polrelid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    JOIN pg_catalog.pg_depend d ON d.classid = 'pg_catalog.pg_policy'::regclass AND d.objid = p.oid
      AND d.refclassid = 'pg_catalog.pg_class'::regclass AND d.refobjid = c.oid AND d.refobjsubid > 0
    JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum = d.refobjsubid
    LEFT JOIN pg_catalog.pg_stat_all_tables s ON s.relid = c.oid
    WHERE c.relrowsecurity AND p.polqual IS NOT NULL AND greatest(c.reltuples::bigint, s.n_live_tup) >= 10000 AND ${visible("n.nspname")}
      AND NOT EXISTS (SELECT FROM pg_catalog.pg_index i WHERE i.indrelid = c.oid AND i.indisvalid AND i.indkey[0] = a.attnum)
    GROUP BY n.nspname, c.relname, c.relkind, a.attname ORDER BY max(greatest(c.reltuples::bigint, s.n_live_tup)) DESC, 1, 2`,
  evaluate: (rows) =>
    rows.map((row) => {
      const amount = number(row.rows);
      return {
        severity: amount >= 100_000 ? "medium" : "low",
        subject: `${row.table} (${row.column})`,
        evidence: `compared by policy ${row.policies}, ${counted(amount, "row")}, no index begins with it`,
        fix: `CREATE INDEX ${row.kind === "p" ? "" : "CONCURRENTLY "}ON ${row.table} (${row.column});`,
      };
    }),
});
