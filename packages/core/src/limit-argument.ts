import type * as z from "zod";
import type { ServerDefinition } from "./definition.ts";
import { coreOf, shapeOf, withValues } from "./narrow.ts";

/**
 * Leaves an argument the values that the configuration has, in every tool and prompt of a server that takes it: several make
 * it an enum of them, one fixes it, none takes it away (the handler gets `undefined`). What is fixed or taken away is listed
 * nowhere and refused on a call.
 * `limitArgument(server, "database", Object.keys(config.databases))`, `limitArgument(server, "repo", [config.repo])`,
 * `config.exportDir ? server : limitArgument(server, "to", [])`.
 */
export function limitArgument<Deps>(
  definition: ServerDefinition<Deps>,
  argument: string,
  values: readonly string[],
): ServerDefinition<Deps> {
  return {
    ...definition,
    tools: definition.tools.map((tool) => ({ ...tool, ...limited(tool, argument, values) })),
    ...(definition.prompts && {
      prompts: definition.prompts.map((prompt) => ({
        ...prompt,
        ...(prompt.input && limited({ ...prompt, input: prompt.input as z.ZodObject }, argument, values)),
      })),
    }),
  };
}

interface Limited {
  readonly input: z.ZodObject;
  readonly fixed?: Readonly<Record<string, unknown>>;
}

function limited({ input, fixed }: Limited, argument: string, values: readonly string[]): Limited {
  if (!Object.hasOwn(input.shape, argument)) return { input, ...(fixed && { fixed }) };
  if (values.length > 1) return { input: withValues(input, argument, values), ...(fixed && { fixed }) };
  const [value] = values;
  if (value !== undefined) return { input, fixed: { ...fixed, [argument]: value } };
  // Neither required nor with a default: there is no value to have.
  const absent = coreOf(shapeOf(input)[argument] as z.ZodType).optional();
  return {
    input: input.safeExtend({ [argument]: absent } as never) as unknown as z.ZodObject,
    fixed: { ...fixed, [argument]: undefined },
  };
}
