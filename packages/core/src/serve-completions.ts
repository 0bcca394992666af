import type { Server } from "@modelcontextprotocol/server";
import { ProtocolError, ProtocolErrorCode } from "@modelcontextprotocol/server";
import { Call } from "./call.ts";
import { compose } from "./pipeline.ts";
import type { PromptDefinition } from "./prompt.ts";
import type { ResourceDefinition } from "./resource.ts";
import type { Runtime } from "./runtime.ts";

/** The specification's cap on the values of one answer. */
const MAX_VALUES = 100;

/** `completion/complete` for prompts and resource templates; `undefined` for a server that completes nothing. */
export function serveCompletions(runtime: Runtime): { serve(server: Server): void } | undefined {
  const prompts = (runtime.definition.prompts ?? []) as unknown as readonly PromptDefinition<object>[];
  const resources = (runtime.definition.resources ?? []) as unknown as readonly ResourceDefinition<object>[];
  if (![...prompts, ...resources].some((each) => each.complete)) return undefined;
  const complete = compose(
    {
      kind: "prompt",
      name: "completion/complete",
      async run(call, context) {
        const {
          ref,
          argument,
          context: given,
        } = call.arguments as {
          ref: { type: string; name?: string; uri?: string };
          argument: { name: string; value: string };
          context?: { arguments?: Readonly<Record<string, string>> };
        };
        const target =
          ref.type === "ref/prompt"
            ? prompts.find((p) => p.name === ref.name)
            : resources.find((r) => r.uri === ref.uri);
        if (!target)
          throw new ProtocolError(ProtocolErrorCode.InvalidParams, "There is nothing to complete by this name");
        const { complete: completers } = target;
        const completer =
          completers && Object.hasOwn(completers, argument.name) ? completers[argument.name] : undefined;
        const values = completer
          ? await completer.call(completers, argument.value, context, given?.arguments ?? {})
          : [];
        return {
          completion: {
            values: values.slice(0, MAX_VALUES),
            total: values.length,
            hasMore: values.length > MAX_VALUES,
          },
        };
      },
    },
    runtime,
  );
  return {
    serve(server) {
      server.setRequestHandler(
        "completion/complete",
        ({ params }, mcp) =>
          complete(new Call("completion/complete", params.argument.name, params, server, mcp)) as never,
      );
    },
  };
}
