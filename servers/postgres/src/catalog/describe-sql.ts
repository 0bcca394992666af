import { figureColumns, figureJoins, objectColumns, otherColumns, pageOfObjects } from "./page-sql.ts";

/** Partitions and children that a description names; the rest is counted. */
export const MOST_CHILDREN = 20;

const place = (schema: string, name: string) =>
  `CASE WHEN ${schema} <> p.schema THEN pg_catalog.quote_ident(${schema}) || '.' ELSE '' END || pg_catalog.quote_ident(${name})`;

// What is materialized from a masked column has no mask of its own.
const MAY_SHOW = "$15::bool AND (p.kind <> 'matview' OR NOT EXISTS (SELECT FROM masked))";

const columnsOf = `
  (SELECT pg_catalog.json_agg(pg_catalog.json_build_object(
            'name', pg_catalog.quote_ident(a.attname), 'type', pg_catalog.format_type(a.atttypid, a.atttypmod),
            'required', a.attnotnull, 'identity', a.attidentity, 'generated', a.attgenerated,
            'default', pg_catalog.pg_get_expr(d.adbin, d.adrelid),
            'collation', (SELECT pg_catalog.quote_ident(k.collname) FROM pg_catalog.pg_collation k JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
                           WHERE k.oid = a.attcollation AND a.attcollation <> t.typcollation),
            'comment', (SELECT c.description FROM pg_catalog.pg_description c
                         WHERE c.classoid = 'pg_catalog.pg_class'::regclass AND c.objoid = p.oid AND c.objsubid = a.attnum),
            'masked', EXISTS (SELECT FROM masked m WHERE m.relation = p.oid AND m.name = a.attname),
            'closed', NOT pg_catalog.has_column_privilege(p.oid, a.attnum, 'SELECT'),
            'inherited', NOT a.attislocal,
            'stats', CASE WHEN $14::bool AND NOT EXISTS (SELECT FROM masked m WHERE m.relation = p.oid AND m.name = a.attname) THEN
               (SELECT pg_catalog.json_build_object('nulls', s.null_frac, 'distinct', s.n_distinct,
                         'values', CASE WHEN ${MAY_SHOW} THEN s.most_common_vals::text::text[] END,
                         'shares', CASE WHEN ${MAY_SHOW} THEN s.most_common_freqs END)
                  FROM pg_catalog.pg_stats s WHERE s.schemaname = p.schema AND s.tablename = p.name AND s.attname = a.attname
                 ORDER BY s.inherited DESC LIMIT 1) END) ORDER BY a.attnum)
     FROM pg_catalog.pg_attribute a
     LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
    WHERE a.attrelid = p.oid AND a.attnum > 0 AND NOT a.attisdropped)`;

const constraintsOf = `
  (SELECT pg_catalog.json_agg(pg_catalog.json_build_object('name', pg_catalog.quote_ident(k.conname),
            'definition', pg_catalog.pg_get_constraintdef(k.oid, true)) ORDER BY pg_catalog.strpos('pucxf', k.contype::text), k.conname)
     FROM pg_catalog.pg_constraint k
    WHERE k.conrelid = p.oid
      -- Since 18 NOT NULL stands there as well ('n'); it is said with the column.
      AND k.contype IN ('p', 'u', 'c', 'x', 'f')
      AND (k.contype <> 'f' OR (SELECT c.relnamespace FROM pg_catalog.pg_class c WHERE c.oid = k.confrelid) IN (SELECT oid FROM allowed)))`;

const referencesTo = `
  (SELECT pg_catalog.json_agg(pg_catalog.json_build_object('table', ${place("s.name", "c.relname")},
            'definition', pg_catalog.pg_get_constraintdef(k.oid, true)) ORDER BY s.name, c.relname, k.conname)
     FROM pg_catalog.pg_constraint k JOIN pg_catalog.pg_class c ON c.oid = k.conrelid JOIN allowed s ON s.oid = c.relnamespace
    WHERE k.confrelid = p.oid AND k.contype = 'f' AND k.conparentid = 0)`;

const indexesOf = `
  (SELECT pg_catalog.json_agg(pg_catalog.json_build_object('definition', pg_catalog.pg_get_indexdef(i.indexrelid),
            'valid', i.indisvalid) ORDER BY c.relname)
     FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid
    WHERE i.indrelid = p.oid AND NOT EXISTS (
      SELECT FROM pg_catalog.pg_constraint k WHERE k.conindid = i.indexrelid AND k.conrelid = p.oid AND k.contype IN ('p', 'u', 'x')))`;

const triggersOf = `
  (SELECT pg_catalog.json_agg(pg_catalog.json_build_object('name', pg_catalog.quote_ident(t.tgname), 'enabled', t.tgenabled,
            'definition', CASE WHEN f.pronamespace IN (SELECT oid FROM allowed) THEN pg_catalog.pg_get_triggerdef(t.oid, true) END) ORDER BY t.tgname)
     FROM pg_catalog.pg_trigger t JOIN pg_catalog.pg_proc f ON f.oid = t.tgfoid
    WHERE t.tgrelid = p.oid AND NOT t.tgisinternal)`;

const policiesOf = `
  (SELECT pg_catalog.json_agg(pg_catalog.json_build_object('name', pg_catalog.quote_ident(r.polname), 'permissive', r.polpermissive,
            'command', r.polcmd, 'using', pg_catalog.pg_get_expr(r.polqual, r.polrelid),
            'check', pg_catalog.pg_get_expr(r.polwithcheck, r.polrelid),
            'roles', (SELECT pg_catalog.json_agg(CASE WHEN u.oid = 0 THEN 'PUBLIC' ELSE pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(u.oid)) END)
                        FROM pg_catalog.unnest(r.polroles) AS u (oid))) ORDER BY r.polname)
     FROM pg_catalog.pg_policy r WHERE r.polrelid = p.oid)`;

const childrenOf = `
  (SELECT pg_catalog.json_build_object('count', pg_catalog.count(*), 'first',
            pg_catalog.json_agg(x.said ORDER BY x.nth) FILTER (WHERE x.nth <= ${MOST_CHILDREN}))
     FROM (SELECT pg_catalog.json_build_object('name', ${place("s.name", "c.relname")},
                    'bound', pg_catalog.pg_get_expr(c.relpartbound, c.oid)) AS said,
                  pg_catalog.row_number() OVER (ORDER BY s.name, c.relname) AS nth
             FROM pg_catalog.pg_inherits i JOIN pg_catalog.pg_class c ON c.oid = i.inhrelid JOIN allowed s ON s.oid = c.relnamespace
            WHERE i.inhparent = p.oid) x)`;

const parentsOf = `
  (SELECT pg_catalog.json_agg(${place("s.name", "c.relname")} ORDER BY i.inhseqno)
     FROM pg_catalog.pg_inherits i JOIN pg_catalog.pg_class c ON c.oid = i.inhparent JOIN allowed s ON s.oid = c.relnamespace
    WHERE i.inhrelid = p.oid)`;

// A view may read what nobody may know of: its text would tell.
const definitionOf = `
  CASE WHEN c.relkind IN ('v', 'm') AND NOT EXISTS (
      SELECT FROM pg_catalog.pg_rewrite r JOIN pg_catalog.pg_depend d ON d.classid = 'pg_catalog.pg_rewrite'::regclass AND d.objid = r.oid
        JOIN pg_catalog.pg_class o ON d.refclassid = 'pg_catalog.pg_class'::regclass AND o.oid = d.refobjid
       WHERE r.ev_class = p.oid AND o.relnamespace NOT IN (SELECT oid FROM allowed))
    THEN pg_catalog.pg_get_viewdef(p.oid, true) END`;

/**
 * Everything about the objects of a page; parameters as `pageOfObjects` has them and $13 bool: sizes on disk and definitions
 * of functions, $14 bool: statistics of columns, $15 bool: with values. Sizes wait for locks, so only $13 asks for them.
 */
export const describeQuery = `${pageOfObjects}
SELECT ${objectColumns}, ${otherColumns}, ${figureColumns},
  CASE p.kind WHEN 'partitioned' THEN pg_catalog.pg_get_partkeydef(p.oid) END AS partition_key,
  CASE WHEN p.class = 'r' AND p.part = 0 THEN
    NOT (pg_catalog.has_table_privilege(p.oid, 'SELECT') OR pg_catalog.has_any_column_privilege(p.oid, 'SELECT'))
  END::text AS closed,
  CASE WHEN p.class = 'r' AND p.part = 0 THEN (SELECT pg_catalog.json_build_object(
    'persistence', c.relpersistence, 'options', c.reloptions, 'security', c.relrowsecurity, 'forced', c.relforcerowsecurity,
    'bound', pg_catalog.pg_get_expr(c.relpartbound, c.oid),
    'columns', ${columnsOf},
    'constraints', ${constraintsOf},
    'references', ${referencesTo},
    'indexes', ${indexesOf},
    'statistics', (SELECT pg_catalog.json_agg(pg_catalog.pg_get_statisticsobjdef(e.oid) ORDER BY e.stxname)
                     FROM pg_catalog.pg_statistic_ext e WHERE e.stxrelid = p.oid),
    'triggers', ${triggersOf},
    'policies', ${policiesOf},
    'rules', (SELECT pg_catalog.json_agg(pg_catalog.pg_get_ruledef(r.oid, true) ORDER BY r.rulename)
                FROM pg_catalog.pg_rewrite r WHERE r.ev_class = p.oid AND r.rulename <> '_RETURN'),
    'parents', ${parentsOf},
    'children', ${childrenOf},
    'definition', ${definitionOf},
    'populated', c.relispopulated,
    'server', (SELECT pg_catalog.quote_ident(s.srvname) FROM pg_catalog.pg_foreign_table f JOIN pg_catalog.pg_foreign_server s ON s.oid = f.ftserver
                WHERE f.ftrelid = p.oid),
    -- Only these two: options of other wrappers may hold a secret.
    'remote', (SELECT pg_catalog.json_agg(o.option_name || ' ' || pg_catalog.quote_literal(o.option_value))
                 FROM pg_catalog.pg_foreign_table f, pg_catalog.pg_options_to_table(f.ftoptions) o
                WHERE f.ftrelid = p.oid AND o.option_name IN ('schema_name', 'table_name')),
    'disk', CASE WHEN $13::bool AND c.relkind IN ('r', 'm') THEN pg_catalog.pg_total_relation_size(c.oid) END,
    'analyzed', CASE WHEN $13::bool THEN pg_catalog.date_trunc('second', greatest(pg_catalog.pg_stat_get_last_analyze_time(c.oid),
                  pg_catalog.pg_stat_get_last_autoanalyze_time(c.oid)))::text END)
    FROM pg_catalog.pg_class c WHERE c.oid = p.oid)
  WHEN $13::bool AND p.class = 'f' THEN (SELECT pg_catalog.json_build_object('definition',
      CASE WHEN f.prokind <> 'a' THEN pg_catalog.pg_get_functiondef(f.oid) END) FROM pg_catalog.pg_proc f WHERE f.oid = p.oid)
  END AS details
  FROM about LEFT JOIN page p ON true ${figureJoins}
 ORDER BY p.place`;
