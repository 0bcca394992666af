import { limitArgument } from "@mooring/core";
import { runServer } from "@mooring/core/stdio";
import { check } from "./check.ts";
import { connect, namesOf } from "./connect.ts";
import { customTools } from "./custom-tools.ts";
import { bootFirst } from "./demo/boot-first.ts";
import { createParser } from "./guard/parser.ts";
import { answers, options } from "./options.ts";
import { postgres } from "./server.ts";
import type { Deps } from "./tool.ts";

const parser = createParser();
let opened: AsyncDisposable | undefined;

await runServer(postgres, {
  options,
  answers,

  configure(definition, config) {
    const own = { ...definition, tools: [...definition.tools, ...customTools(config.queries)] };
    const named = limitArgument(own, "database", namesOf(config));
    const limited = config.exportDir === undefined ? limitArgument(named, "to", []) : named;
    return config.demo ? bootFirst(limited) : limited;
  },

  connect: async (config, host) => (opened = await connect(config, host, parser)) as Deps,

  check,

  async close() {
    await opened?.[Symbol.asyncDispose]();
    await parser.close();
  },
});
