import type { AnyTool, CallContext, ContentBlock, ServerDefinition } from "@mooring/core";
import type { Deps } from "../tool.ts";
import { listSoon } from "./list-soon.ts";

type Context = Deps & CallContext;

/** What a tool found, and what the first answer of all says before it. */
interface Introduced {
  readonly found: unknown;
  readonly introduction: string;
}

interface Rendering {
  render(found: unknown, input: never): string | ContentBlock[];
}

/**
 * The server with tools that start the demo first, so that whoever waits for it hears how far it is. The first answer says
 * what is served. Lists of resources do not wait for it.
 */
export function bootFirst(definition: ServerDefinition<Deps>): ServerDefinition<Deps> {
  let introduced = false;

  async function introduce({ databases, passing, signal }: Context): Promise<string> {
    if (introduced) return "";
    introduced = true;
    // The tool has done its work: nothing here may make a failure of it.
    const facts = await databases
      .get()
      .facts(signal)
      .catch(() => undefined);
    if (!facts) {
      introduced = false;
      return "";
    }
    const where = passing?.() === true ? "in memory: what is written ends with the server" : "kept between runs";
    return `Embedded demo database, PostgreSQL ${facts.version.split(" ", 1)[0]}, ${where}.`;
  }

  const introducing = (tool: AnyTool<Deps> & Rendering) => ({
    ...tool,
    async run(input: never, context: never): Promise<Introduced> {
      await boot(context);
      const found: unknown = await tool.run(input, context);
      return { found, introduction: await introduce(context) };
    },
    render({ found, introduction }: Introduced, input: never) {
      const rendered = tool.render(found, input);
      if (introduction === "") return rendered;
      return typeof rendered === "string"
        ? `${introduction}\n${rendered}`
        : [{ type: "text" as const, text: introduction }, ...rendered];
    },
  });

  const booting = (tool: AnyTool<Deps>) => ({
    ...tool,
    async run(input: never, context: never) {
      await boot(context);
      return tool.run(input, context);
    },
  });

  const soon = listSoon();

  return {
    ...definition,
    ...(definition.resources && {
      resources: definition.resources.map((resource) =>
        resource.list ? { ...resource, list: soon(resource.list.bind(resource)) } : resource,
      ) as typeof definition.resources,
    }),
    // A record has no room for a word beside it.
    tools: definition.tools.map((tool) =>
      "render" in tool ? introducing(tool as AnyTool<Deps> & Rendering) : booting(tool),
    ) as unknown as typeof definition.tools,
  };
}

async function boot({ boot: start, progress }: Context): Promise<void> {
  await start?.(progress);
}
