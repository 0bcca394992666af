import { queryCheck } from "../check.ts";
import { visible } from "../scope.ts";
import { type AgeColumns, aged } from "./age.ts";

/** The same as transaction ids for multixacts: row locks that several transactions share. */
export const multixacts = queryCheck<AgeColumns>({
  name: "multixacts",
  group: "vacuum",
  title: "Age of multixacts",
  why: "Without freezing the server refuses shared row locks before these ids wrap around.",
  scoped: true,
  sql: () => `
    SELECT quote_ident(d.datname) AS name, mxid_age(d.datminmxid)::text AS age, current_setting('autovacuum_multixact_freeze_max_age') AS freeze,
      (d.datname = current_database())::text AS here,
      CASE WHEN d.datname = current_database() THEN (
        SELECT CASE WHEN ${visible("n.nspname")} OR n.nspname = 'pg_catalog' THEN format('%I.%I', n.nspname, c.relname) END
        FROM pg_catalog.pg_class r LEFT JOIN pg_catalog.pg_class o ON o.reltoastrelid = r.oid AND r.relkind = 't'
        JOIN pg_catalog.pg_class c ON c.oid = coalesce(o.oid, r.oid) JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
        WHERE r.relkind IN ('r', 'm', 't') AND r.relminmxid <> '0' ORDER BY mxid_age(r.relminmxid) DESC LIMIT 1) END AS "table"
    FROM pg_catalog.pg_database d ORDER BY mxid_age(d.datminmxid) DESC`,
  evaluate: (rows) => aged(rows, "multixacts"),
});
