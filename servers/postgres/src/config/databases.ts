import { type Host, ToolError } from "@mooring/core";
import type { ConnectionSettings, Timeouts } from "../connection/settings.ts";
import { openTunnel } from "../connection/tunnel.ts";
import type { Config } from "../options.ts";
import type { Policy } from "../policy.ts";
import { connectionSettings, isMeant, type Source } from "./connection-settings.ts";
import { parseSshDestination } from "./ssh-destination.ts";

/** One database as the configuration has it. Nothing of it is read or asked before `settings`. */
export interface DatabaseConfig {
  /** As the `database` argument has it. */
  readonly name: string;
  readonly policy: Policy;
  /** Reads what the configuration names: credentials, files. Throws what a person has to correct. */
  settings(signal: AbortSignal): Promise<ConnectionSettings>;
  readonly timeouts: Timeouts;
  /** `false`: nothing says where a database is, see {@link notConfigured}. */
  readonly configured: boolean;
}

/** The name of the one database of a configuration that names none. */
const SINGLE = "default";

/** How long a transaction of ours may wait for this process, in milliseconds. */
const IDLE_IN_TRANSACTION = 60_000;

/** Any of these says that a database is meant; PGPORT or PGSSLMODE alone do not. */
const telling = ["PGHOST", "PGHOSTADDR", "PGSERVICE", "PGDATABASE", "PGUSER"] as const;

/** The values of the `database` argument: pure, for `limitArgument`. */
export function databaseNames({ databases }: Pick<Config, "databases">): readonly string[] {
  const names = Object.keys(databases);
  return names.length > 0 ? names : [SINGLE];
}

/**
 * The databases of the configuration file; without any, the one of DATABASE_URL and libpq's variables. DATABASE_URL counts no
 * more where the file has databases: they may well use it as `${DATABASE_URL}`. Opens no connection and reads no credential.
 */
export function resolveDatabases(config: Config, host: Host): readonly DatabaseConfig[] {
  const timeouts: Timeouts = {
    statement: Math.ceil(config.statementTimeout),
    lock: Math.ceil(config.lockTimeout),
    idleInTransaction: IDLE_IN_TRANSACTION,
  };
  const entries = Object.entries(config.databases);
  if (entries.length === 0) {
    const { databaseUrl, password } = config;
    const configured = isMeant(databaseUrl) || telling.some((variable) => host.env[variable]);
    const settings = settingsOf({ url: databaseUrl, passwords: [password] }, config, host);
    return [{ name: SINGLE, policy: policyOf(config), settings, timeouts, configured }];
  }
  return entries.map(([name, entry]) => {
    const credential = (member: "url" | "password") => host.credential(`databases.${name}.${member}`, { from: entry });
    const source = { url: credential("url"), passwords: [credential("password"), config.password] };
    const how = { pooler: entry.pooler ?? config.pooler, ssh: entry.ssh ?? config.ssh };
    return {
      name,
      policy: policyOf(config, entry),
      settings: settingsOf(source, how, host),
      timeouts,
      configured: true,
    };
  });
}

/** What a call says where nothing says which database is meant. */
export function notConfigured(): ToolError {
  return new ToolError("unavailable", "No database is configured.", {
    hint:
      "Tell the person: set DATABASE_URL (postgres://user@host:5432/name; also DATABASE_URL_FILE, DATABASE_URL_COMMAND) or " +
      "PGHOST, PGUSER and PGDATABASE in the server's environment, or start the server with --demo.",
    retryable: false,
  });
}

/** An entry's schemas count instead of those of all; what is denied, masked and vouched for adds up. */
function policyOf(all: Policy, entry?: Policy): Policy {
  const both = (member: "denySchemas" | "mask" | "allowFunctions") => [
    ...new Set([...all[member], ...(entry?.[member] ?? [])]),
  ];
  return {
    schemas: entry?.schemas ?? all.schemas,
    denySchemas: both("denySchemas"),
    mask: both("mask"),
    allowFunctions: both("allowFunctions"),
  };
}

function settingsOf(
  source: Source,
  { pooler, ssh }: Pick<Config, "pooler" | "ssh">,
  host: Host,
): (signal: AbortSignal) => Promise<ConnectionSettings> {
  const destination = ssh === undefined ? undefined : parseSshDestination(ssh);
  const poolerSeen = { value: false };
  return async (signal) => {
    const settings = await connectionSettings({ ...source, elsewhere: destination !== undefined }, host, signal);
    signal.throwIfAborted();
    return {
      ...settings,
      pooler: pooler === "on",
      ...(pooler === "auto" && { poolerSeen }),
      ...(destination && { stream: (address) => openTunnel(destination, address, host.env) }),
    };
  };
}
