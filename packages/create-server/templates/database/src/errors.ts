import { type ErrorKind, type ErrorMapper, ToolError, untrusted } from "@mooring/core";

// By SQLSTATE or its class (PostgreSQL's manual, appendix A), or by what is said on the way to the database.
const meanings: readonly (readonly [RegExp, ErrorKind, message: string, hint: string])[] = [
  [/^57014/, "timeout", "The database took too long.", "Ask for less, or ask the person to raise --timeout."],
  [/^23505/, "conflict", "The like of it is there already:", "Use what is there, or give other values."],
  [/^2[23]/, "invalid_input", "The database refuses a value:", "Correct the arguments."],
  [/^(28|SASL|ERR_INVALID_URL)/, "unauthenticated", "The database refuses the login.", "Ask for a valid DATABASE_URL."],
  [/^(42501|25006)/, "denied", "The role of DATABASE_URL may not do that.", "Ask the person for one that may."],
  [/^(3D|42P01)/, "not_found", "The database, or a table, does not exist.", "Ask the person to create it."],
  [/^40/, "conflict", "Another change was made meanwhile.", "Repeat the call."],
  [/^(08|53|57|E[A-Z_]{4,}$|.*CERT)/, "unavailable", "The database cannot be reached.", "Ask whether it runs."],
  [/^(Connection term|timeout|Client )/, "unavailable", "The connection to the database was lost.", "Try again."],
];

/** What the database's answers mean; anything else stays "failed unexpectedly", and its text in the process. */
export const mapError: ErrorMapper = (cause) => {
  if (!(cause instanceof Error)) return undefined;
  const said = "code" in cause ? String(cause.code) : cause.message;
  const [, kind, message, hint] = meanings.find(([pattern]) => pattern.test(said)) ?? [];
  if (kind === undefined) return undefined;
  // The database's own words help with values; elsewhere they name roles and hosts.
  return new ToolError(kind, message.endsWith(":") ? `${message} ${untrusted(cause.message)}` : message, {
    hint,
    cause,
  });
};

// begin: write
/** For a COMMIT: when PostgreSQL itself says nothing (no severity), the change may have been made. */
export function unconfirmed(cause: unknown): never {
  if (cause instanceof Error && "severity" in cause) throw cause;
  const hint = "Look whether it was made before repeating the call.";
  throw new ToolError("outcome_unknown", "The database did not confirm the change.", { hint, cause });
}
// end: write
