import { type CheckLine, ToolError } from "@mooring/core";
import { notConfigured } from "./config/databases.ts";
import { proveCustomTools } from "./custom-tools.ts";
import type { Databases } from "./database.ts";
import { mapError } from "./errors.ts";
import type { Deps } from "./tool.ts";

/** How long each database has for an answer, in milliseconds. */
const PATIENCE = 15_000;

/** What `--check` asks: each database, who is logged in there, and the SQL of the operator's own tools. */
export async function check({ databases, config }: Deps): Promise<CheckLine[]> {
  if (databases.names.length === 0) {
    const { message, hint } = notConfigured();
    return [{ name: "database", ok: false, detail: message, ...(hint !== undefined && { fix: hint }) }];
  }
  const lines = await Promise.all(databases.names.map((name) => checkDatabase(databases, name)));
  const reached = lines.flat();
  if (reached.every(({ ok, name }) => ok || name.endsWith(" role")))
    reached.push(...(await proveCustomTools(config.queries, databases, AbortSignal.timeout(PATIENCE))));
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
