import { bytes, GB, number, percent } from "../amounts.ts";
import { queryCheck } from "../check.ts";
import { visible } from "../scope.ts";

/**
 * B-tree indexes of at least 10 MB of which at least half is estimated to be empty: rows and average widths of pg_stats against the
 * pages there are. Deduplicated keys (13 and later) make an index smaller than the estimate, so it errs towards silence.
 * Layout: https://www.postgresql.org/docs/current/storage-page-layout.html
 */
export const bloatedIndexes = queryCheck<"name" | "table" | "bytes" | "wasted">({
  name: "bloated_indexes",
  group: "indexes",
  title: "Bloated indexes",
  why: "Empty room is read, cached and backed up like the rest; REINDEX CONCURRENTLY gives it back without blocking writes.",
  scoped: true,
  sql: () => `
    WITH large AS (
      SELECT c.oid, c.relname, c.relpages, c.reltuples, i.indrelid, i.indnatts, n.nspname, t.relname AS tablename,
        coalesce((SELECT o.option_value::int FROM pg_options_to_table(c.reloptions) o WHERE o.option_name = 'fillfactor'), 90) AS fill
      FROM pg_catalog.pg_index i
      JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
      JOIN pg_catalog.pg_class t ON t.oid = i.indrelid JOIN pg_catalog.pg_am a ON a.oid = c.relam
      WHERE a.amname = 'btree' AND c.relkind = 'i' AND i.indisvalid AND c.relpages >= 1280 AND c.reltuples >= 0 AND ${visible("n.nspname")}),
    widths AS (
      SELECT l.oid, sum(CASE WHEN s.null_frac = 1 THEN 0 ELSE s.avg_width END) AS width
      FROM large l
      JOIN pg_catalog.pg_attribute x ON x.attrelid = l.oid
      LEFT JOIN pg_catalog.pg_attribute k ON k.attrelid = l.indrelid
        AND k.attnum = (SELECT i.indkey[x.attnum - 1] FROM pg_catalog.pg_index i WHERE i.indexrelid = l.oid) AND k.attnum > 0
      JOIN pg_catalog.pg_stats s ON s.schemaname = l.nspname AND NOT s.inherited
        AND s.tablename = CASE WHEN k.attnum IS NULL THEN l.relname ELSE l.tablename END
        AND s.attname = coalesce(k.attname, x.attname)
      GROUP BY l.oid, l.indnatts HAVING count(*) = l.indnatts),
    sized AS (
      SELECT l.*, pg_relation_size(l.oid) AS bytes,
        ceil(l.reltuples * (4 + 8 + ceil(w.width / 8.0) * 8) / ((current_setting('block_size')::int - 40) * l.fill / 100.0))
          * current_setting('block_size')::int AS needed
      FROM large l JOIN widths w ON w.oid = l.oid)
    SELECT format('%I.%I', nspname, relname) AS name, format('%I.%I', nspname, tablename) AS "table", bytes::text AS bytes,
      (bytes - needed)::bigint::text AS wasted
    FROM sized WHERE needed <= bytes / 2 ORDER BY bytes - needed DESC, 1`,
  evaluate: (rows) =>
    rows.map((row) => {
      const [size, wasted] = [number(row.bytes), number(row.wasted)];
      return {
        severity: wasted >= GB ? "medium" : "low",
        subject: row.name ?? "",
        evidence: `on ${row.table}, about ${bytes(wasted)} of ${bytes(size)} (${percent(wasted / size)}) are empty, estimated`,
        fix: `REINDEX INDEX CONCURRENTLY ${row.name};`,
      };
    }),
});
