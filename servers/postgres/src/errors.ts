import { type ErrorKind, type ErrorMapper, ToolError, untrusted } from "@mooring/core";

// By SQLSTATE or its class (PostgreSQL's manual, appendix A), else by what Node and pg say of the connection.
const away = /^(08|40|53|57|E(?!RR)[A-Z_]{4,}$|ERR_[ST]|.*CERT|UNABLE|C(onnection|lient) |timeout|The server)/;
const meanings: readonly (readonly [RegExp, ErrorKind, text: string, hint: string])[] = [
  [/^57014/, "timeout", "The database took too long.", "Ask for less, or ask the person to raise --timeout."],
  [/^23505/, "conflict", "The like of it is there already.", "Use what is there, or give other values."],
  [/^2[23]/, "invalid_input", "The database refuses a value.", "Correct the arguments."],
  [/^(28|SASL|ERR_INVALID_URL)/, "unauthenticated", "The database refuses the login.", "Ask for a valid DATABASE_URL."],
  [/^(25006|42501)/, "denied", "The role of DATABASE_URL may not do that.", "Ask the person for one that may."],
  [/^(3D|42P01)/, "not_found", "The database, or a table, does not exist.", "Ask the person to create it."],
  [/^(ECONNRESET|EPIPE|Connection .* un)/, "outcome_unknown", "The connection broke.", "Look whether it was done."],
  [away, "unavailable", "The database cannot be reached now.", "Try again; if it stays so, ask whether it runs."],
];

/** What the database's answers mean; anything else stays "failed unexpectedly", and its text in the process. */
export const mapError: ErrorMapper = (cause) => {
  const { message = "", code = message } = Object(cause) as Partial<NodeJS.ErrnoException>;
  const [, kind, text = "", hint] = meanings.find(([pattern]) => pattern.test(code)) ?? [];
  // Its own words help with values; elsewhere they name roles and hosts.
  const words = kind === "invalid_input" ? ` ${untrusted(message)}` : "";
  return kind && new ToolError(kind, text + words, { hint, cause });
};
