import { ToolError } from "@mooring/core";
import { BootFailure } from "./thread.ts";

/** The way to start the demo where nothing is installed. */
const DEMO_COMMAND = "npx -y -p @mooring/postgres -p @electric-sql/pglite mooring-postgres --demo";

/** What a model and its person read when the embedded database does not start. */
export function startFailure(error: unknown): ToolError {
  if (error instanceof ToolError) return error;
  if (error instanceof BootFailure && error.missing)
    return new ToolError("unavailable", "The demo database needs @electric-sql/pglite, which is not installed.", {
      hint: `Ask the person to start the server with \`${DEMO_COMMAND}\`, or to install @electric-sql/pglite beside it.`,
      retryable: false,
      cause: error,
    });
  return new ToolError("unavailable", "The demo database did not start.", {
    hint: "Try again; if it stays so, ask the person for the server's log, or connect a database by DATABASE_URL.",
    cause: error,
  });
}
