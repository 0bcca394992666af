/**
 * One round trip that says for every name what it may resolve to.
 * Kinds: f function, o operator, t type, c a call by attribute notation, r a relation.
 * Parameters: $1 functions, $2 operators, $3 types, $4 attributes, $5 relations.
 */
export const resolution = `
  WITH RECURSIVE visible AS (
         SELECT n.oid, n.nspname AS name, p.place
           FROM pg_catalog.unnest(pg_catalog.current_setting('mooring.path')::name[]) WITH ORDINALITY p(name, place)
           JOIN pg_catalog.pg_namespace n ON n.nspname = p.name),
       code AS (
         SELECT p.oid, n.oid AS namespace, n.nspname, p.proname, p.provolatile, e.extname, l.lanname, r.rolsuper,
                ('pg_catalog.cstring'::regtype = ANY (p.proargtypes::oid[]) OR 'pg_catalog.internal'::regtype = ANY (p.proargtypes::oid[]) OR b.typtype = 'p' AND b.typname !~ '^(any|record|void)')
                  AND p.prokind <> 'a' AS raw,
                p.pronargs >= 1 AND p.pronargs - p.pronargdefaults - (p.provariadic <> 0)::int <= 1 AS unary,
                a.typtype = 'c' OR a.typtype = 'p' AND a.typname ~ '^(any|record)' AS takes_row
           FROM pg_catalog.pg_proc p
           JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
           JOIN pg_catalog.pg_language l ON l.oid = p.prolang
           JOIN pg_catalog.pg_type b ON b.oid = p.prorettype
           JOIN pg_catalog.pg_roles r ON r.oid = p.proowner
           LEFT JOIN pg_catalog.pg_type a ON a.oid = p.proargtypes[0]
           LEFT JOIN pg_catalog.pg_depend d ON d.classid = 'pg_catalog.pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e'
           LEFT JOIN pg_catalog.pg_extension e ON e.oid = d.refobjid
          WHERE p.proname = ANY ($1::text[]) OR p.proname = ANY ($4::text[])
             OR p.oid IN (SELECT o.oprcode FROM pg_catalog.pg_operator o WHERE o.oprname = ANY ($2::text[]) AND o.oid >= 16384)),
       named AS (
         SELECT t.oid, n.oid AS namespace, n.nspname, t.typname, t.typtype, e.extname
           FROM pg_catalog.pg_type t
           JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace
           LEFT JOIN pg_catalog.pg_depend d ON d.classid = 'pg_catalog.pg_type'::regclass AND d.objid = t.oid AND d.deptype = 'e'
           LEFT JOIN pg_catalog.pg_extension e ON e.oid = d.refobjid
          WHERE t.typname = ANY ($3::text[])),
       inside(root, oid) AS (
         SELECT oid, oid FROM named
         UNION
         SELECT i.root, x.oid FROM inside i JOIN pg_catalog.pg_type t ON t.oid = i.oid
          CROSS JOIN LATERAL (
                SELECT t.typelem WHERE t.typelem <> 0
                UNION ALL SELECT t.typbasetype WHERE t.typbasetype <> 0
                UNION ALL SELECT a.atttypid FROM pg_catalog.pg_attribute a
                           WHERE t.typrelid <> 0 AND a.attrelid = t.typrelid AND a.attnum > 0 AND NOT a.attisdropped
                UNION ALL SELECT r.rngsubtype FROM pg_catalog.pg_range r WHERE r.rngtypid = t.oid
                -- Multiranges and this column came with 14.
                UNION ALL SELECT r.rngtypid FROM pg_catalog.pg_range r
                           WHERE t.typtype = 'm' AND pg_catalog.to_jsonb(r)->>'rngmultitypid' = t.oid::text) x(oid)
          WHERE t.oid >= 16384)
  SELECT 'f' AS kind, c.nspname AS schema, c.proname AS name, c.provolatile::text AS detail, c.extname AS extension,
         (c.namespace IN (SELECT oid FROM visible))::text AS visible, 'false' AS runs, c.oid::text AS oid,
         c.lanname AS language, c.rolsuper::text AS sound, c.raw::text AS raw, NULL AS inside, NULL AS checks, NULL AS place
    FROM code c WHERE c.proname = ANY ($1::text[])
  UNION ALL
  SELECT 'c', c.nspname, c.proname, c.provolatile::text, c.extname, (c.namespace IN (SELECT oid FROM visible))::text,
         coalesce(c.takes_row, false)::text, c.oid::text, c.lanname, c.rolsuper::text, c.raw::text, NULL, NULL, NULL
    FROM code c WHERE c.proname = ANY ($4::text[]) AND c.unary
  UNION ALL
  SELECT 'o', n.nspname, o.oprname, c.provolatile::text, c.extname, (n.oid IN (SELECT oid FROM visible))::text,
         c.nspname || '.' || c.proname, c.oid::text, c.lanname, c.rolsuper::text, c.raw::text, NULL, NULL, NULL
    FROM pg_catalog.pg_operator o
    JOIN pg_catalog.pg_namespace n ON n.oid = o.oprnamespace
    JOIN code c ON c.oid = o.oprcode
   WHERE o.oprname = ANY ($2::text[]) AND o.oid >= 16384
  UNION ALL
  SELECT 't', n.nspname, n.typname, n.typtype::text, n.extname, (n.namespace IN (SELECT oid FROM visible))::text,
         (n.oid >= 16384 AND EXISTS (
            SELECT FROM inside i JOIN pg_catalog.pg_constraint k ON k.contypid = i.oid WHERE i.root = n.oid
             UNION ALL SELECT FROM inside i JOIN pg_catalog.pg_cast k ON k.casttarget = i.oid WHERE i.root = n.oid AND k.castfunc >= 16384))::text,
         n.oid::text, NULL, NULL, NULL,
         (SELECT pg_catalog.json_agg(i.oid::text) FROM inside i WHERE i.root = n.oid)::text,
         (SELECT pg_catalog.json_agg(pg_catalog.pg_get_expr(k.conbin, 0))
            FROM inside i JOIN pg_catalog.pg_constraint k ON k.contypid = i.oid
           WHERE i.root = n.oid AND k.conbin IS NOT NULL)::text, NULL
    FROM named n
  UNION ALL
  SELECT 'r', n.nspname, c.relname, c.relkind::text, e.extname, (v.oid IS NOT NULL)::text, 'false', c.oid::text,
         NULL, NULL, NULL, NULL, NULL, v.place::text
    FROM pg_catalog.pg_class c
    JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    LEFT JOIN visible v ON v.oid = n.oid
    LEFT JOIN pg_catalog.pg_depend d ON d.classid = 'pg_catalog.pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e'
    LEFT JOIN pg_catalog.pg_extension e ON e.oid = d.refobjid
   WHERE c.relname = ANY ($5::text[])`;

/** A row of {@link resolution}. */
export interface Candidate {
  readonly kind: string;
  readonly schema: string;
  readonly name: string;
  /** Volatility of a function, also of an operator's; kind of a relation or a type. */
  readonly detail: string;
  readonly extension: string | null;
  /** `true`: found without its schema. */
  readonly visible: string;
  /** Of a type: `true` where using it may run code. Of an attribute: `true` where it takes a row. Of an operator: its function. */
  readonly runs: string;
  /** Of a function, also of an operator's; of a type, a relation. */
  readonly oid: string;
  readonly language: string | null;
  /** `true`: the function's owner is a superuser. */
  readonly sound: string | null;
  /** `true`: the function takes or gives what SQL has no values of: an input function, a handler. */
  readonly raw: string | null;
  /** Of a type: JSON of the OIDs of itself and the types that it is made of. */
  readonly inside: string | null;
  /** Of a type: JSON of the CHECK expressions of domains in it. */
  readonly checks: string | null;
  /** Of a relation: where its schema stands in the search path. */
  readonly place: string | null;
}

/** Objects made after the cluster was have OIDs from here on (`FirstNormalObjectId` of access/transam.h). */
export const FIRST_OWN = 16_384;
