import { type ErrorKind, type ErrorMapper, ToolError, untrusted } from "@mooring/core";

interface Meaning {
  readonly kind: ErrorKind;
  readonly text: string;
  readonly hint: string;
  /** PostgreSQL's own words help, and name neither hosts nor roles. */
  readonly words?: true;
}

const meaning = (kind: ErrorKind, text: string, hint: string, words?: true): Meaning => ({
  kind,
  text,
  hint,
  ...(words && { words }),
});

/** By SQLSTATE, the longest that fits first (appendix A of PostgreSQL's manual). */
const states: readonly (readonly [state: string, Meaning])[] = Object.entries({
  "57014": meaning(
    "timeout",
    "The statement took too long and was ended.",
    "Ask for less, look at `explain`, or ask the person to raise --statement-timeout.",
  ),
  "57P01": meaning(
    "unavailable",
    "The server ended the connection: it is being stopped or restarted.",
    "Try again in a moment.",
  ),
  "57P02": meaning("unavailable", "The server crashed and is recovering.", "Try again in a moment."),
  "57P03": meaning("unavailable", "The server is starting or stopping.", "Try again in a moment."),
  "57P05": meaning("unavailable", "The server ended the idle connection.", "Try again."),
  "55P03": meaning(
    "unavailable",
    "A lock was not free in time.",
    "Another session holds it: `health` with checks locks shows which. Try again.",
  ),
  "40P01": meaning("unavailable", "Two transactions waited for each other, and this one was ended.", "Try again."),
  "40001": meaning("unavailable", "Another transaction changed the same data.", "Try again.", true),
  "53100": meaning("unavailable", "The server's disk is full.", "Tell the person: space has to be made on the server."),
  "53200": meaning("unavailable", "The server is out of memory.", "Ask for less, and tell the person."),
  "53300": meaning(
    "unavailable",
    "The server takes no more connections.",
    "Try again; if it stays so, tell the person: max_connections is reached.",
  ),
  "53400": meaning("too_large", "A limit of the server's configuration was reached.", "Ask for less.", true),
  "53": meaning("unavailable", "The server lacks resources.", "Tell the person."),
  "54": meaning("invalid_input", "The statement goes beyond a limit of PostgreSQL.", "Make it simpler.", true),
  "28P01": meaning(
    "unauthenticated",
    "The server refuses the password.",
    "Ask the person to correct the password of the connection.",
  ),
  "28": meaning(
    "unauthenticated",
    "The server refuses the login.",
    "Ask the person to check user, database and pg_hba.conf of the connection.",
  ),
  "3D000": meaning(
    "not_found",
    "The database of the connection does not exist.",
    "Ask the person to correct its name.",
  ),
  "3F000": meaning("not_found", "There is no such schema.", "`schema` lists them.", true),
  "25006": meaning(
    "denied",
    "The statement would change something, and only reading is allowed.",
    "Leave the change out.",
    true,
  ),
  "42501": meaning(
    "denied",
    "The role of this connection may not do that.",
    "Ask the person for a role that may.",
    true,
  ),
  "42P01": meaning("not_found", "There is no such table.", "`schema` finds its name.", true),
  "42703": meaning("not_found", "There is no such column.", "`schema` shows the columns.", true),
  "42883": meaning(
    "not_found",
    "There is no such function or operator for these types.",
    "Cast the arguments, or correct the name.",
    true,
  ),
  "42704": meaning("not_found", "There is no such object.", "Correct the name.", true),
  "42P02": meaning(
    "invalid_input",
    "The SQL has a parameter without a value.",
    "Give a text for each $n in params.",
    true,
  ),
  "42P18": meaning("invalid_input", "The type of a parameter cannot be told.", "Cast it in the SQL: $1::text.", true),
  "42601": meaning(
    "invalid_input",
    "The server's grammar refuses the SQL.",
    "Correct it; the server may be older than the syntax.",
    true,
  ),
  "08P01": meaning("invalid_input", "The number of params does not fit the SQL.", "Give one text for each $n.", true),
  "22P05": meaning("invalid_input", "A character does not exist in the database's encoding.", "Leave it out.", true),
  "0A000": meaning("invalid_input", "PostgreSQL cannot do that.", "Write it otherwise.", true),
  "23505": meaning("conflict", "The like of it is there already.", "Use what is there, or give other values.", true),
  "23503": meaning(
    "conflict",
    "A foreign key refuses the change.",
    "Add the row that is referred to first, or change the rows that refer to it.",
    true,
  ),
  "23": meaning("conflict", "A constraint refuses the change.", "Correct the values.", true),
  "22": meaning("invalid_input", "A value does not fit.", "Correct the SQL or its params.", true),
  "42": meaning("invalid_input", "PostgreSQL refuses the SQL.", "Correct it.", true),
  "44": meaning("conflict", "The row would not be visible in its view.", "Correct the values.", true),
  "2B": meaning("conflict", "Other objects depend on it.", "Remove them first.", true),
  "55": meaning("conflict", "An object is not in the state for that.", "Look at it first.", true),
  "25P02": meaning("conflict", "The transaction has failed already.", "Start again.", true),
  "25": meaning("invalid_input", "That cannot run in this transaction.", "Give it alone.", true),
  P0001: meaning("conflict", "A function or trigger of the database refuses it.", "Do what it says.", true),
  XX: meaning(
    "unavailable",
    "PostgreSQL reports an error of its own.",
    "Tell the person: the server's log has more.",
    true,
  ),
  "58": meaning("unavailable", "The server's operating system failed.", "Tell the person: the server's log has more."),
  "08": meaning("unavailable", "The connection broke.", "Try again."),
})
  .map(([state, found]) => [state, found] as const)
  .sort(([a], [b]) => b.length - a.length);

/** By what Node, TLS and the driver say of a connection. */
const connection: readonly (readonly [RegExp, Meaning])[] = [
  [
    /^(ENOTFOUND|EAI_AGAIN)$/,
    meaning(
      "unavailable",
      "The name of the database's host cannot be resolved.",
      "Ask the person to check the host, and the network.",
    ),
  ],
  [
    /^(ECONNREFUSED|ENOENT)$/,
    meaning(
      "unavailable",
      "Nothing listens where the database should be.",
      "Ask the person to check host and port, and that the server runs.",
    ),
  ],
  [
    /^(EHOSTUNREACH|ENETUNREACH|ENETDOWN|EHOSTDOWN|EADDRNOTAVAIL)$/,
    meaning("unavailable", "The database's host cannot be reached.", "Ask the person to check the network."),
  ],
  [
    /^(ETIMEDOUT|timeout e|Connection terminated due to connection timeout|timeout exceeded)/,
    meaning(
      "unavailable",
      "The database did not answer in time.",
      "Try again; if it stays so, ask the person to check host and network.",
    ),
  ],
  [
    /^ERR_TLS_CERT_ALTNAME_INVALID$/,
    meaning(
      "unavailable",
      "The certificate of the server is for another host.",
      "Ask the person to correct the host, or sslmode (verify-ca checks no name).",
    ),
  ],
  [/^CERT_HAS_EXPIRED$/, meaning("unavailable", "The certificate of the server has expired.", "Tell the person.")],
  [
    /CERT|UNABLE_TO|SELF_SIGNED/,
    meaning(
      "unavailable",
      "The certificate of the server is not trusted.",
      "Ask the person for the authority's certificate: sslrootcert or PGSSLROOTCERT.",
    ),
  ],
  [
    /^(ERR_SSL|EPROTO|ERR_TLS)/,
    meaning("unavailable", "TLS with the server failed.", "Ask the person to check sslmode."),
  ],
  [
    /^The server does not support SSL connections/,
    meaning(
      "unavailable",
      "The server does not speak TLS, and sslmode demands it.",
      "Ask the person to check sslmode, or to turn TLS on in the server.",
    ),
  ],
  [
    /^There was an error establishing an SSL connection/,
    meaning("unavailable", "TLS with the server failed.", "Ask the person to check sslmode."),
  ],
  [
    /^SASL/,
    meaning(
      "unauthenticated",
      "The login with a password failed.",
      "Ask the person to check the password: it may be missing or wrong.",
    ),
  ],
  [
    /^(ECONNRESET|EPIPE|ECONNABORTED|Connection terminated|Client was closed|Client has encountered|This socket)/,
    meaning("unavailable", "The connection to the database broke.", "Try again."),
  ],
];

/** What the database's answers mean; anything else stays "failed unexpectedly", and its text in the process. */
export const mapError: ErrorMapper = (cause) => {
  if (typeof cause !== "object" || cause === null) return undefined;
  const { message, code } = textsOf(cause);
  const found =
    states.find(([state]) => /^[0-9A-Z]{5}$/.test(code) && code.startsWith(state))?.[1] ??
    connection.find(([pattern]) => pattern.test(code) || pattern.test(message))?.[1];
  if (!found) return undefined;
  const words = found.words ? ` ${untrusted(ownWords(cause))}` : "";
  return new ToolError(found.kind, found.text + words, { hint: found.hint, cause });
};

function textsOf(cause: object): { readonly message: string; readonly code: string } {
  const { message, code } = cause as { readonly message?: unknown; readonly code?: unknown };
  return { message: typeof message === "string" ? message : "", code: typeof code === "string" ? code : "" };
}

/** What PostgreSQL says, with the place in the SQL; what names other places or sources of the server stays out. */
function ownWords(error: object): string {
  const { message = "", detail, hint, position } = error as Readonly<Record<string, string | undefined>>;
  const at = position === undefined ? "" : ` (at character ${position})`;
  return [message + at, detail, hint].filter(Boolean).join("\n");
}
