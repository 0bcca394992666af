import { sharedMasks } from "../guard/masks.ts";

// Before 14 a table that was never analysed says 0 rows on 0 pages, since then -1.
const tuples = `CASE WHEN c.reltuples >= 0 AND c.relpages > 0 THEN c.reltuples
                     ELSE nullif(pg_catalog.pg_stat_get_live_tuples(c.oid), 0) END`;

const storedPages = `(c.relpages
  + coalesce((SELECT t.relpages FROM pg_catalog.pg_class t WHERE t.oid = c.reltoastrelid), 0)
  + coalesce((SELECT pg_catalog.sum(x.relpages) FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class x ON x.oid = i.indexrelid
               WHERE i.indrelid = c.oid), 0))`;

/**
 * The catalog's objects under a policy, a page of them, as common table expressions that each query here begins with.
 *
 * $1 text[] schemas allowed (null: all), $2 text[] denied, $3 text one schema (null: all but the system's), $4 text[] kinds,
 * $5, $6 text[] schemas and names of what was asked for by name (null: a list), $7 text[] ids (null: any),
 * $8 text[] schema, group, name and oid after which the page begins (null: first), $9 how many,
 * $10, $11, $12 text[] schemas, tables and columns that are masked.
 *
 * An id is a letter of the catalog and an oid: r pg_class, t pg_type, f pg_proc, e pg_extension.
 * Nothing here locks a table: a list answers while a migration holds one.
 */
export const pageOfObjects = `
WITH RECURSIVE allowed AS MATERIALIZED (
  SELECT n.oid, n.nspname::text COLLATE "C" AS name,
         n.nspname LIKE 'pg\\_%' OR n.nspname = 'information_schema' AS system
    FROM pg_catalog.pg_namespace n
   WHERE n.nspname <> ALL ($2::text[])
     AND (n.nspname LIKE 'pg\\_%' OR n.nspname = 'information_schema' OR $1::text[] IS NULL OR n.nspname = ANY ($1::text[]))
     AND pg_catalog.has_schema_privilege(n.oid, 'USAGE')
), listed AS MATERIALIZED (
  SELECT oid, name FROM allowed
   WHERE ($3::text IS NULL OR name = $3)
     AND (NOT system OR name = $3 OR name = ANY ($5::text[])
          OR ($6::text[] IS NOT NULL AND name IN ('pg_catalog', 'information_schema')))
), objects AS MATERIALIZED (
  -- IS TRUE keeps these from becoming joins: with thousands of schemas a loop over them would scan an index for each.
  SELECT 'r' AS class, c.oid, n.nspname::text COLLATE "C" AS schema, c.relname::text COLLATE "C" AS name,
         CASE c.relkind WHEN 'r' THEN 'table' WHEN 'p' THEN 'partitioned' WHEN 'f' THEN 'foreign' WHEN 'v' THEN 'view'
           WHEN 'm' THEN 'matview' ELSE 'sequence' END AS kind,
         CASE c.relkind WHEN 'S' THEN 3 ELSE 0 END AS part
    FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
   WHERE (c.relnamespace IN (SELECT oid FROM listed)) IS TRUE
     AND c.relkind IN ('r', 'p', 'f', 'v', 'm', 'S') AND ($6::text[] IS NULL OR c.relname = ANY ($6::text[]))
     AND (NOT c.relispartition OR $6::text[] IS NOT NULL)
     AND NOT EXISTS (
           -- A sequence of a column is said with the table; what belongs to an extension is not the user's own.
           SELECT FROM pg_catalog.pg_depend d WHERE $6::text[] IS NULL AND d.objid = c.oid AND d.objsubid = 0
              AND d.classid = 'pg_catalog.pg_class'::regclass
              AND (d.deptype = 'e' OR c.relkind = 'S' AND d.deptype IN ('a', 'i')))
  UNION ALL
  SELECT 't', t.oid, n.nspname::text, t.typname::text, CASE t.typtype WHEN 'e' THEN 'enum' ELSE 'type' END,
         CASE t.typtype WHEN 'e' THEN 1 ELSE 2 END
    FROM pg_catalog.pg_type t JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace
    LEFT JOIN pg_catalog.pg_class c ON c.oid = t.typrelid AND c.relkind = 'c'
   WHERE (t.typnamespace IN (SELECT oid FROM listed)) IS TRUE
     AND t.typtype IN ('e', 'd', 'r', 'c', 'b') AND ($6::text[] IS NULL OR t.typname = ANY ($6::text[]))
     AND t.typcategory <> 'A' AND (t.typrelid = 0 OR c.oid IS NOT NULL)
     AND (n.nspname <> 'pg_catalog' OR $3 = 'pg_catalog' OR 'pg_catalog' = ANY ($5::text[]))
     AND NOT EXISTS (
           SELECT FROM pg_catalog.pg_depend d WHERE $6::text[] IS NULL AND d.objid = t.oid
              AND d.classid = 'pg_catalog.pg_type'::regclass AND d.deptype = 'e')
  UNION ALL
  SELECT 'f', p.oid, n.nspname::text, p.proname::text, 'function', 4
    FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
   WHERE (p.pronamespace IN (SELECT oid FROM listed)) IS TRUE
     AND ($6::text[] IS NULL OR p.proname = ANY ($6::text[]))
     AND (n.nspname <> 'pg_catalog' OR $3 = 'pg_catalog' OR 'pg_catalog' = ANY ($5::text[]))
     AND NOT EXISTS (
           SELECT FROM pg_catalog.pg_depend d WHERE $6::text[] IS NULL AND d.objid = p.oid
              AND d.classid = 'pg_catalog.pg_proc'::regclass AND d.deptype IN ('e', 'i'))
  UNION ALL
  SELECT 'e', e.oid, s.name, e.extname::text, 'extension', 5
    FROM pg_catalog.pg_extension e JOIN allowed s ON s.oid = e.extnamespace
   WHERE ($6::text[] IS NULL OR e.extname = ANY ($6::text[])) AND ($3::text IS NULL OR s.name = $3)
), chosen AS MATERIALIZED (
  SELECT * FROM objects o
   WHERE o.kind = ANY ($4::text[])
     AND ($6::text[] IS NULL OR EXISTS (
           SELECT FROM ROWS FROM (pg_catalog.unnest($5::text[]), pg_catalog.unnest($6::text[])) AS w (schema, name)
            WHERE w.name = o.name AND w.schema IN ('', o.schema)))
     AND ($7::text[] IS NULL OR o.class || o.oid = ANY ($7::text[]))
), page AS MATERIALIZED (
  SELECT *, pg_catalog.row_number() OVER (ORDER BY schema, part, name, oid) AS place
    FROM chosen o
   WHERE $8::text[] IS NULL
      OR (o.schema, o.part, o.name, o.oid) > (($8::text[])[1], ($8::text[])[2]::int, ($8::text[])[3], ($8::text[])[4]::oid)
   ORDER BY schema, part, name, oid LIMIT $9::int
), masked AS MATERIALIZED (
  -- As the guard has it.
  SELECT c.oid AS relation, a.attname AS name
    FROM ROWS FROM (pg_catalog.unnest($10::text[]), pg_catalog.unnest($11::text[]), pg_catalog.unnest($12::text[])) AS w (schema, "table", "column")
    JOIN pg_catalog.pg_namespace n ON n.nspname = w.schema
    JOIN pg_catalog.pg_class c ON c.relnamespace = n.oid AND c.relname = w."table"
    JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attname = w."column" AND a.attnum > 0
  UNION ${sharedMasks}
), tree AS (
  SELECT p.oid AS root, i.inhrelid AS leaf
    FROM page p JOIN pg_catalog.pg_inherits i ON i.inhparent = p.oid WHERE p.kind = 'partitioned'
  UNION ALL
  SELECT t.root, i.inhrelid FROM tree t JOIN pg_catalog.pg_inherits i ON i.inhparent = t.leaf
), leaves AS MATERIALIZED (
  SELECT t.root, pg_catalog.count(*) FILTER (WHERE c.relkind <> 'p') AS count,
         pg_catalog.sum(${tuples}) AS tuples, pg_catalog.sum(${storedPages}) AS pages
    FROM tree t JOIN pg_catalog.pg_class c ON c.oid = t.leaf
   GROUP BY t.root
), stamp AS (
  -- Other names than before: somebody has created, dropped or renamed. Sums, since no order is needed.
  SELECT pg_catalog.concat_ws(':',
    (SELECT pg_catalog.sum(pg_catalog.hashtextextended(name, oid::bigint)) FROM allowed WHERE NOT system),
    (SELECT pg_catalog.sum(pg_catalog.hashtextextended(c.relname::text, (c.oid::bigint << 32) | c.relnamespace::bigint))
       FROM pg_catalog.pg_class c JOIN allowed s ON s.oid = c.relnamespace AND NOT s.system
      WHERE c.relkind IN ('r', 'p', 'f', 'v', 'm') AND NOT c.relispartition)) AS stamp
), about AS (
  SELECT (SELECT pg_catalog.count(*) FROM chosen) AS total,
         (SELECT stamp FROM stamp) AS stamp,
         CASE WHEN $8::text[] IS NULL AND $6::text[] IS NULL THEN
           (SELECT pg_catalog.json_agg(pg_catalog.json_build_array(kind, n)) FROM (SELECT kind, pg_catalog.count(*) AS n FROM objects GROUP BY 1 ORDER BY 1) k)
         END AS kinds,
         CASE WHEN $8::text[] IS NULL AND $6::text[] IS NULL THEN
           (SELECT pg_catalog.json_agg(pg_catalog.json_build_array(pg_catalog.quote_ident(schema), n))
              FROM (SELECT schema, pg_catalog.count(*) AS n FROM chosen GROUP BY 1 ORDER BY 1) k)
         END AS schemas,
         (SELECT pg_catalog.bool_or(name = $3) FROM allowed)  AS known,
         (SELECT pg_catalog.json_agg(pg_catalog.json_build_array(m.relation, m.name)) FROM masked m) AS masked,
         (SELECT pg_catalog.json_agg(n.nspname) FROM pg_catalog.pg_namespace n
           WHERE n.oid NOT IN (SELECT oid FROM allowed) AND n.nspname NOT LIKE 'pg\\_%') AS hidden,
         pg_catalog.current_setting('block_size')::int AS block
)`;

/** What every query says of an object, whatever its kind. */
export const objectColumns = `
  CASE WHEN p.place = 1 OR p.place IS NULL THEN pg_catalog.row_to_json(about) END AS about,
  p.class || p.oid AS id, p.kind, p.part, p.schema, p.name, p.oid::text,
  pg_catalog.quote_ident(p.schema) AS shown_schema, pg_catalog.quote_ident(p.name) AS shown_name`;

/** What a list says of types, functions, sequences and extensions in one line. */
export const otherColumns = `
  CASE p.class
    WHEN 't' THEN (SELECT pg_catalog.json_build_object(
        'labels', (SELECT pg_catalog.json_agg(pg_catalog.quote_literal(l.enumlabel) ORDER BY l.enumsortorder)
                     FROM pg_catalog.pg_enum l WHERE l.enumtypid = t.oid),
        'attributes', (SELECT pg_catalog.json_agg(pg_catalog.json_build_array(pg_catalog.quote_ident(a.attname),
                         pg_catalog.format_type(a.atttypid, a.atttypmod)) ORDER BY a.attnum)
                         FROM pg_catalog.pg_attribute a WHERE a.attrelid = t.typrelid AND a.attnum > 0 AND NOT a.attisdropped),
        'base', CASE t.typtype WHEN 'd' THEN pg_catalog.format_type(t.typbasetype, t.typtypmod) END,
        'nullable', CASE t.typtype WHEN 'd' THEN NOT t.typnotnull END,
        'default', t.typdefault,
        'checks', (SELECT pg_catalog.json_agg(pg_catalog.pg_get_constraintdef(k.oid, true) ORDER BY k.conname)
                     FROM pg_catalog.pg_constraint k WHERE k.contypid = t.oid AND k.contype = 'c'),
        'range', (SELECT pg_catalog.format_type(r.rngsubtype, NULL) FROM pg_catalog.pg_range r WHERE r.rngtypid = t.oid))
      FROM pg_catalog.pg_type t WHERE t.oid = p.oid)
    WHEN 'f' THEN (SELECT pg_catalog.json_build_object(
        'arguments', pg_catalog.pg_get_function_arguments(f.oid), 'result', pg_catalog.pg_get_function_result(f.oid),
        'form', f.prokind, 'volatility', f.provolatile, 'strict', f.proisstrict, 'definer', f.prosecdef,
        'parallel', f.proparallel, 'language', l.lanname, 'settings', f.proconfig)
      FROM pg_catalog.pg_proc f JOIN pg_catalog.pg_language l ON l.oid = f.prolang WHERE f.oid = p.oid)
    WHEN 'e' THEN (SELECT pg_catalog.json_build_object('version', e.extversion) FROM pg_catalog.pg_extension e WHERE e.oid = p.oid)
    WHEN 'r' THEN CASE p.kind WHEN 'sequence' THEN (SELECT pg_catalog.json_build_object(
        'type', pg_catalog.format_type(q.seqtypid, NULL), 'start', q.seqstart::text, 'step', q.seqincrement::text,
        'least', q.seqmin::text, 'most', q.seqmax::text, 'cycle', q.seqcycle,
        'owner', (SELECT pg_catalog.concat_ws('.', pg_catalog.quote_ident(s.name), pg_catalog.quote_ident(c.relname), pg_catalog.quote_ident(a.attname))
                    FROM pg_catalog.pg_depend d JOIN pg_catalog.pg_class c ON c.oid = d.refobjid
                    JOIN allowed s ON s.oid = c.relnamespace
                    JOIN pg_catalog.pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
                   WHERE d.classid = 'pg_catalog.pg_class'::regclass AND d.objid = p.oid AND d.deptype IN ('a', 'i')
                     AND d.refclassid = 'pg_catalog.pg_class'::regclass LIMIT 1))
      FROM pg_catalog.pg_sequence q WHERE q.seqrelid = p.oid) END
  END AS other,
  (SELECT d.description FROM pg_catalog.pg_description d WHERE d.objoid = p.oid AND d.objsubid = 0 AND d.classoid =
     CASE p.class WHEN 'r' THEN 'pg_catalog.pg_class'::regclass WHEN 't' THEN 'pg_catalog.pg_type'::regclass
       WHEN 'f' THEN 'pg_catalog.pg_proc'::regclass ELSE 'pg_catalog.pg_extension'::regclass END) AS comment`;

/** Rows and bytes as the statistics have them, and how many partitions hold them. */
export const figureColumns = `
  leaves.count::text AS leaves,
  CASE p.kind WHEN 'partitioned' THEN leaves.tuples ELSE
    (SELECT ${tuples} FROM pg_catalog.pg_class c WHERE c.oid = p.oid AND p.class = 'r' AND c.relkind IN ('r', 'm')) END::bigint::text AS tuples,
  (about.block * CASE p.kind WHEN 'partitioned' THEN leaves.pages ELSE
    (SELECT ${storedPages} FROM pg_catalog.pg_class c WHERE c.oid = p.oid AND p.class = 'r' AND c.relkind IN ('r', 'm')) END)::text AS bytes`;

export const figureJoins = "LEFT JOIN leaves ON p.kind = 'partitioned' AND leaves.root = p.oid";
