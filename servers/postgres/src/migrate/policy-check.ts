import { ToolError } from "@mooring/core";
import { arrayLiteral, type CatalogRow, type Session } from "../database.ts";
import type { Policy } from "../policy.ts";
import type { CatalogItem, OwnLock } from "./catalog-state.ts";
import type { Step } from "./step.ts";
import { child, listOf, nodesOf, textOf } from "../parse-tree.ts";

/** Whether a schema may be used. Temporary ones are the session's own. */
export function allowsSchema({ schemas, denySchemas }: Policy, schema: string): boolean {
  if (schema.startsWith("pg_temp")) return true;
  return !denySchemas.includes(schema) && (schemas === undefined || schemas.includes(schema));
}

/**
 * Refuses names with a schema that the operator has closed, before anything runs.
 * @throws ToolError `denied`
 */
export function refuseNames(policy: Policy, steps: readonly Step[]): void {
  for (const { inspection, number } of steps)
    for (const name of inspection.relations) {
      const schema = name.at(-2);
      if (schema !== undefined && !allowsSchema(policy, schema)) throw closed(`Statement ${number}`);
    }
}

/**
 * Refuses what has reached into a closed schema: by a name without its schema, by CASCADE, by a trigger. Locks say what was
 * used, whatever the text looks like.
 * @throws ToolError `denied`
 */
export function refuseReach(
  policy: Policy,
  locks: readonly OwnLock[],
  items: readonly CatalogItem[],
  who: string,
): void {
  for (const { schema } of [...locks, ...items])
    if (schema !== null && schema !== "pg_catalog" && schema !== "information_schema" && !allowsSchema(policy, schema))
      throw closed(who);
}

function closed(who: string): ToolError {
  return new ToolError("denied", `${who} reaches into a schema that the operator has closed.`, {
    hint: "Leave it out, or tell the person: --schemas and --deny-schemas decide.",
  });
}

/** A masked column, as it stands in the database. */
export interface MaskedColumn extends CatalogRow {
  readonly relid: string;
  readonly attribute: string;
  readonly name: string;
}

const maskedColumnsOf = `
  SELECT c.oid::text AS relid, a.attnum::text AS attribute, a.attname::text AS name
    FROM pg_catalog.pg_attribute a
    JOIN pg_catalog.pg_class c ON c.oid = a.attrelid
    JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
   WHERE a.attnum > 0 AND NOT a.attisdropped AND n.nspname || '.' || c.relname || '.' || a.attname = ANY ($1::text[])`;

/** The columns that the operator has masked, as far as they are there. */
export function maskedColumns(session: Pick<Session, "rows">, { mask }: Policy): Promise<MaskedColumn[]> {
  return mask.length === 0 ? Promise.resolve([]) : session.rows<MaskedColumn>(maskedColumnsOf, [arrayLiteral(mask)]);
}

/** Statements that carry values from one place to another. */
const carrying = /^(Insert|Update|Delete|Merge|CreateTableAs|RefreshMatView|Copy|Do)Stmt$/;

/**
 * Keeps masked columns masked: a migration may neither carry their values elsewhere nor give them another name.
 * @throws ToolError `denied`
 */
export function refuseUnmasking(
  steps: readonly Step[],
  before: readonly MaskedColumn[],
  after: readonly MaskedColumn[],
  locks: readonly OwnLock[],
): void {
  if (before.length === 0) return;
  const left = new Set(after.map(({ relid, attribute }) => `${relid} ${attribute}`));
  const used = new Set(locks.map(({ relid }) => relid));
  if (before.some(({ relid, attribute }) => !left.has(`${relid} ${attribute}`)))
    throw masked("A masked column would lose its name, and with it its mask.");
  if (!before.some(({ relid }) => used.has(relid))) return;
  const names = new Set(before.map(({ name }) => name));
  for (const step of steps) {
    if (carrying.test(step.node))
      throw masked(`Statement ${step.number} moves rows in a migration that touches a table with masked columns.`);
    if (computes(step, names)) throw masked(`Statement ${step.number} computes something from a masked column.`);
  }
}

/** An expression of ALTER TABLE that would store what it computes. */
function computes({ node, body }: Step, names: ReadonlySet<string>): boolean {
  if (node !== "AlterTableStmt") return false;
  return listOf(body["cmds"]).some((each) => {
    const command = child(each, "AlterTableCmd");
    if (!command || !/^AT_(AddColumn|AlterColumnType)$/.test(String(command["subtype"]))) return false;
    if (names.has(textOf(command["name"]) ?? "")) return true;
    for (const { name, body: reference } of nodesOf(command))
      if (name === "ColumnRef" && names.has(textOf(listOf(reference["fields"]).at(-1)) ?? "")) return true;
    return false;
  });
}

function masked(what: string): ToolError {
  return new ToolError("denied", what, { hint: "Leave it out, or tell the person: --mask decides." });
}
