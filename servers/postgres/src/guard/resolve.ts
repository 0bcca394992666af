/**
 * One round trip that says for every name what it may resolve to.
 * Kinds: f function, o operator, t type, c a call by attribute notation, r a view or rule-bearing relation.
 */
export const resolution = `
  WITH visible AS (SELECT oid FROM pg_catalog.pg_namespace WHERE nspname = ANY (pg_catalog.current_schemas(true))),
       member AS (SELECT d.classid, d.objid, e.extname FROM pg_catalog.pg_depend d
                  JOIN pg_catalog.pg_extension e ON e.oid = d.refobjid
                  WHERE d.deptype = 'e' AND d.refclassid = 'pg_catalog.pg_extension'::regclass)
  SELECT 'f' AS kind, n.nspname AS schema, p.proname AS name, p.provolatile::text AS detail, m.extname AS extension,
         (n.oid IN (TABLE visible))::text AS visible, false::text AS runs
    FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
    LEFT JOIN member m ON m.classid = 'pg_catalog.pg_proc'::regclass AND m.objid = p.oid
   WHERE p.proname = ANY ($1::text[])
  UNION ALL
  SELECT 'o', n.nspname, o.oprname, '', m.extname, (n.oid IN (TABLE visible))::text, 'false'
    FROM pg_catalog.pg_operator o JOIN pg_catalog.pg_namespace n ON n.oid = o.oprnamespace
    LEFT JOIN member m ON m.classid = 'pg_catalog.pg_operator'::regclass AND m.objid = o.oid
   WHERE o.oprname = ANY ($2::text[]) AND n.nspname <> 'pg_catalog'
  UNION ALL
  SELECT 't', n.nspname, t.typname, '', m.extname, (n.oid IN (TABLE visible))::text,
         (EXISTS (SELECT FROM pg_catalog.pg_constraint c JOIN pg_catalog.pg_depend d
                    ON d.classid = 'pg_catalog.pg_constraint'::regclass AND d.objid = c.oid
                   AND d.refclassid = 'pg_catalog.pg_proc'::regclass WHERE c.contypid = t.oid)
          OR EXISTS (SELECT FROM pg_catalog.pg_cast c WHERE c.casttarget = t.oid AND c.castfunc >= 16384))::text
    FROM pg_catalog.pg_type t JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace
    LEFT JOIN member m ON m.classid = 'pg_catalog.pg_type'::regclass AND m.objid = t.oid
   WHERE t.typname = ANY ($3::text[]) AND n.nspname <> 'pg_catalog'
  UNION ALL
  SELECT 'c', n.nspname, p.proname, p.provolatile::text, m.extname, (n.oid IN (TABLE visible))::text, 'true'
    FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
    JOIN pg_catalog.pg_type t ON t.oid = p.proargtypes[0]
    LEFT JOIN member m ON m.classid = 'pg_catalog.pg_proc'::regclass AND m.objid = p.oid
   WHERE p.proname = ANY ($4::text[]) AND n.nspname <> 'pg_catalog' AND (t.typtype = 'c' OR t.oid = 2249)
  UNION ALL
  SELECT 'r', n.nspname, c.relname, c.relkind::text, m.extname, (n.oid IN (TABLE visible))::text, 'false'
    FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    LEFT JOIN member m ON m.classid = 'pg_catalog.pg_class'::regclass AND m.objid = c.oid
   WHERE c.relname = ANY ($5::text[])`;

/** A row of {@link resolution}. */
export interface Candidate {
  readonly kind: string;
  readonly schema: string;
  readonly name: string;
  /** Volatility of a function, kind of a relation. */
  readonly detail: string;
  readonly extension: string | null;
  /** `true`: found without its schema. */
  readonly visible: string;
  /** `true`: using it runs a function of the database. */
  readonly runs: string;
}

/** The definition of a view, by its quoted name. */
export const viewDefinition = "SELECT pg_catalog.pg_get_viewdef($1::regclass) AS definition";
