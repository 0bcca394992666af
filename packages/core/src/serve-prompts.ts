import type { Prompt, Server } from "@modelcontextprotocol/server";
import * as z from "zod";
import { Call } from "./call.ts";
import { ToolError } from "./errors.ts";
import { explainInput, REPORT } from "./explain-input.ts";
import { openCursor } from "./opaque-cursor.ts";
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
            const input = prompt.input ?? z.strictObject({});
            const parsed = input.safeParse(call.arguments ?? {}, REPORT);
            if (!parsed.success) throw new ToolError("invalid_input", explainInput(prompt.name, input, parsed.error));
            return { description: prompt.description, messages: await prompt.messages(parsed.data, context) };
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
        if (params?.cursor !== undefined) openCursor(params.cursor);
        return { prompts: list };
      });
      server.setRequestHandler("prompts/get", ({ params }, mcp) => {
        const get = gets.get(params.name) ?? unknown;
        return get(new Call("prompts/get", params.name, params.arguments, server, mcp)) as never;
      });
    },
  };
}

function wirePrompt({ name, title, description, input }: PromptDefinition<object>): Prompt {
  const shape = Object.entries((input?.shape ?? {}) as Record<string, z.ZodType>);
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
