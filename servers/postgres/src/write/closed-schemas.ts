import { ToolError } from "@mooring/core";
import type { Database, Session } from "../database.ts";
import { type OwnLock, ownLocks } from "../migrate/catalog-state.ts";
import { allowsSchema } from "../migrate/policy-check.ts";
import type { Change } from "./change.ts";

/**
 * Refuses a change whose names mean tables of a schema that the operator has closed; what its triggers and foreign keys reach
 * is their owner's business. Called in its transaction, when locks say what the names meant; throwing rolls it back.
 * @throws ToolError `denied`
 */
export async function refuseClosed(
  session: Session,
  { policy }: Database,
  { proof }: Pick<Change, "proof">,
): Promise<void> {
  if (policy.schemas === undefined && policy.denySchemas.length === 0) return;
  const locks = await session.rows<OwnLock>(ownLocks);
  const names = new Set(proof.inspection.relations.map((name) => name.at(-1)));
  // A view is a name for what it shows.
  const views = locks.some(({ relkind }) => relkind === "v");
  for (const { schema, name, relkind } of locks) {
    if (schema === null || relkind === "S" || allowsSchema(policy, schema)) continue;
    if (views || [...names].some((each) => each !== undefined && endsWith(name ?? "", each)))
      throw new ToolError(
        "denied",
        "The statement uses a schema that the operator has closed, so it was rolled back.",
        {
          hint: "Leave it out, or tell the person: --schemas and --deny-schemas decide.",
        },
      );
  }
}

/** Whether a quoted `schema.name` ends with this name, quoted or not. */
function endsWith(qualified: string, name: string): boolean {
  return qualified.endsWith(`.${name}`) || qualified.endsWith(`."${name.replaceAll('"', '""')}"`);
}
