import { type CheckLine, ToolError } from "@mooring/core";
import { notConfigured } from "./config/databases.ts";
import { proveCustomTools } from "./custom-tools.ts";
import type { Database, Databases } from "./database.ts";
import { mapError } from "./errors.ts";
import { missingMasks } from "./policy.ts";
import type { Deps } from "./tool.ts";

/** How long each database has for an answer, in milliseconds. */
const PATIENCE = 15_000;

/** What `--check` asks: each database, who is logged in there, what masks hide, and the SQL of the operator's own tools. */
export async function check({ databases, config }: Deps): Promise<CheckLine[]> {
  if (databases.names.length === 0) {
    const { message, hint } = notConfigured();
    return [{ name: "database", ok: false, detail: message, ...(hint !== undefined && { fix: hint }) }];
  }
  const lines = await Promise.all(databases.names.map((name) => checkDatabase(databases, name)));
  const reached = lines.flat();
  if (reached.every(({ ok, name }) => ok || name.endsWith(" role"))) {
    reached.push(...(await checkMasks(databases.names.map((name) => databases.get(name)))));
    reached.push(...(await proveCustomTools(config.queries, databases, AbortSignal.timeout(PATIENCE))));
  }
  return reached;
}

async function checkDatabase(databases: Databases, name: string): Promise<CheckLine[]> {
  try {
    const { version, user, privileges } = await databases.get(name).facts(AbortSignal.timeout(PATIENCE));
    const line = { name, ok: true, detail: `PostgreSQL ${version}, as ${user}` };
    if (privileges.length === 0) return [line];
    return [
      line,
      {
        name: `${name} role`,
        ok: false,
        detail: `${user} is ${privileges.join(", ")}`,
        fix: "Log in with a role that may read and no more: --print-role-sql prints one.",
      },
    ];
  } catch (error) {
    const known = error instanceof ToolError ? error : mapError(error);
    if (!known) throw error;
    return [{ name, ok: false, detail: known.message, ...(known.hint !== undefined && { fix: known.hint }) }];
  }
}

/** A mask that is configured for all databases may be meant for one of them: one that is a column in none hides nothing. */
async function checkMasks(databases: readonly Database[]): Promise<CheckLine[]> {
  const signal = AbortSignal.timeout(PATIENCE);
  const looked = await Promise.all(
    databases.map(async (database) => ({
      name: database.name,
      mask: database.policy.mask,
      missing: await missingMasks(database, signal),
    })),
  );
  return [...new Set(looked.flatMap(({ mask }) => mask))].flatMap((entry) => {
    const places = looked.filter(({ mask }) => mask.includes(entry));
    if (places.some(({ missing }) => !missing.includes(entry))) return [];
    return [
      {
        name: `mask ${entry}`,
        ok: false,
        detail: `no such column in ${places.map(({ name }) => name).join(", ")}`,
        fix: "Correct it (schema.table.column, as the database has them): as it stands it hides nothing.",
      },
    ];
  });
}
