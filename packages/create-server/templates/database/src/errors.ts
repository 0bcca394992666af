import { type ErrorKind, type ErrorMapper, ToolError, untrusted } from "@mooring/core";

// By SQLSTATE or its class (PostgreSQL's manual, appendix A), else by what Node and pg say on the way there.
const meanings: readonly (readonly [RegExp, ErrorKind, text: string, hint: string])[] = [
  [/^57014/, "timeout", "The database took too long.", "Ask for less, or ask the person to raise --timeout."],
  [/^23505/, "conflict", "The like of it is there already.", "Use what is there, or give other values."],
  [/^2[23]/, "invalid_input", "The database refuses a value.", "Correct the arguments."],
  [/^(28|SASL|ERR_INVALID_URL)/, "unauthenticated", "The database refuses the login.", "Ask for a valid DATABASE_URL."],
  [/^(25006|42501)/, "denied", "The role of DATABASE_URL may not do that.", "Ask the person for one that may."],
  [/^(3D|42P01)/, "not_found", "The database, or a table, does not exist.", "Ask the person to create it."],
  [/^(08|40|53|57)/, "unavailable", "The database cannot do it now.", "Try again; if it stays so, ask the person."],
  [/^(E[A-Z_]{4,}$|.*CERT|Connection|timeout|Client )/, "unavailable", "There is no connection.", "Ask if it runs."],
];

/** What the database's answers mean; anything else stays "failed unexpectedly", and its text in the process. */
export const mapError: ErrorMapper = (cause) => {
  if (!(cause instanceof Error)) return undefined;
  const said = "code" in cause ? String(cause.code) : cause.message;
  const [, kind, text, hint] = meanings.find(([pattern]) => pattern.test(said)) ?? [];
  // The database's own words help with values; elsewhere they name roles and hosts.
  const words = kind === "invalid_input" ? ` ${untrusted(cause.message)}` : "";
  return kind && new ToolError(kind, `${text}${words}`, { hint, cause });
};
// begin: write

/** For a COMMIT: when PostgreSQL itself says nothing (no severity), the change may have been made. */
export function unconfirmed(cause: Error): never {
  if ("severity" in cause) throw cause;
  const hint = "Look whether it was made before repeating the call.";
  throw new ToolError("outcome_unknown", "The database did not confirm the change.", { hint, cause });
}
// end: write
