import type { ConnectionSettings, Timeouts } from "../src/connection/settings.ts";
import { createDatabase, type DatabaseOptions } from "../src/create-database.ts";
import type { Database, Databases } from "../src/database.ts";
import { createDatabases } from "../src/databases.ts";
import { createParser, type Parser } from "../src/guard/parser.ts";
import { openPolicy, type Policy } from "../src/policy.ts";

export const timeouts: Timeouts = { statement: 20_000, lock: 2_000, idleInTransaction: 15_000 };

/** Settings for a URL of a test's server, without any of the ways that the configuration has. */
export function settingsOf(url: string, more: Partial<ConnectionSettings> = {}): ConnectionSettings {
  const { hostname, port, username, password, pathname } = new URL(url);
  return {
    addresses: [{ host: hostname, port: Number(port) }],
    user: decodeURIComponent(username),
    database: decodeURIComponent(pathname.slice(1)),
    password: async () => decodeURIComponent(password),
    ssl: { mode: "disable", options: {}, direct: false },
    target: "any",
    options: "",
    applicationName: "mooring-test",
    connectTimeout: 5_000,
    pooler: false,
    ...more,
  };
}

export interface Opened extends AsyncDisposable {
  readonly database: Database;
  readonly databases: Databases;
  readonly parser: Parser;
}

/** The server's own {@link Database} at a URL. */
export function openDatabase(
  url: string,
  {
    policy = {},
    settings = {},
    ...more
  }: Partial<Omit<DatabaseOptions, "policy" | "settings">> & {
    readonly policy?: Partial<Policy>;
    readonly settings?: Partial<ConnectionSettings>;
  } = {},
): Opened {
  const parser = createParser();
  const database = createDatabase({
    name: "default",
    timeouts,
    parser,
    settings: async () => settingsOf(url, settings),
    ...more,
    policy: { ...openPolicy, ...policy },
  });
  return {
    database,
    parser,
    databases: createDatabases([database], () => new Error("unreachable") as never),
    async [Symbol.asyncDispose]() {
      await database.close();
      await parser.close();
    },
  };
}
