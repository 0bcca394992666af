import type { Prompt, Server } from "@modelcontextprotocol/server";
import * as z from "zod";
import { Call } from "./call.ts";
import { shapeOf } from "./narrow.ts";
import { readListCursor } from "./list-cursor.ts";
import { parseInput, type Takes } from "./parse-input.ts";
import { compose } from "./pipeline.ts";
import type { PromptDefinition } from "./prompt.ts";
import type { Runtime } from "./runtime.ts";

/** `prompts/list` and `prompts/get`; `undefined` for a server without prompts. */
export function servePrompts(runtime: Runtime): { serve(server: Server): void } | undefined {
  const prompts = (runtime.definition.prompts ?? []) as unknown as readonly PromptDefinition<object>[];
  if (prompts.length === 0) return undefined;
  const list = prompts.map(wirePrompt);
  const gets = new Map(
    prompts.map((prompt) => [
      prompt.name,
      compose(
        {
          kind: "prompt",
          name: prompt.name,
          async run(call, context) {
            const input = parseInput(takenBy(prompt), call.arguments);
            return { description: prompt.description, messages: await prompt.messages(input, context) };
          },
        },
        runtime,
      ),
    ]),
  );
  // Through the pipeline as well, so that it is on the record.
  const unknown = compose({ kind: "unknown", what: "prompt", name: "unknown" }, runtime);
  return {
    serve(server) {
      server.setRequestHandler("prompts/list", ({ params }) => {
        if (params?.cursor !== undefined) readListCursor(params.cursor);
        return { prompts: list };
      });
      server.setRequestHandler("prompts/get", ({ params }, mcp) => {
        const get = gets.get(params.name) ?? unknown;
        return get(new Call("prompts/get", params.name, params.arguments, server, mcp)) as never;
      });
    },
  };
}

function takenBy({ name, input, fixed }: PromptDefinition<object>): Takes {
  const accepted = (input ?? z.strictObject({})).strict();
  const listed = Object.keys(accepted.shape).filter((argument) => !Object.hasOwn(fixed ?? {}, argument));
  return { name, accepted, listed, fixed };
}

function wirePrompt(prompt: PromptDefinition<object>): Prompt {
  const { name, title, description } = prompt;
  const { accepted, listed } = takenBy(prompt);
  const shape = listed.map((argument) => [argument, shapeOf(accepted)[argument] as z.ZodType] as const);
  return {
    name,
    title,
    description,
    ...(shape.length > 0 && {
      arguments: shape.map(([argument, schema]) => ({
        name: argument,
        ...(schema.description !== undefined && { description: schema.description }),
        required: !schema.safeParse(undefined).success,
      })),
    }),
  };
}
