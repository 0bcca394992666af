import { OWN } from "../own-statements.ts";

/**
 * Operators of a schema behind pg_catalog run where they fit better than PostgreSQL's own, so a question of ours sees pg_catalog
 * alone; what the path of the session is it finds in `mooring.path`.
 * https://www.postgresql.org/docs/current/typeconv-oper.html
 */
export const ALONE = `${OWN}SELECT pg_catalog.set_config('mooring.search_path', pg_catalog.current_setting('search_path'), true),
  pg_catalog.set_config('mooring.path', pg_catalog.current_schemas(true)::pg_catalog.text, true),
  pg_catalog.set_config('search_path', 'pg_catalog', true)`;

/** Behind it, in a session that goes on. */
export const AS_BEFORE = `${OWN}SELECT pg_catalog.set_config('search_path', pg_catalog.current_setting('mooring.search_path'), true)`;

/**
 * Whether the path of the session has operators or functions that could answer for PostgreSQL's own. Asked behind {@link ALONE}.
 * Those of extensions are not counted: they were installed by who may do anything.
 */
export const capturable = `
  SELECT (EXISTS (
      SELECT FROM pg_operator o JOIN pg_namespace n ON n.oid = o.oprnamespace
       WHERE n.nspname <> 'pg_catalog' AND n.nspname = ANY (current_setting('mooring.path')::name[])
         AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_operator'::regclass AND d.objid = o.oid AND d.deptype = 'e'))
    OR EXISTS (
      SELECT FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
       WHERE n.nspname <> 'pg_catalog' AND n.nspname = ANY (current_setting('mooring.path')::name[])
         AND EXISTS (SELECT FROM pg_proc b WHERE b.proname = p.proname AND b.pronamespace = 'pg_catalog'::regnamespace)
         AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e'))
  )::text AS capturable`;
