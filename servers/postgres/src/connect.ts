import { ConfigError, type Host } from "@mooring/core";
import { catalogOf } from "./catalog/catalog.ts";
import { databaseNames, notConfigured, resolveDatabases } from "./config/databases.ts";
import { createDatabase } from "./create-database.ts";
import { customToolProblems } from "./custom-tools.ts";
import { createDatabases } from "./databases.ts";
import type { Parser } from "./guard/parser.ts";
import type { Config } from "./options.ts";
import type { Deps } from "./tool.ts";

/** What the demo is called where tools take `database`. */
const DEMO = "demo";

/** The values of `database`. */
export function namesOf(config: Config): readonly string[] {
  return config.demo ? [DEMO] : databaseNames(config);
}

/** Lazy: nothing is connected, and no credential read, before a call needs it. Throws `ConfigError` for tools that cannot be. */
export async function connect(config: Config, host: Host, parser: Parser): Promise<Deps & AsyncDisposable> {
  const problems = await customToolProblems(config.queries, namesOf(config), parser);
  if (problems.length > 0) throw new ConfigError(problems);
  const configured = resolveDatabases(config, host);
  const demo = config.demo
    ? (await import("./demo/database.ts")).demoSettings({
        stateDir: host.stateDir,
        log: host.log,
        statementTimeout: config.statementTimeout,
      })
    : undefined;
  const all = demo
    ? configured
        .slice(0, 1)
        .map((each) => ({ ...each, name: DEMO, kind: "demo" as const, max: 1, settings: async () => demo.settings }))
    : configured.filter((each) => each.configured);
  const databases = createDatabases(
    all.map((each) => createDatabase({ ...each, parser })),
    notConfigured,
  );
  for (const name of databases.names) catalogOf(databases.get(name)).onChange(() => host.notify.resourcesChanged());
  return {
    databases,
    config,
    stateDir: host.stateDir,
    ...(demo && { boot: (progress) => demo.boot(progress), passing: () => demo.kept === false }),
    async [Symbol.asyncDispose]() {
      await databases.close();
      await demo?.close();
    },
  };
}
