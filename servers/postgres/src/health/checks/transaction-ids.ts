import { queryCheck } from "../check.ts";
import { visible } from "../scope.ts";
import { type AgeColumns, aged } from "./age.ts";

/** How near each database is to running out of transaction ids. */
export const transactionIds = queryCheck<AgeColumns>({
  name: "transaction_ids",
  group: "vacuum",
  title: "Age of transaction ids",
  why: "Without freezing the server stops taking writes before ids wrap around; see vacuum_blockers for what holds it up.",
  scoped: true,
  sql: () => `
    SELECT quote_ident(d.datname) AS name, age(d.datfrozenxid)::text AS age, current_setting('autovacuum_freeze_max_age') AS freeze,
      (d.datname = current_database())::text AS here,
      CASE WHEN d.datname = current_database() THEN (
        SELECT CASE WHEN ${visible("n.nspname")} OR n.nspname = 'pg_catalog' THEN format('%I.%I', n.nspname, c.relname) END
        FROM pg_catalog.pg_class r LEFT JOIN pg_catalog.pg_class o ON o.reltoastrelid = r.oid AND r.relkind = 't'
        JOIN pg_catalog.pg_class c ON c.oid = coalesce(o.oid, r.oid) JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
        WHERE r.relkind IN ('r', 'm', 't') AND r.relfrozenxid <> '0' ORDER BY age(r.relfrozenxid) DESC LIMIT 1) END AS "table"
    FROM pg_catalog.pg_database d ORDER BY age(d.datfrozenxid) DESC`,
  evaluate: (rows) => aged(rows, "transactions"),
});
