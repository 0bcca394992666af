import type { Database } from "../database.ts";
import type { Name } from "../guard/proof.ts";
import type { Value } from "../row-set.ts";
import { scopeValues, visible } from "./scope.ts";

const sql = `
  SELECT c.relname::text AS name FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  WHERE NOT ${visible("n.nspname")} AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
  UNION SELECT p.proname::text FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
  WHERE NOT ${visible("n.nspname")} AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'`;

/**
 * Whether a name in a statement of others may stand for something in a schema that the policy hides. The search_path of whoever
 * ran it is not known, so a bare name that exists there counts.
 */
export async function hiddenNames(database: Database, signal: AbortSignal): Promise<(name: Name) => boolean> {
  const { schemas, denySchemas } = database.policy;
  if (!schemas && denySchemas.length === 0) return () => false;
  const rows = await database.catalog<Record<"name", Value>>(sql, scopeValues(database.policy), signal);
  const names = new Set(rows.map(({ name }) => name));
  const hiddenSchema = (schema: string) =>
    denySchemas.includes(schema) ||
    (schemas !== undefined && !schemas.includes(schema) && schema !== "pg_catalog" && schema !== "information_schema");
  return (name) => {
    const schema = name.at(-2);
    return schema === undefined ? names.has(name.at(-1) ?? "") : hiddenSchema(schema);
  };
}
