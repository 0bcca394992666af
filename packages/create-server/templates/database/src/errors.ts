import { type ErrorKind, type ErrorMapper, ToolError, untrusted } from "@mooring/core";

type Meaning = readonly [kind: ErrorKind, message: string, hint: string];

const unreachable: Meaning = [
  "unavailable",
  "The database cannot be reached.",
  "Try again; if it stays so, ask the person whether it runs and DATABASE_URL is right.",
];
const wrong = "Correct the arguments as the database says.";

// By SQLSTATE or its class: https://www.postgresql.org/docs/current/errcodes-appendix.html
const meanings: Readonly<Record<string, Meaning>> = {
  "08": unreachable,
  "22": ["invalid_input", "The database cannot take a value", wrong],
  "23": ["invalid_input", "A rule of the database refuses the values", wrong],
  "23505": ["conflict", "Something like it is there already", "Use what is there, or give other values."],
  "25006": ["denied", "The database takes no changes.", "Ask the person whether DATABASE_URL names a copy."],
  "28": ["unauthenticated", "The database refuses the login.", "Ask the person to set DATABASE_URL to a valid one."],
  "3D": ["not_found", "The database does not exist.", "Ask the person to correct its name in DATABASE_URL."],
  "40": ["conflict", "Another change was made meanwhile.", "Repeat the call."],
  "42501": ["denied", "The role of DATABASE_URL lacks the right.", "Ask the person for one that has it."],
  "42P01": ["not_found", "A table of this server is not in the database.", "Ask the person to create it."],
  "53": ["unavailable", "The database has no room for more.", "Try again later."],
  "57": unreachable,
  "57014": ["timeout", "The database took too long.", "Ask for less, or ask the person to raise --timeout."],
};

/** What the database's answers mean; anything else stays "failed unexpectedly", and its text in the process. */
export const mapError: ErrorMapper = (cause) => {
  if (!(cause instanceof Error)) return undefined;
  const state = stateOf(cause);
  const meaning = state === undefined ? lost(cause) : (meanings[state] ?? meanings[state.slice(0, 2)]);
  if (meaning === undefined) return undefined;
  const [kind, message, hint] = meaning;
  // The database's own words help with values; elsewhere they name roles and hosts.
  return new ToolError(kind, message.endsWith(".") ? message : `${message}: ${untrusted(cause.message)}`, { hint, cause });
};

function stateOf(error: unknown): string | undefined {
  return error instanceof Error && "severity" in error && "code" in error ? String(error.code) : undefined;
}

