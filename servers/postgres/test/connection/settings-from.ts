import { type Host, resolveCredential } from "@mooring/core";
import { resolveDatabases } from "../../src/config/databases.ts";
import type { ConnectionSettings, Timeouts } from "../../src/connection/settings.ts";
import { type Config, options } from "../../src/options.ts";

export const timeouts: Timeouts = { statement: 30_000, lock: 2_000, idleInTransaction: 60_000 };

/** What the process gives a server, with these variables and nothing of the machine's. */
export function hostOf(env: NodeJS.ProcessEnv) {
  const warnings: string[] = [];
  const secrets: string[] = [];
  const onSecret = (secret: string) => void secrets.push(secret);
  const log = { warn: (message: string) => void warnings.push(message) };
  const all = { HOME: "/nonexistent", PGSYSCONFDIR: "/nonexistent", ...env };
  const host = {
    env: all,
    log,
    redactor: { add: onSecret },
    credential: (name: string, more: object) => resolveCredential(name, { ...more, env: all, onSecret }),
  } as unknown as Host;
  return { host, warnings, secrets };
}

/** The server's own options as `loadOptions` would make them of nothing but `config`. */
export function configOf(host: Host, config: Record<string, unknown> = {}): Config {
  const own = Object.entries(options).map(([key, { schema, ...option }]) => [
    key,
    "credential" in option ? host.credential(option.env) : schema.parse(config[key]),
  ]);
  return Object.fromEntries(own) as Config;
}

/** Settings of the only database of these variables and options. */
export function settingsFrom(
  env: NodeJS.ProcessEnv,
  config: Record<string, unknown> = {},
): Promise<ConnectionSettings> {
  const { host } = hostOf(env);
  const [database] = resolveDatabases(configOf(host, config), host);
  if (!database) throw new Error("There is no database.");
  return database.settings(AbortSignal.timeout(5_000));
}
