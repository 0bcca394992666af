import { toToolError } from "@mooring/core";
import type { CheckContext, Needs } from "./check.ts";

/** Why a check does not run here at all; `undefined` when it does. */
export function missing(
  needs: Needs | undefined,
  { facts, surroundings }: Pick<CheckContext, "facts" | "surroundings">,
): string | undefined {
  if (!needs) return undefined;
  const { extension, version = 0, role, hidden, primary } = needs;
  if (extension && !facts.extensions.has(extension.name)) return `${extension.name} is not installed: ${extension.how}`;
  if (facts.versionNumber < version) return `needs PostgreSQL ${Math.floor(version / 10_000)}`;
  if (primary && facts.recovering) return "this is a standby";
  if (role && hidden === undefined && !surroundings.roles[role]) return `needs GRANT ${role} to this login`;
  return undefined;
}

/** What a check that runs cannot see; `undefined` when it sees all. */
export function partly(
  needs: Needs | undefined,
  { surroundings }: Pick<CheckContext, "surroundings">,
): string | undefined {
  if (needs?.role === undefined || needs.hidden === undefined || surroundings.roles[needs.role]) return undefined;
  return `${needs.hidden}: needs GRANT ${needs.role} to this login`;
}

/** What a check's failure means, without the server's own words: they may name what the policy hides. */
export function whyFailed(error: unknown): string {
  const { code } = Object(error) as { code?: unknown };
  switch (code) {
    case "42501":
      return "this login lacks the privilege";
    case "57014":
      return "it took too long (statement_timeout)";
    case "55P03":
      return "a lock was not free in time";
    case "55000":
      return "the server is not set up for it (shared_preload_libraries)";
    case "42P01":
    case "42703":
    case "42883":
      return `this server does not have what it asks for (${code})`;
    default:
      return typeof code === "string" && /^[0-9A-Z]{5}$/.test(code)
        ? `the server refused (SQLSTATE ${code})`
        : toToolError(error).kind;
  }
}
