import type { ServerDefinition } from "@mooring/core";
import type { Deps } from "../tool.ts";

/** The server with tools that start the demo first, so that whoever waits for it hears how far it is. */
export function bootFirst(definition: ServerDefinition<Deps>): ServerDefinition<Deps> {
  return {
    ...definition,
    tools: definition.tools.map((tool) => ({
      ...tool,
      async run(input: never, context: never) {
        const { boot, progress } = context as Pick<Deps, "boot"> & {
          progress(done: number, total?: number, message?: string): void;
        };
        await boot?.(progress);
        return tool.run(input, context);
      },
    })) as typeof definition.tools,
  };
}
