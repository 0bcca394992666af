import { bytes, count, number } from "../amounts.ts";
import { queryCheck } from "../check.ts";
import { indexKeys, visible } from "../scope.ts";

type Columns = "name" | "kept" | "table" | "kind" | "bytes" | "scans" | "exact" | "constraint";

/** Indexes that another one of the same table makes superfluous: the same, or the beginning of a longer one. */
export const duplicateIndexes = queryCheck<Columns>({
  name: "duplicate_indexes",
  group: "indexes",
  title: "Duplicate indexes",
  why: "Each index costs every write and room in memory; the other one serves the same queries.",
  scoped: true,
  // indnullsnotdistinct came with 15. What a foreign key refers to, replication identifies by, or a partitioned index owns has to stay.
  sql: (version) => `
    WITH known AS (
      SELECT i.indexrelid, i.indrelid, i.indisunique, i.indimmediate, i.indnkeyatts, i.indnatts, a.amname, c.relkind,
        ${indexKeys("i")} AS keys, i.indclass::text AS classes, i.indcollation::text AS collations, i.indoption::text AS options,
        coalesce(pg_get_expr(i.indexprs, i.indrelid), '') AS expressions, coalesce(pg_get_expr(i.indpred, i.indrelid), '') AS predicate,
        ${version >= 150000 ? "i.indnullsnotdistinct" : "false"} AS nulls_alike, o.conname,
        CASE WHEN i.indisprimary THEN 4 WHEN o.oid IS NOT NULL THEN 3 WHEN i.indisunique THEN 2 ELSE 1 END AS rank,
        NOT i.indisprimary AND NOT i.indisreplident
          AND NOT EXISTS (SELECT FROM pg_catalog.pg_inherits h WHERE h.inhrelid = i.indexrelid)
          AND NOT EXISTS (SELECT FROM pg_catalog.pg_constraint f WHERE f.conindid = i.indexrelid AND f.contype = 'f') AS droppable
      FROM pg_catalog.pg_index i
      JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid
      JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
      JOIN pg_catalog.pg_am a ON a.oid = c.relam
      LEFT JOIN pg_catalog.pg_constraint o ON o.conindid = i.indexrelid AND o.contype IN ('p', 'u', 'x')
      WHERE i.indisvalid AND i.indislive AND ${visible("n.nspname")}),
    pairs AS (
      SELECT DISTINCT ON (b.indexrelid) b.*, k.indexrelid AS kept, b.keys = k.keys AND b.indnkeyatts = k.indnkeyatts AS exact
      FROM known b JOIN known k ON k.indrelid = b.indrelid AND k.indexrelid <> b.indexrelid AND k.amname = b.amname
        AND k.expressions = b.expressions AND k.predicate = b.predicate
      WHERE b.droppable AND CASE WHEN b.keys = k.keys AND b.indnkeyatts = k.indnkeyatts
        THEN k.classes = b.classes AND k.collations = b.collations AND k.options = b.options
          AND (NOT b.indisunique OR k.indisunique AND k.indimmediate AND k.nulls_alike = b.nulls_alike)
          AND (b.rank < k.rank OR b.rank = k.rank AND (NOT k.droppable OR b.indexrelid > k.indexrelid))
        ELSE b.amname = 'btree' AND NOT b.indisunique AND b.expressions = '' AND b.indnatts = b.indnkeyatts
          AND b.indnkeyatts < k.indnkeyatts AND b.keys = k.keys[1:b.indnkeyatts]
          AND k.classes LIKE b.classes || ' %' AND k.collations LIKE b.collations || ' %' AND k.options LIKE b.options || ' %' END
      ORDER BY b.indexrelid, exact DESC, k.rank DESC, k.indexrelid)
    SELECT format('%I.%I', n.nspname, c.relname) AS name, quote_ident(kc.relname) AS kept, format('%I.%I', n.nspname, t.relname) AS "table",
      c.relkind::text AS kind, pg_relation_size(c.oid)::text AS bytes, coalesce(s.idx_scan, 0)::text AS scans, p.exact::text AS exact,
      quote_ident(p.conname) AS "constraint"
    FROM pairs p
    JOIN pg_catalog.pg_class c ON c.oid = p.indexrelid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    JOIN pg_catalog.pg_class t ON t.oid = p.indrelid JOIN pg_catalog.pg_class kc ON kc.oid = p.kept
    LEFT JOIN pg_catalog.pg_stat_all_indexes s ON s.indexrelid = c.oid
    ORDER BY p.exact DESC, pg_relation_size(c.oid) DESC, 1`,
  evaluate: (rows) =>
    rows.map((row) => {
      const exact = row.exact === "true";
      const how = exact ? `the same as ${row.kept}` : `the beginning of ${row.kept}`;
      // A partitioned index can only be dropped at once.
      const drop = `DROP INDEX ${row.kind === "I" ? "" : "CONCURRENTLY "}${row.name};`;
      return {
        severity: exact ? "medium" : "low",
        subject: row.name ?? "",
        evidence: `on ${row.table}, ${how}; ${bytes(number(row.bytes))}, used ${count(number(row.scans))} times`,
        fix: row.constraint ? `ALTER TABLE ${row.table} DROP CONSTRAINT ${row.constraint};` : drop,
      };
    }),
});
