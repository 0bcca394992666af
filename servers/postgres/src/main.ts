import { type CheckLine, limitArgument } from "@mooring/core";
import { runServer } from "@mooring/core/stdio";
import { databaseNames, notConfigured, resolveDatabases } from "./config/databases.ts";
import { createDatabase } from "./create-database.ts";
import { createDatabases } from "./databases.ts";
import { createParser } from "./guard/parser.ts";
import { options } from "./options.ts";
import { postgres } from "./server.ts";

const parser = createParser();

await runServer(postgres, {
  options,

  configure(definition, config) {
    const named = limitArgument(definition, "database", databaseNames(config));
    return config.exportDir === undefined ? limitArgument(named, "to", []) : named;
  },

  // Lazy: nothing is connected, and no credential read, before a call needs it.
  connect(config, host) {
    const configured = resolveDatabases(config, host).filter((each) => each.configured);
    const databases = createDatabases(
      configured.map(({ name, policy, timeouts, settings }) =>
        createDatabase({ name, policy, timeouts, parser, settings }),
      ),
      notConfigured,
    );
    return { databases, config, stateDir: host.stateDir };
  },

  async check({ databases }): Promise<readonly CheckLine[]> {
    const lines: CheckLine[] = [];
    for (const name of databases.names) {
      const { version, user, privileges } = await databases.get(name).facts(AbortSignal.timeout(15_000));
      lines.push({ name, ok: true, detail: `PostgreSQL ${version}, as ${user}` });
      if (privileges.length > 0)
        lines.push({
          name: `${name} role`,
          ok: false,
          detail: `${user} is ${privileges.join(", ")}`,
          fix: "Log in with a role that may read and no more: --print-role-sql prints one.",
        });
    }
    if (lines.length === 0) {
      const { message, hint } = notConfigured();
      lines.push({ name: "database", ok: false, detail: message, fix: hint ?? "" });
    }
    return lines;
  },

  async close({ databases }) {
    await databases.close();
    await parser.close();
  },
});
