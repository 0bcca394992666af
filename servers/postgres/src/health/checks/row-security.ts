import { queryCheck } from "../check.ts";
import type { Finding } from "../finding.ts";
import { ownRelation, visible } from "../scope.ts";

type Columns = "name" | "enabled" | "policies" | "readers" | "writers";

/**
 * Tables without row-level security that roles of a public API (PostgREST's and Supabase's `anon`, `authenticated`, `web_anon`) or
 * everybody (PUBLIC) can reach, and policies that do nothing because it is off.
 */
export const rowSecurity = queryCheck<Columns>({
  name: "row_security",
  group: "security",
  title: "Row-level security is off",
  why: "Whoever reaches the API, or the database, reads or changes every row.",
  scoped: true,
  sql: () => `
    WITH roles AS (SELECT rolname::text AS role FROM pg_catalog.pg_roles WHERE rolname IN ('anon', 'authenticated', 'web_anon') UNION ALL SELECT 'public'),
    seen AS (
      SELECT format('%I.%I', n.nspname, c.relname) AS name, c.relrowsecurity AS enabled,
        (SELECT count(*) FROM pg_catalog.pg_policy p WHERE p.polrelid = c.oid) AS policies,
        (SELECT string_agg(r.role, ', ' ORDER BY r.role) FROM roles r
          WHERE has_schema_privilege(r.role, n.oid, 'USAGE') AND has_table_privilege(r.role, c.oid, 'SELECT')) AS readers,
        (SELECT string_agg(r.role, ', ' ORDER BY r.role) FROM roles r
          WHERE has_schema_privilege(r.role, n.oid, 'USAGE') AND has_table_privilege(r.role, c.oid, 'INSERT, UPDATE, DELETE, TRUNCATE')) AS writers
      FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
      WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND c.relpersistence <> 't' AND ${visible("n.nspname")} AND ${ownRelation("c.oid")})
    SELECT name, enabled::text AS enabled, policies::text AS policies, readers, writers
    FROM seen WHERE (NOT enabled AND (policies > 0 OR readers IS NOT NULL OR writers IS NOT NULL)) OR (enabled AND policies = 0)
    ORDER BY policies DESC, name`,
  evaluate: (rows) =>
    rows.map((row): Finding => {
      const subject = row.name ?? "";
      const fix = `ALTER TABLE ${subject} ENABLE ROW LEVEL SECURITY;`;
      if (row.enabled === "true")
        return { severity: "info", subject, evidence: "on, without a policy: nobody but its owner sees a row" };
      if (row.policies !== "0")
        return {
          severity: "high",
          subject,
          evidence: `${row.policies} policies that have no effect: row-level security is off`,
          fix,
        };
      const api = /\b(anon|authenticated|web_anon)\b/.test(`${row.readers} ${row.writers}`);
      const does = row.writers ? `written by ${row.writers}` : `read by ${row.readers}`;
      return {
        severity: api ? "high" : row.writers ? "medium" : "low",
        subject,
        evidence: `can be ${does}; write policies first, since without one nobody but the owner sees a row`,
        fix,
      };
    }),
});
