/**
 * What runs without being named, in the whole database: functions behind casts, operator classes and types that were made
 * after the cluster was. One row for each function. Most databases have none but those of extensions.
 */
export const attachments = `
  WITH owned AS (
         SELECT p.oid, n.nspname, p.proname, p.provolatile, e.extname, l.lanname, r.rolsuper
           FROM pg_catalog.pg_proc p
           JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
           JOIN pg_catalog.pg_language l ON l.oid = p.prolang
           JOIN pg_catalog.pg_roles r ON r.oid = p.proowner
           LEFT JOIN pg_catalog.pg_depend d ON d.classid = 'pg_catalog.pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e'
           LEFT JOIN pg_catalog.pg_extension e ON e.oid = d.refobjid),
       families AS (
         SELECT f.oid, f.opfname,
                EXISTS (SELECT FROM pg_catalog.pg_opclass c WHERE c.opcfamily = f.oid AND c.opcdefault) AS standard
           FROM pg_catalog.pg_opfamily f JOIN pg_catalog.pg_am m ON m.oid = f.opfmethod
          WHERE m.amname IN ('btree', 'hash')),
       attached(what, name, code, source, target, context, family) AS (
         SELECT 'cast', pg_catalog.format_type(c.castsource, NULL) || ' to ' || pg_catalog.format_type(c.casttarget, NULL),
                c.castfunc::oid, c.castsource, c.casttarget, c.castcontext::text, 0::oid
           FROM pg_catalog.pg_cast c WHERE c.oid >= 16384 AND c.castfunc <> 0
         UNION ALL
         SELECT 'operator family', f.opfname::text, p.amproc::oid, p.amproclefttype, p.amprocrighttype,
                CASE WHEN f.standard THEN 'i' ELSE 'x' END, f.oid
           FROM pg_catalog.pg_amproc p JOIN families f ON f.oid = p.amprocfamily WHERE p.oid >= 16384
         UNION ALL
         SELECT 'operator family', f.opfname::text, o.oprcode::oid, p.amoplefttype, p.amoprighttype,
                CASE WHEN f.standard THEN 'i' ELSE 'x' END, f.oid
           FROM pg_catalog.pg_amop p JOIN families f ON f.oid = p.amopfamily
           JOIN pg_catalog.pg_operator o ON o.oid = p.amopopr WHERE p.oid >= 16384
         UNION ALL
         SELECT 'type', pg_catalog.format_type(t.oid, NULL), x.code, t.oid, t.oid, 'i', 0
           FROM pg_catalog.pg_type t
          CROSS JOIN LATERAL (VALUES (t.typinput::oid), (t.typoutput::oid), (t.typmodin::oid), (t.typmodout::oid)) x(code)
          WHERE t.oid >= 16384 AND x.code >= 16384
         UNION ALL
         SELECT 'range type', pg_catalog.format_type(r.rngtypid, NULL), x.code, r.rngtypid, r.rngtypid, 'i', 0
           FROM pg_catalog.pg_range r
          CROSS JOIN LATERAL (
                SELECT r.rngcanonical::oid
                UNION ALL SELECT r.rngsubdiff::oid
                UNION ALL SELECT p.amproc::oid FROM pg_catalog.pg_opclass c
                            JOIN pg_catalog.pg_amproc p ON p.amprocfamily = c.opcfamily WHERE c.oid = r.rngsubopc) x(code)
          WHERE r.rngtypid >= 16384 AND x.code <> 0)
  SELECT DISTINCT a.what, a.name AS of, a.source::text AS source, a.target::text AS target, a.context, a.family::text AS family,
         o.nspname AS schema, o.proname AS name, o.oid::text AS oid, o.provolatile::text AS detail, o.extname AS extension,
         o.lanname AS language, o.rolsuper::text AS sound, NULL AS raw
    FROM attached a JOIN owned o ON o.oid = a.code
   WHERE NOT (o.oid < 16384 AND o.provolatile <> 'v' AND o.proname !~ '^(pg_|lo_|loread|.*_to_xml)')`;

/** A row of {@link attachments}: a function, and what it is attached to. */
export interface Attachment {
  readonly what: string;
  readonly of: string;
  /** OIDs of the two types between which it stands; one and the same for a function of a type. */
  readonly source: string;
  readonly target: string;
  /** i: runs unasked. a: when something is assigned. e: when its target is named. x: only where an index has it. */
  readonly context: string;
  /** OID of the operator family, 0 for all else. */
  readonly family: string;
  readonly schema: string;
  readonly name: string;
  readonly oid: string;
  readonly detail: string;
  readonly extension: string | null;
  readonly language: string | null;
  readonly sound: string | null;
  readonly raw: string | null;
}

/** What the session is, asked without any operator: one of the search path might be asked otherwise. */
export const searchPath =
  "SELECT pg_catalog.current_setting('mooring.path') AS path, pg_catalog.getdatabaseencoding() AS encoding, pg_catalog.current_setting('server_version_num') AS version";
