import { queryCheck } from "../check.ts";
import { visible } from "../scope.ts";

/** SECURITY DEFINER routines whose names resolve by the caller's search_path. */
export const definerFunctions = queryCheck<"name" | "schema" | "owner" | "super" | "everybody">({
  name: "definer_functions",
  group: "security",
  title: "SECURITY DEFINER without a fixed search_path",
  why: "A caller puts a schema of theirs first, and the routine runs their table or function with its owner's rights.",
  scoped: true,
  // A body in standard SQL (14) is bound to objects when it is created; C has no names to resolve. The prosqlbody column is absent in 13.
  sql: (version) => `
    SELECT format('%I.%I(%s)', n.nspname, p.proname, pg_get_function_identity_arguments(p.oid)) AS name, quote_ident(n.nspname) AS schema,
      quote_ident(r.rolname) AS owner, r.rolsuper::text AS super, has_function_privilege('public', p.oid, 'EXECUTE')::text AS everybody
    FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
    JOIN pg_catalog.pg_roles r ON r.oid = p.proowner JOIN pg_catalog.pg_language l ON l.oid = p.prolang
    WHERE p.prosecdef AND ${visible("n.nspname")} AND l.lanname NOT IN ('c', 'internal') ${version >= 140000 ? "AND p.prosqlbody IS NULL" : ""}
      AND NOT EXISTS (SELECT FROM unnest(p.proconfig) s WHERE s LIKE 'search_path=%')
      AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d WHERE d.classid = 'pg_catalog.pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e')
    ORDER BY r.rolsuper DESC, 5 DESC, 1`,
  evaluate: (rows) =>
    rows.map((row) => {
      const everybody = row.everybody === "true";
      const owner = `${row.owner}${row.super === "true" ? " (superuser)" : ""}`;
      return {
        severity: !everybody ? "low" : row.super === "true" ? "high" : "medium",
        subject: row.name ?? "",
        evidence: `runs as ${owner}, ${everybody ? "everybody may call it" : "chosen roles may call it"}`,
        fix: `ALTER ROUTINE ${row.name} SET search_path = pg_catalog, ${row.schema}, pg_temp;`,
      };
    }),
});
