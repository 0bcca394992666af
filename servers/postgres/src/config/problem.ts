import { ToolError } from "@mooring/core";

/**
 * What only the person who configured the server can mend. `where` names the setting (`DATABASE_URL`, `PGPORT`), `what` never
 * holds a value: any part of a connection string may be a misplaced password.
 */
export function configurationProblem(where: string, what: string, hint?: string): ToolError {
  return new ToolError("unavailable", `${where}: ${what}.`, {
    hint: hint ?? `Ask the person to correct ${where} where the server is configured.`,
    retryable: false,
  });
}
