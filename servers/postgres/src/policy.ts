import { arrayLiteral, type Database } from "./database.ts";

/** What may be read of one database, as the operator configured it. Enforced on what names resolve to, never on text. */
export interface Policy {
  /** Only these schemas; every one that the role may use when left out. System catalogs are not counted. */
  readonly schemas?: readonly string[] | undefined;
  /** Never these schemas. */
  readonly denySchemas: readonly string[];
  /** `schema.table.column`: shown as `***`, and of no use in conditions or expressions. */
  readonly mask: readonly string[];
  /** `schema.function`: functions of the database that the operator vouches for. */
  readonly allowFunctions: readonly string[];
}

export const openPolicy: Policy = { denySchemas: [], mask: [], allowFunctions: [] };

/**
 * Masks that hide nothing: there is no such column in this database, or the role cannot see that there is. For `--check`, which
 * warns of them: a name that is misspelt would leave a column open.
 */
export async function missingMasks(
  { policy, catalog }: Pick<Database, "policy" | "catalog">,
  signal: AbortSignal,
): Promise<string[]> {
  if (policy.mask.length === 0) return [];
  const rows = await catalog<{ entry: string }>(
    `SELECT x.entry FROM pg_catalog.unnest($1::text[]) x(entry)
      WHERE NOT EXISTS (
        SELECT FROM pg_catalog.pg_attribute a
          JOIN pg_catalog.pg_class c ON c.oid = a.attrelid
          JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
         WHERE a.attnum > 0 AND NOT a.attisdropped AND n.nspname || '.' || c.relname || '.' || a.attname = x.entry)`,
    [arrayLiteral(policy.mask)],
    signal,
  );
  return rows.map(({ entry }) => entry);
}
