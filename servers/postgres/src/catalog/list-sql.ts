import { figureColumns, figureJoins, objectColumns, otherColumns, pageOfObjects } from "./page-sql.ts";

/** Names alone; parameters as {@link pageOfObjects} has them. */
export const namesQuery = `${pageOfObjects}
SELECT ${objectColumns}
  FROM about LEFT JOIN page p ON true
 ORDER BY p.place`;

/**
 * Names with columns, keys and figures; parameters as {@link pageOfObjects} has them. Subqueries by index for each object:
 * what a planner believes of the page's size cannot make it slow, and with at most 1,000 objects it costs too little to be compiled.
 *
 * Each column is one text, `name attnum[!] type` (`!`: NOT NULL; no length of the type). The name is quoted, so that it ends
 * where it ends. A foreign key names no columns of the other table where they are its primary key, as in SQL.
 */
export const listQuery = `${pageOfObjects}
SELECT ${objectColumns}, ${otherColumns}, ${figureColumns},
  CASE WHEN p.class = 'r' AND p.kind <> 'sequence' THEN
    (SELECT pg_catalog.json_agg(pg_catalog.quote_ident(a.attname) || ' ' || a.attnum ||
              CASE WHEN a.attnotnull THEN '! ' ELSE ' ' END || pg_catalog.format_type(a.atttypid, NULL) ORDER BY a.attnum)
       FROM pg_catalog.pg_attribute a WHERE a.attrelid = p.oid AND a.attnum > 0 AND NOT a.attisdropped)
  END AS columns,
  CASE WHEN p.class = 'r' AND p.part = 0 THEN
    (SELECT pg_catalog.json_agg(CASE k.contype WHEN 'p' THEN pg_catalog.json_build_array(k.conkey)
              ELSE pg_catalog.json_build_array(k.conkey,
                CASE WHEN s.name <> p.schema THEN pg_catalog.quote_ident(s.name) END, pg_catalog.quote_ident(c.relname),
                CASE WHEN NOT EXISTS (SELECT FROM pg_catalog.pg_constraint t
                                       WHERE t.conrelid = k.confrelid AND t.contype = 'p' AND t.conkey = k.confkey) THEN
                  (SELECT pg_catalog.json_agg(pg_catalog.quote_ident(a.attname) ORDER BY pg_catalog.array_position(k.confkey, a.attnum))
                     FROM pg_catalog.pg_attribute a WHERE a.attrelid = k.confrelid AND a.attnum = ANY (k.confkey)) END) END ORDER BY k.conname)
       FROM pg_catalog.pg_constraint k
       LEFT JOIN pg_catalog.pg_class c ON c.oid = k.confrelid LEFT JOIN allowed s ON s.oid = c.relnamespace
      WHERE k.conrelid = p.oid AND (k.contype = 'p' OR k.contype = 'f' AND s.oid IS NOT NULL))
  END AS keys,
  CASE p.kind WHEN 'partitioned' THEN pg_catalog.pg_get_partkeydef(p.oid) END AS partition_key,
  CASE WHEN p.class = 'r' AND p.kind <> 'sequence' THEN
    NOT (pg_catalog.has_table_privilege(p.oid, 'SELECT') OR pg_catalog.has_any_column_privilege(p.oid, 'SELECT'))
  END::text AS closed
  FROM about LEFT JOIN page p ON true ${figureJoins}
 ORDER BY p.place`;
