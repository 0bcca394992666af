import { bytes, count, GB, number, span } from "../amounts.ts";
import { queryCheck } from "../check.ts";
import { indexKeys, visible } from "../scope.ts";

const WEEK = 604_800;
/** Days without a scan from which an index counts as unused where the server knows when it was used last. */
const UNUSED_DAYS = 90;

/** Indexes that no query used since statistics were reset, and that guarantee nothing. */
export const unusedIndexes = queryCheck<"name" | "table" | "bytes" | "writes" | "idle">({
  name: "unused_indexes",
  group: "indexes",
  title: "Unused indexes",
  why: "They slow every write down; standbys count their own use, so look there before dropping one.",
  scoped: true,
  // last_idx_scan came with 16. An index that a foreign key's checks need is left out: its use shows when rows are deleted.
  sql: (version) => {
    const last = version >= 160000 ? "s.last_idx_scan" : "NULL::timestamptz";
    return `
    SELECT format('%I.%I', n.nspname, c.relname) AS name, format('%I.%I', n.nspname, t.relname) AS "table",
      pg_relation_size(c.oid)::text AS bytes, (u.n_tup_ins + u.n_tup_upd)::text AS writes,
      extract(epoch FROM now() - ${last})::text AS idle
    FROM pg_catalog.pg_stat_all_indexes s
    JOIN pg_catalog.pg_index i ON i.indexrelid = s.indexrelid
    JOIN pg_catalog.pg_class c ON c.oid = s.indexrelid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    JOIN pg_catalog.pg_class t ON t.oid = s.relid
    LEFT JOIN pg_catalog.pg_stat_all_tables u ON u.relid = t.oid
    WHERE (s.idx_scan = 0 OR ${last} < now() - interval '${UNUSED_DAYS} days')
      AND i.indisvalid AND NOT i.indisunique AND NOT i.indisreplident AND c.relpages >= 128 AND ${visible("n.nspname")}
      AND NOT EXISTS (SELECT FROM pg_catalog.pg_constraint o WHERE o.conindid = c.oid)
      AND NOT EXISTS (SELECT FROM pg_catalog.pg_inherits h WHERE h.inhrelid = c.oid)
      AND NOT EXISTS (SELECT FROM pg_catalog.pg_constraint f WHERE f.conrelid = t.oid AND f.contype = 'f'
        AND (${indexKeys("i")})[1:cardinality(f.conkey)] @> f.conkey)
    ORDER BY pg_relation_size(c.oid) DESC, 1`;
  },
  evaluate(rows, { surroundings: { countedSeconds } }) {
    return rows.map((row) => {
      const size = number(row.bytes);
      const severity = countedSeconds < WEEK ? "info" : size >= GB ? "medium" : "low";
      const used =
        row.idle === null
          ? `unused in ${span(countedSeconds)} of statistics`
          : `last used ${span(number(row.idle))} ago`;
      const evidence = `on ${row.table}, ${bytes(size)}, ${used}, ${count(number(row.writes))} rows written meanwhile`;
      return { severity, subject: row.name ?? "", evidence, fix: `DROP INDEX CONCURRENTLY ${row.name};` };
    });
  },
});
