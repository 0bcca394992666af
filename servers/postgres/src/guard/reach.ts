/**
 * Everything that reading some relations reaches: views into their relations, parents into their children; and what runs
 * meanwhile. Parameters: $1 OIDs, $2 whether the types of columns are wanted.
 */
export const reach = `
  WITH RECURSIVE reached(oid, viewed, stored) AS (
         SELECT x.oid, false, false FROM pg_catalog.unnest($1::oid[]) x(oid)
         UNION
         SELECT n.oid, n.viewed OR r.viewed, n.stored OR r.stored FROM reached r
          CROSS JOIN LATERAL (
                SELECT i.inhrelid, false, false FROM pg_catalog.pg_inherits i WHERE i.inhparent = r.oid
                UNION ALL
                SELECT d.refobjid, true, v.relkind = 'm' FROM pg_catalog.pg_rewrite w
                  JOIN pg_catalog.pg_class v ON v.oid = w.ev_class AND v.relkind IN ('v', 'm')
                  JOIN pg_catalog.pg_depend d ON d.classid = 'pg_catalog.pg_rewrite'::regclass AND d.objid = w.oid
                   AND d.refclassid = 'pg_catalog.pg_class'::regclass
                 WHERE w.ev_class = r.oid AND d.refobjid <> r.oid) n(oid, viewed, stored)
          WHERE r.oid >= 16384),
       relations AS (SELECT oid, bool_or(viewed) AS viewed, bool_and(stored) AS stored FROM reached GROUP BY oid),
       foreign_code AS (
         SELECT d.classid, d.objid FROM pg_catalog.pg_depend d
          WHERE d.refclassid = 'pg_catalog.pg_proc'::regclass AND d.refobjid >= 16384
            AND d.classid IN ('pg_catalog.pg_class'::regclass, 'pg_catalog.pg_constraint'::regclass, 'pg_catalog.pg_statistic_ext'::regclass))
  SELECT c.oid::text AS oid, n.nspname AS schema, c.relname AS name, c.relkind::text AS kind, e.extname AS extension, r.stored::text AS stored,
         CASE WHEN c.relkind IN ('v', 'm') THEN pg_catalog.pg_get_viewdef(c.oid) END AS definition,
         (SELECT pg_catalog.json_agg(pg_catalog.json_build_array(d.refobjid::text, d.refobjsubid::text))
            FROM pg_catalog.pg_rewrite w
            JOIN pg_catalog.pg_depend d ON d.classid = 'pg_catalog.pg_rewrite'::regclass AND d.objid = w.oid
             AND d.refclassid = 'pg_catalog.pg_class'::regclass
           WHERE w.ev_class = c.oid AND d.refobjid <> c.oid)::text AS uses,
         (SELECT pg_catalog.json_agg(pg_catalog.json_build_array(hn.nspname, h.proname, s.srvname))
            FROM pg_catalog.pg_foreign_table f
            JOIN pg_catalog.pg_foreign_server s ON s.oid = f.ftserver
            JOIN pg_catalog.pg_foreign_data_wrapper w ON w.oid = s.srvfdw
            LEFT JOIN pg_catalog.pg_proc h ON h.oid = w.fdwhandler
            LEFT JOIN pg_catalog.pg_namespace hn ON hn.oid = h.pronamespace
           WHERE f.ftrelid = c.oid)::text AS remote,
         CASE WHEN c.relrowsecurity AND (r.viewed OR pg_catalog.row_security_active(c.oid)) THEN
         (SELECT pg_catalog.json_agg(pg_catalog.json_build_array(p.polname, pg_catalog.pg_get_expr(x.expr, c.oid)))
            FROM pg_catalog.pg_policy p CROSS JOIN LATERAL (VALUES (p.polqual), (p.polwithcheck)) x(expr)
           WHERE p.polrelid = c.oid AND x.expr IS NOT NULL)::text END AS policies,
         (SELECT pg_catalog.json_agg(pg_catalog.json_build_array(x.name, x.expr)) FROM (
            SELECT i.indexrelid::regclass::text, pg_catalog.pg_get_expr(y.expr, c.oid)
              FROM pg_catalog.pg_index i CROSS JOIN LATERAL (VALUES (i.indexprs), (i.indpred)) y(expr)
             WHERE i.indrelid = c.oid AND y.expr IS NOT NULL
               AND ('pg_catalog.pg_class'::regclass, i.indexrelid) IN (SELECT classid, objid FROM foreign_code)
            UNION ALL
            SELECT k.conname, pg_catalog.pg_get_expr(k.conbin, c.oid) FROM pg_catalog.pg_constraint k
             WHERE k.conrelid = c.oid AND k.conbin IS NOT NULL
               AND ('pg_catalog.pg_constraint'::regclass, k.oid) IN (SELECT classid, objid FROM foreign_code)
            UNION ALL
            SELECT c.relname, pg_catalog.pg_get_expr(k.partexprs, c.oid) FROM pg_catalog.pg_partitioned_table k
             WHERE k.partrelid = c.oid AND k.partexprs IS NOT NULL) x(name, expr))::text AS planned,
         (SELECT pg_catalog.json_agg(pg_catalog.json_build_array(s.stxname, pg_catalog.pg_get_statisticsobjdef(s.oid)))
            FROM pg_catalog.pg_statistic_ext s
           WHERE s.stxrelid = c.oid
             AND ('pg_catalog.pg_statistic_ext'::regclass, s.oid) IN (SELECT classid, objid FROM foreign_code))::text AS statistics,
         (SELECT pg_catalog.json_agg(DISTINCT pg_catalog.json_build_object(
                   'what', 'operator class', 'of', o.opcname, 'schema', pn.nspname, 'name', p.proname, 'oid', p.oid::text,
                   'detail', p.provolatile, 'extension', pe.extname, 'language', l.lanname, 'sound', ro.rolsuper::text)::text)
            FROM (SELECT pg_catalog.unnest(i.indclass::oid[]) FROM pg_catalog.pg_index i WHERE i.indrelid = c.oid
                  UNION SELECT pg_catalog.unnest(k.partclass::oid[]) FROM pg_catalog.pg_partitioned_table k WHERE k.partrelid = c.oid) u(oid)
            JOIN pg_catalog.pg_opclass o ON o.oid = u.oid
            JOIN pg_catalog.pg_amproc a ON a.amprocfamily = o.opcfamily
            JOIN pg_catalog.pg_proc p ON p.oid = a.amproc
            JOIN pg_catalog.pg_namespace pn ON pn.oid = p.pronamespace
            JOIN pg_catalog.pg_language l ON l.oid = p.prolang
            JOIN pg_catalog.pg_roles ro ON ro.oid = p.proowner
            LEFT JOIN pg_catalog.pg_depend pd ON pd.classid = 'pg_catalog.pg_proc'::regclass AND pd.objid = p.oid AND pd.deptype = 'e'
            LEFT JOIN pg_catalog.pg_extension pe ON pe.oid = pd.refobjid
           WHERE a.oid >= 16384)::text AS classes,
         CASE WHEN $2::bool THEN (
           WITH RECURSIVE t(oid) AS (
             SELECT a.atttypid FROM pg_catalog.pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
             UNION
             SELECT x.oid FROM t JOIN pg_catalog.pg_type y ON y.oid = t.oid
              CROSS JOIN LATERAL (
                    SELECT y.typelem WHERE y.typelem <> 0
                    UNION ALL SELECT y.typbasetype WHERE y.typbasetype <> 0
                    UNION ALL SELECT a.atttypid FROM pg_catalog.pg_attribute a
                               WHERE y.typrelid <> 0 AND a.attrelid = y.typrelid AND a.attnum > 0 AND NOT a.attisdropped
                    UNION ALL SELECT g.rngsubtype FROM pg_catalog.pg_range g WHERE g.rngtypid = y.oid
                    UNION ALL SELECT g.rngtypid FROM pg_catalog.pg_range g
                               WHERE y.typtype = 'm' AND pg_catalog.to_jsonb(g)->>'rngmultitypid' = y.oid::text) x(oid))
           SELECT pg_catalog.json_build_object('types', pg_catalog.json_agg(t.oid::text), 'checks',
                    (SELECT pg_catalog.json_agg(pg_catalog.pg_get_expr(k.conbin, 0)) FROM t u
                       JOIN pg_catalog.pg_constraint k ON k.contypid = u.oid WHERE k.conbin IS NOT NULL)) FROM t)::text
         END AS types
    FROM relations r
    JOIN pg_catalog.pg_class c ON c.oid = r.oid
    JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    LEFT JOIN pg_catalog.pg_depend d ON d.classid = 'pg_catalog.pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e'
    LEFT JOIN pg_catalog.pg_extension e ON e.oid = d.refobjid`;

/** A row of {@link reach}. Members that hold several things are JSON. */
export interface Reached {
  readonly oid: string;
  readonly schema: string;
  readonly name: string;
  readonly kind: string;
  /** `true`: only a materialized view was made of it, so it is not read now. */
  readonly stored: string;
  readonly extension: string | null;
  /** Of a view. */
  readonly definition: string | null;
  /** `[relation, attribute]` that a view depends on; attribute 0 is the whole. */
  readonly uses: string | null;
  /** `[schema, handler, server]` of a foreign table. */
  readonly remote: string | null;
  /** `[name, expression]` of policies that count for who reads. */
  readonly policies: string | null;
  /** `[name, expression]` that a planner may evaluate and that call functions of the database. */
  readonly planned: string | null;
  /** `[name, definition]` of extended statistics that call functions of the database. */
  readonly statistics: string | null;
  /** JSON of functions of operator classes of indexes and partitions. */
  readonly classes: string | null;
  /** `types`: what the columns are made of; `checks`: of domains among them. */
  readonly types: string | null;
}
