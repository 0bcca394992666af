import { nearest } from "@mooring/core";
import { configurationProblem } from "./problem.ts";

/**
 * Every parameter of libpq 18 that a person may write, with its variable. `refused`: it would change who may listen or log in,
 * and cannot be honoured here, so it is not passed over in silence.
 * https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-PARAMKEYWORDS,
 * https://www.postgresql.org/docs/current/libpq-envars.html
 */
const known = {
  host: { env: "PGHOST" },
  hostaddr: { env: "PGHOSTADDR" },
  port: { env: "PGPORT" },
  dbname: { env: "PGDATABASE" },
  user: { env: "PGUSER" },
  // PGPASSWORD is a credential of the server, with its _FILE and _COMMAND.
  password: {},
  passfile: { env: "PGPASSFILE" },
  require_auth: { env: "PGREQUIREAUTH" },
  channel_binding: { env: "PGCHANNELBINDING" },
  connect_timeout: { env: "PGCONNECT_TIMEOUT" },
  options: { env: "PGOPTIONS" },
  application_name: { env: "PGAPPNAME" },
  fallback_application_name: {},
  service: { env: "PGSERVICE" },
  servicefile: { env: "PGSERVICEFILE" },
  target_session_attrs: { env: "PGTARGETSESSIONATTRS" },
  load_balance_hosts: { env: "PGLOADBALANCEHOSTS" },
  sslmode: { env: "PGSSLMODE" },
  sslnegotiation: { env: "PGSSLNEGOTIATION" },
  sslcert: { env: "PGSSLCERT" },
  sslkey: { env: "PGSSLKEY" },
  sslpassword: {},
  sslcertmode: { env: "PGSSLCERTMODE" },
  sslrootcert: { env: "PGSSLROOTCERT" },
  sslcrl: { env: "PGSSLCRL" },
  ssl_min_protocol_version: { env: "PGSSLMINPROTOCOLVERSION" },
  ssl_max_protocol_version: { env: "PGSSLMAXPROTOCOLVERSION" },
  sslsni: { env: "PGSSLSNI" },
  gssencmode: { env: "PGGSSENCMODE" },
  replication: {},
  min_protocol_version: { env: "PGMINPROTOCOLVERSION" },
  // Without meaning here: text comes as UTF-8, nothing is compressed, Node keeps connections alive in its own way.
  client_encoding: { env: "PGCLIENTENCODING" },
  sslcompression: { env: "PGSSLCOMPRESSION" },
  keepalives: {},
  keepalives_idle: {},
  keepalives_interval: {},
  keepalives_count: {},
  tcp_user_timeout: {},
  max_protocol_version: { env: "PGMAXPROTOCOLVERSION" },
  krbsrvname: { env: "PGKRBSRVNAME" },
  gsslib: { env: "PGGSSLIB" },
  gssdelegation: { env: "PGGSSDELEGATION" },
  sslcrldir: { env: "PGSSLCRLDIR", refused: true },
  requirepeer: { env: "PGREQUIREPEER", refused: true },
  sslkeylogfile: { refused: true },
  scram_client_key: { refused: true },
  scram_server_key: { refused: true },
  oauth_issuer: { refused: true },
  oauth_client_id: { refused: true },
  oauth_client_secret: { refused: true },
  oauth_scope: { refused: true },
} satisfies Record<string, { readonly env?: string; readonly refused?: true }>;

export type Keyword = keyof typeof known;

/** Parameters of one connection, as text. */
export type Parameters = ReadonlyMap<Keyword, string>;

/** Each parameter that has a variable of libpq. */
export const variables: readonly (readonly [Keyword, string])[] = Object.entries(known).flatMap(([keyword, has]) =>
  "env" in has ? [[keyword as Keyword, has.env] as const] : [],
);

/** What other libraries take in a URL, and what stands for it here. */
const elsewhere: Readonly<Record<string, string>> = {
  schema: "it is Prisma's; --schemas limits the schemas",
  pgbouncer: "it is Prisma's; here it is --pooler on",
  currentSchema: "it is JDBC's; --schemas limits the schemas",
  search_path: "write options=-csearch_path=… instead",
  uselibpqcompat: "it is node-postgres's, and sslmode always means here what libpq means: leave it out",
};

/**
 * The keyword as a name of ours. Throws for one that libpq does not know, or that cannot be honoured. `quiet`: without saying
 * the name, where it may be a piece of a password that was not escaped.
 */
export function keyword(name: string, where: string, { quiet = false } = {}): Keyword {
  if (!isKeyword(name)) throw configurationProblem(where, quiet ? mangled : unknown(name));
  if (isRefused(name)) throw configurationProblem(where, `the parameter "${name}" is not supported here: leave it out`);
  return name;
}

export function isRefused(name: Keyword): boolean {
  return "refused" in known[name];
}

function isKeyword(name: string): name is Keyword {
  return Object.hasOwn(known, name);
}

const mangled =
  "it has a parameter that libpq does not know; check that special characters of the password are escaped";

function unknown(name: string): string {
  if (!/^[a-z_]{2,40}$/i.test(name)) return mangled;
  const hint = Object.hasOwn(elsewhere, name) ? elsewhere[name] : undefined;
  const near = nearest(name, Object.keys(known));
  return `libpq knows no parameter "${name}"${hint ? ` (${hint})` : near ? ` (did you mean "${near}"?)` : ""}`;
}
