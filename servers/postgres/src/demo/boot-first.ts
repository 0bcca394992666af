import type { CallContext, ContentBlock, ServerDefinition } from "@mooring/core";
import type { Deps } from "../tool.ts";

type Context = Deps & CallContext;

/** What a tool found, and what the first answer of all says before it. */
interface Introduced {
  readonly found: unknown;
  readonly introduction: string;
}

/**
 * The server with tools that start the demo first, so that whoever waits for it hears how far it is. The first answer says
 * what is served.
 */
export function bootFirst(definition: ServerDefinition<Deps>): ServerDefinition<Deps> {
  let introduced = false;

  async function introduce({ databases, passing, signal }: Context): Promise<string> {
    if (introduced) return "";
    const { version } = await databases.get().facts(signal);
    introduced = true;
    const where = passing?.() === true ? "in memory: what is written ends with the server" : "kept between runs";
    return `Embedded demo database, PostgreSQL ${version.split(" ", 1)[0]}, ${where}.`;
  }

  return {
    ...definition,
    tools: definition.tools.map((tool) => ({
      ...tool,
      async run(input: never, context: never) {
        const { boot, progress } = context as Context;
        await boot?.(progress);
        const found: unknown = await tool.run(input, context);
        return { found, introduction: await introduce(context) } satisfies Introduced;
      },
      render({ found, introduction }: Introduced, input: never) {
        const rendered = (tool as { render(found: unknown, input: never): string | ContentBlock[] }).render(
          found,
          input,
        );
        if (introduction === "") return rendered;
        return typeof rendered === "string"
          ? `${introduction}\n${rendered}`
          : [{ type: "text", text: introduction } as const, ...rendered];
      },
    })) as unknown as typeof definition.tools,
  };
}
