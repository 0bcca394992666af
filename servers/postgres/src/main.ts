import { ConfigError, limitArgument } from "@mooring/core";
import { runServer } from "@mooring/core/stdio";
import { check } from "./check.ts";
import { databaseNames, notConfigured, resolveDatabases } from "./config/databases.ts";
import { createDatabase } from "./create-database.ts";
import { customToolProblems, customTools } from "./custom-tools.ts";
import { createDatabases } from "./databases.ts";
import { createParser } from "./guard/parser.ts";
import { options } from "./options.ts";
import { postgres } from "./server.ts";

const parser = createParser();

await runServer(postgres, {
  options,

  configure(definition, config) {
    const own = { ...definition, tools: [...definition.tools, ...customTools(config.queries)] };
    const named = limitArgument(own, "database", databaseNames(config));
    return config.exportDir === undefined ? limitArgument(named, "to", []) : named;
  },

  // Lazy: nothing is connected, and no credential read, before a call needs it.
  async connect(config, host) {
    const problems = await customToolProblems(config.queries, databaseNames(config), parser);
    if (problems.length > 0) throw new ConfigError(problems);
    const configured = resolveDatabases(config, host).filter((each) => each.configured);
    const databases = createDatabases(
      configured.map(({ name, policy, timeouts, settings }) =>
        createDatabase({ name, policy, timeouts, parser, settings }),
      ),
      notConfigured,
    );
    return { databases, config, stateDir: host.stateDir };
  },

  check,

  async close({ databases }) {
    await databases.close();
    await parser.close();
  },
});
