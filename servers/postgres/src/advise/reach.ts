import type { Policy } from "../policy.ts";
import type { Condition } from "./conditions.ts";
import type { Use } from "./uses.ts";

const system = new Set(["pg_catalog", "information_schema", "pg_toast"]);

export function isSystemSchema(schema: string): boolean {
  return system.has(schema);
}

/** The first schema of a plan that the operator keeps away; views are replaced by their tables there. */
export function forbiddenSchema(policy: Policy, schemas: readonly string[]): string | undefined {
  return schemas.find(
    (schema) =>
      !isSystemSchema(schema) &&
      (policy.denySchemas.includes(schema) || (policy.schemas && !policy.schemas.includes(schema))),
  );
}

/** A masked column that a plan tests: its figures would tell of the values. */
export function maskedTest({ mask }: Policy, { schema, table, conditions }: Use): string | undefined {
  return conditions
    .flatMap(({ columns }: Condition) => columns.map((column) => `${schema}.${table}.${column}`))
    .find((column) => mask.includes(column));
}
