import type { CatalogRow } from "../database.ts";

/** One thing of the catalog, as text that differs when it does. */
export interface CatalogItem extends CatalogRow {
  /** Stays the same when it is renamed. */
  readonly key: string;
  /** `table`, `column`, `index`, … */
  readonly kind: string;
  readonly schema: string | null;
  /** The relation that it belongs to, `schema.name`; of a relation its own. */
  readonly relation: string | null;
  readonly name: string;
  readonly definition: string;
  /** Where its rows are stored; another one after a rewrite. */
  readonly filenode: string | null;
  /** OID of the relation that it belongs to. */
  readonly relid: string | null;
}

/** What a transaction has touched: relations by OID, other objects as `catalog:oid`. */
export interface Scope {
  readonly relations: readonly string[];
  readonly objects: readonly string[];
}

// A row that this transaction wrote: not older than it, and of a transaction that is still going on (only ours are visible).
// xmin has 32 bits of the 64 that pg_xact_status takes. pg_current_xact_id came with 13.
const ours = (row: string) =>
  `(pg_catalog.age(${row}.xmin) <= 0 AND pg_catalog.pg_xact_status(((now_.id >> 32 << 32) | ${row}.xmin::text::bigint)::text::xid8) = 'in progress')`;

// Without pg_user_mapping: only superusers may read it, and a migration is the owner's.
const generic = [
  "pg_proc",
  "pg_type",
  "pg_namespace",
  "pg_extension",
  "pg_event_trigger",
  "pg_statistic_ext",
  "pg_publication",
  "pg_cast",
  "pg_operator",
  "pg_opclass",
  "pg_opfamily",
  "pg_collation",
  "pg_ts_config",
  "pg_ts_dict",
  "pg_default_acl",
  "pg_foreign_server",
  "pg_foreign_data_wrapper",
  "pg_language",
];

/**
 * What the own transaction has touched so far. Relations: those locked beyond reading, and those whose catalog rows it wrote;
 * other objects: locked ones (a DROP locks what it drops) and written ones.
 * https://www.postgresql.org/docs/current/view-pg-locks.html
 */
export const touched = `
  WITH now_ AS MATERIALIZED (SELECT pg_catalog.pg_current_xact_id()::text::bigint AS id),
  held AS MATERIALIZED (
    SELECT * FROM pg_catalog.pg_locks WHERE pid = pg_catalog.pg_backend_pid() AND granted
       AND database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database())),
  relations AS (
    SELECT relation AS oid FROM held WHERE locktype = 'relation' AND mode <> 'AccessShareLock'
    UNION SELECT c.oid FROM pg_catalog.pg_class c, now_ WHERE ${ours("c")}
    UNION SELECT a.attrelid FROM pg_catalog.pg_attribute a, now_ WHERE ${ours("a")}
    UNION SELECT d.adrelid FROM pg_catalog.pg_attrdef d, now_ WHERE ${ours("d")}
    UNION SELECT k.conrelid FROM pg_catalog.pg_constraint k, now_ WHERE k.conrelid <> 0 AND ${ours("k")}
    UNION SELECT i.indrelid FROM pg_catalog.pg_index i, now_ WHERE ${ours("i")}
    UNION SELECT t.tgrelid FROM pg_catalog.pg_trigger t, now_ WHERE ${ours("t")}
    UNION SELECT p.polrelid FROM pg_catalog.pg_policy p, now_ WHERE ${ours("p")}
    UNION SELECT r.ev_class FROM pg_catalog.pg_rewrite r, now_ WHERE ${ours("r")}
    UNION SELECT s.seqrelid FROM pg_catalog.pg_sequence s, now_ WHERE ${ours("s")}
    UNION SELECT h.inhrelid FROM pg_catalog.pg_inherits h, now_ WHERE ${ours("h")}
    UNION SELECT o.objoid FROM pg_catalog.pg_description o, now_ WHERE o.classoid = 'pg_catalog.pg_class'::regclass AND ${ours("o")}),
  objects AS (
    SELECT classid::regclass::text AS class, objid AS oid FROM held WHERE locktype = 'object'
    ${generic.map((name) => `UNION SELECT '${name}', x.oid FROM pg_catalog.${name} x, now_ WHERE ${ours("x")}`).join("\n    ")}
    UNION SELECT 'pg_type', e.enumtypid FROM pg_catalog.pg_enum e, now_ WHERE ${ours("e")}
    UNION SELECT 'pg_type', k.contypid FROM pg_catalog.pg_constraint k, now_ WHERE k.contypid <> 0 AND ${ours("k")}
    UNION SELECT o.classoid::regclass::text, o.objoid FROM pg_catalog.pg_description o, now_
           WHERE o.classoid <> 'pg_catalog.pg_class'::regclass AND ${ours("o")})
  SELECT 'relation' AS kind, oid::text AS id FROM relations WHERE oid >= 16384
  UNION ALL
  SELECT 'object', class || ':' || oid::text FROM objects WHERE oid >= 16384`;

const qualified = (schema: string, name: string) =>
  `pg_catalog.quote_ident(${schema}) || '.' || pg_catalog.quote_ident(${name})`;
const short = (text: string) => `pg_catalog.left(pg_catalog.md5(${text}), 8)`;

/** `$1`: OIDs of relations, `$2`: other objects as `catalog:oid`. Columns that some version lacks are read through jsonb. */
export const catalogState = `
  WITH scope AS (
    SELECT c.oid, c.relkind, n.nspname, ${qualified("n.nspname", "c.relname")} AS name FROM pg_catalog.pg_class c
      JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
     WHERE n.nspname NOT IN ('pg_catalog', 'pg_toast', 'information_schema')
       AND (c.oid = ANY ($1::oid[]) OR c.oid IN (SELECT indrelid FROM pg_catalog.pg_index WHERE indexrelid = ANY ($1::oid[])))),
  listed AS (SELECT pg_catalog.split_part(each, ':', 1) AS class, pg_catalog.split_part(each, ':', 2)::oid AS oid
               FROM pg_catalog.unnest($2::text[]) AS each)
  SELECT 'r:' || c.oid AS key,
         CASE c.relkind WHEN 'r' THEN 'table' WHEN 'p' THEN 'partitioned table' WHEN 'v' THEN 'view' WHEN 'm' THEN 'materialized view'
           WHEN 'S' THEN 'sequence' WHEN 'f' THEN 'foreign table' WHEN 'c' THEN 'composite type' ELSE 'relation' END AS kind,
         s.nspname::text AS schema, s.name AS relation, s.name AS name,
         pg_catalog.concat_ws(', ',
           CASE c.relpersistence WHEN 'u' THEN 'unlogged' WHEN 't' THEN 'temporary' END,
           'owner ' || pg_catalog.pg_get_userbyid(c.relowner),
           CASE WHEN c.relrowsecurity THEN 'row security' || CASE WHEN c.relforcerowsecurity THEN ' forced' ELSE '' END END,
           CASE WHEN c.relreplident <> 'd' AND c.relkind IN ('r', 'p') THEN 'replica identity ' || c.relreplident::text END,
           'with ' || pg_catalog.array_to_string(c.reloptions, ' '),
           'partition ' || pg_catalog.pg_get_expr(c.relpartbound, c.oid),
           'inherits ' || (SELECT pg_catalog.string_agg(i.inhparent::regclass::text, ' ' ORDER BY i.inhseqno)
                             FROM pg_catalog.pg_inherits i WHERE i.inhrelid = c.oid),
           'tablespace ' || (SELECT spcname FROM pg_catalog.pg_tablespace WHERE oid = c.reltablespace),
           CASE WHEN c.relkind IN ('v', 'm') THEN 'definition ' || ${short("pg_catalog.pg_get_viewdef(c.oid)")} END,
           (SELECT 'from ' || seqstart || ' step ' || seqincrement || ' max ' || seqmax || CASE WHEN seqcycle THEN ' cycle' ELSE '' END
              FROM pg_catalog.pg_sequence WHERE seqrelid = c.oid),
           'privileges ' || pg_catalog.array_to_string(c.relacl, ' '),
           'comment ' || pg_catalog.quote_literal(pg_catalog.obj_description(c.oid, 'pg_class'))) AS definition,
         pg_catalog.pg_relation_filenode(c.oid)::text AS filenode, c.oid::text AS relid
    FROM scope s JOIN pg_catalog.pg_class c ON c.oid = s.oid WHERE c.relkind NOT IN ('i', 'I', 't')
  UNION ALL
  SELECT 'c:' || a.attrelid || ':' || a.attnum, 'column', s.nspname::text, s.name, pg_catalog.quote_ident(a.attname),
         pg_catalog.concat_ws(' ', pg_catalog.format_type(a.atttypid, a.atttypmod),
           CASE WHEN a.attcollation <> t.typcollation THEN 'collate ' || a.attcollation::regcollation::text END,
           CASE WHEN a.attnotnull THEN 'not null' END,
           CASE a.attidentity WHEN 'a' THEN 'identity always' WHEN 'd' THEN 'identity by default' END,
           CASE WHEN a.attgenerated <> '' THEN 'generated ' WHEN d.oid IS NOT NULL THEN 'default ' END
             || pg_catalog.pg_get_expr(d.adbin, d.adrelid),
           CASE WHEN a.attstorage <> t.typstorage THEN 'storage ' || a.attstorage::text END,
           'compression ' || NULLIF(pg_catalog.to_jsonb(a) ->> 'attcompression', ''),
           'statistics ' || NULLIF(pg_catalog.to_jsonb(a) ->> 'attstattarget', '-1'),
           'privileges ' || pg_catalog.array_to_string(a.attacl, ' '),
           'comment ' || pg_catalog.quote_literal(pg_catalog.col_description(a.attrelid, a.attnum))),
         NULL, a.attrelid::text
    FROM scope s JOIN pg_catalog.pg_attribute a ON a.attrelid = s.oid AND a.attnum > 0 AND NOT a.attisdropped
    JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
    LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
   WHERE s.relkind IN ('r', 'p', 'f', 'c', 'v', 'm')
  UNION ALL
  -- Version 18 keeps NOT NULL here as well: the column says it.
  SELECT 'k:' || k.oid || ':' || k.conindid, 'constraint', s.nspname::text, s.name, pg_catalog.quote_ident(k.conname), pg_catalog.pg_get_constraintdef(k.oid),
         pg_catalog.pg_relation_filenode(NULLIF(k.conindid, 0))::text, k.conrelid::text
    FROM scope s JOIN pg_catalog.pg_constraint k ON k.conrelid = s.oid
   WHERE k.contype NOT IN ('t') AND (k.contype <> 'n' OR NOT k.convalidated)
  UNION ALL
  SELECT 'i:' || i.indexrelid, 'index', s.nspname::text, s.name, ${qualified("n.nspname", "x.relname")},
         pg_catalog.regexp_replace(pg_catalog.pg_get_indexdef(i.indexrelid), '^CREATE (UNIQUE )?INDEX .*? ON (ONLY )?', '\\1\\2')
           || CASE WHEN i.indisvalid THEN '' ELSE ' (invalid)' END
           || coalesce(' comment ' || pg_catalog.quote_literal(pg_catalog.obj_description(i.indexrelid, 'pg_class')), ''),
         pg_catalog.pg_relation_filenode(i.indexrelid)::text, i.indrelid::text
    FROM scope s JOIN pg_catalog.pg_index i ON i.indrelid = s.oid JOIN pg_catalog.pg_class x ON x.oid = i.indexrelid
    JOIN pg_catalog.pg_namespace n ON n.oid = x.relnamespace
   WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_constraint k WHERE k.conindid = i.indexrelid AND k.conrelid = i.indrelid AND k.contype IN ('p', 'u', 'x'))
  UNION ALL
  SELECT 't:' || t.oid, 'trigger', s.nspname::text, s.name, pg_catalog.quote_ident(t.tgname),
         pg_catalog.regexp_replace(pg_catalog.pg_get_triggerdef(t.oid), '^CREATE (CONSTRAINT )?TRIGGER \\S+ ', '')
           || CASE t.tgenabled WHEN 'D' THEN ' (disabled)' WHEN 'R' THEN ' (replica)' WHEN 'A' THEN ' (always)' ELSE '' END, NULL, t.tgrelid::text
    FROM scope s JOIN pg_catalog.pg_trigger t ON t.tgrelid = s.oid WHERE NOT t.tgisinternal
  UNION ALL
  SELECT 'p:' || p.oid, 'policy', s.nspname::text, s.name, pg_catalog.quote_ident(p.polname),
         pg_catalog.concat_ws(' ', CASE WHEN p.polpermissive THEN 'permissive' ELSE 'restrictive' END,
           'for ' || CASE p.polcmd WHEN 'r' THEN 'select' WHEN 'a' THEN 'insert' WHEN 'w' THEN 'update' WHEN 'd' THEN 'delete' ELSE 'all' END,
           'to ' || (SELECT pg_catalog.string_agg(CASE r WHEN 0 THEN 'public' ELSE pg_catalog.pg_get_userbyid(r) END, ' ') FROM pg_catalog.unnest(p.polroles) r),
           'using (' || pg_catalog.pg_get_expr(p.polqual, p.polrelid) || ')',
           'check (' || pg_catalog.pg_get_expr(p.polwithcheck, p.polrelid) || ')'), NULL, p.polrelid::text
    FROM scope s JOIN pg_catalog.pg_policy p ON p.polrelid = s.oid
  UNION ALL
  SELECT 'w:' || r.oid, 'rule', s.nspname::text, s.name, pg_catalog.quote_ident(r.rulename), ${short("pg_catalog.pg_get_ruledef(r.oid)")}, NULL, r.ev_class::text
    FROM scope s JOIN pg_catalog.pg_rewrite r ON r.ev_class = s.oid WHERE r.rulename <> '_RETURN'
  UNION ALL
  SELECT 'f:' || p.oid, CASE p.prokind WHEN 'p' THEN 'procedure' WHEN 'a' THEN 'aggregate' ELSE 'function' END, n.nspname::text, NULL,
         ${qualified("n.nspname", "p.proname")} || '(' || pg_catalog.pg_get_function_identity_arguments(p.oid) || ')',
         pg_catalog.concat_ws(' ', 'returns ' || pg_catalog.pg_get_function_result(p.oid), l.lanname,
           CASE p.provolatile WHEN 'i' THEN 'immutable' WHEN 's' THEN 'stable' ELSE 'volatile' END,
           CASE WHEN p.prosecdef THEN 'security definer' END, CASE WHEN p.proisstrict THEN 'strict' END,
           'set ' || pg_catalog.array_to_string(p.proconfig, ' '), 'owner ' || pg_catalog.pg_get_userbyid(p.proowner),
           'privileges ' || pg_catalog.array_to_string(p.proacl, ' '),
           'body ' || ${short("p.prosrc || coalesce(pg_catalog.to_jsonb(p) ->> 'prosqlbody', '')")},
           'comment ' || pg_catalog.quote_literal(pg_catalog.obj_description(p.oid, 'pg_proc'))), NULL, NULL
    FROM listed o JOIN pg_catalog.pg_proc p ON o.class = 'pg_proc' AND p.oid = o.oid
    JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace JOIN pg_catalog.pg_language l ON l.oid = p.prolang
  UNION ALL
  SELECT 'y:' || t.oid, CASE t.typtype WHEN 'd' THEN 'domain' WHEN 'e' THEN 'enum' ELSE 'type' END, n.nspname::text, NULL,
         ${qualified("n.nspname", "t.typname")},
         pg_catalog.concat_ws(' ', CASE WHEN t.typtype = 'd' THEN pg_catalog.format_type(t.typbasetype, t.typtypmod) END,
           CASE WHEN t.typnotnull THEN 'not null' END, 'default ' || t.typdefault,
           (SELECT pg_catalog.string_agg(pg_catalog.pg_get_constraintdef(k.oid), ' ' ORDER BY k.conname) FROM pg_catalog.pg_constraint k WHERE k.contypid = t.oid),
           '(' || (SELECT pg_catalog.string_agg(pg_catalog.quote_literal(e.enumlabel), ', ' ORDER BY e.enumsortorder) FROM pg_catalog.pg_enum e WHERE e.enumtypid = t.oid) || ')',
           'owner ' || pg_catalog.pg_get_userbyid(t.typowner), 'privileges ' || pg_catalog.array_to_string(t.typacl, ' '),
           'comment ' || pg_catalog.quote_literal(pg_catalog.obj_description(t.oid, 'pg_type'))), NULL, NULL
    FROM listed o JOIN pg_catalog.pg_type t ON o.class = 'pg_type' AND t.oid = o.oid
    JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace
   WHERE t.typrelid = 0 AND t.typelem = 0 AND t.typtype IN ('b', 'd', 'e', 'r')
  UNION ALL
  SELECT 'n:' || n.oid, 'schema', n.nspname::text, NULL, pg_catalog.quote_ident(n.nspname),
         pg_catalog.concat_ws(', ', 'owner ' || pg_catalog.pg_get_userbyid(n.nspowner), 'privileges ' || pg_catalog.array_to_string(n.nspacl, ' '),
           'comment ' || pg_catalog.quote_literal(pg_catalog.obj_description(n.oid, 'pg_namespace'))), NULL, NULL
    FROM listed o JOIN pg_catalog.pg_namespace n ON o.class = 'pg_namespace' AND n.oid = o.oid
  UNION ALL
  SELECT 'e:' || e.oid, 'extension', NULL, NULL, pg_catalog.quote_ident(e.extname), e.extversion, NULL, NULL
    FROM listed o JOIN pg_catalog.pg_extension e ON o.class = 'pg_extension' AND e.oid = o.oid
  UNION ALL
  SELECT 'v:' || e.oid, 'event trigger', NULL, NULL, pg_catalog.quote_ident(e.evtname),
         pg_catalog.concat_ws(' ', 'on', e.evtevent, 'calls', e.evtfoid::regproc, CASE e.evtenabled WHEN 'D' THEN '(disabled)' END), NULL, NULL
    FROM listed o JOIN pg_catalog.pg_event_trigger e ON o.class = 'pg_event_trigger' AND e.oid = o.oid
  UNION ALL
  SELECT 's:' || x.oid, 'statistics', n.nspname::text, x.stxrelid::regclass::text, ${qualified("n.nspname", "x.stxname")},
         pg_catalog.regexp_replace(pg_catalog.pg_get_statisticsobjdef(x.oid), '^CREATE STATISTICS \\S+ ', ''), NULL, x.stxrelid::text
    FROM listed o JOIN pg_catalog.pg_statistic_ext x ON o.class = 'pg_statistic_ext' AND x.oid = o.oid
    JOIN pg_catalog.pg_namespace n ON n.oid = x.stxnamespace
  UNION ALL
  SELECT 'g:' || o.class || ':' || o.oid, i.type, i.schema, NULL, i.identity, '', NULL, NULL
    FROM listed o, LATERAL pg_catalog.pg_identify_object(o.class::regclass, o.oid, 0) i
   WHERE o.class IN (${generic
     .slice(6)
     .map((name) => `'${name}'`)
     .join(", ")}) AND i.identity IS NOT NULL`;

/** The locks of relations that the own transaction holds, AccessShare included; `name` is null for what it dropped. */
export const ownLocks = `
  SELECT l.relation::text AS relid, l.mode, c.relkind::text AS relkind, n.nspname::text AS schema,
         ${qualified("n.nspname", "c.relname")} AS name
    FROM pg_catalog.pg_locks l
    LEFT JOIN pg_catalog.pg_class c ON c.oid = l.relation
    LEFT JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
   WHERE l.pid = pg_catalog.pg_backend_pid() AND l.granted AND l.locktype = 'relation' AND l.relation >= 16384
     AND l.database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database())
     AND n.nspname IS DISTINCT FROM 'pg_toast'`;

export interface OwnLock extends CatalogRow {
  readonly relid: string;
  readonly mode: string;
  readonly relkind: string | null;
  readonly schema: string | null;
  readonly name: string | null;
}

/**
 * Sequential scans and the rows that they have read, by table; building an index and checking a constraint count too. Rows that
 * parallel workers read are not among them: their servers count for themselves. What the connection did before this transaction
 * may still be in the numbers: compare with those of its beginning.
 */
export const ownScans = `
  SELECT relid::text AS relid, ${qualified("schemaname", "relname")} AS name, seq_scan::text AS scans, seq_tup_read::text AS rows
    FROM pg_catalog.pg_stat_xact_user_tables WHERE seq_scan > 0`;

export interface OwnScan extends CatalogRow {
  readonly relid: string;
  readonly name: string;
  readonly scans: string;
  readonly rows: string;
}

/** How large tables are, as far as the statistics know: rows -1 where nobody counted. `$1`: OIDs. */
export const sizes = `
  SELECT c.oid::text AS relid, ${qualified("n.nspname", "c.relname")} AS name, c.reltuples::bigint::text AS rows,
         pg_catalog.pg_table_size(c.oid)::text AS bytes, pg_catalog.pg_total_relation_size(c.oid)::text AS total
    FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
   WHERE c.oid = ANY ($1::oid[]) AND c.relkind IN ('r', 'm', 'p', 'i')`;

export interface Size extends CatalogRow {
  readonly relid: string;
  readonly name: string;
  readonly rows: string;
  readonly bytes: string;
  readonly total: string;
}
