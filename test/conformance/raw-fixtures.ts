// Fixtures that need what our servers never do: sampling, roots, logging, elicitation by a tool itself. They speak to the
// SDK directly, beside core's own handlers on the same server.
import {
  CLIENT_CAPABILITIES_META_KEY,
  type ClientCapabilities,
  inputRequired,
  inputResponse,
  LOG_LEVEL_META_KEY,
  type McpServerFactory,
  type Server,
  type ServerContext,
} from "@modelcontextprotocol/server";
import type { Prepared } from "@mooring/core";

type ListKind = "tools" | "resources" | "prompts";

type Handler = (context: ServerContext, args: Record<string, unknown>) => Promise<object> | object;

const text = (value: string) => ({ content: [{ type: "text", text: value }] });
const schema = (properties: Record<string, object>, required: string[] = []) => ({
  type: "object" as const,
  properties: properties as never,
  required,
});
const ask = (message: string, key: string) =>
  inputRequired.elicit({ message, requestedSchema: schema({ [key]: { type: "string" } }, [key]) });
const sampling = (prompt: string) => ({
  messages: [{ role: "user" as const, content: { type: "text" as const, text: prompt } }],
  maxTokens: 100,
});
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const capabilities = ({ mcpReq }: ServerContext) =>
  ((mcpReq.envelope ?? {}) as Record<string, unknown>)[CLIENT_CAPABILITIES_META_KEY] as ClientCapabilities | undefined;

function elicited(context: ServerContext, key: string): Record<string, unknown> | undefined {
  const answer = inputResponse(context.mcpReq.inputResponses, key);
  return answer.kind === "elicit" && answer.action === "accept" ? (answer.content ?? {}) : undefined;
}

const has = (context: ServerContext, key: string) =>
  inputResponse(context.mcpReq.inputResponses, key).kind !== "missing";

async function logThrice({ mcpReq }: ServerContext): Promise<object> {
  const envelope = (mcpReq.envelope ?? {}) as Record<string, unknown>;
  if (mcpReq.envelope === undefined || envelope[LOG_LEVEL_META_KEY] !== undefined)
    for (const message of ["Tool execution started", "Tool processing data", "Tool execution completed"]) {
      await mcpReq.log("info", message);
      await pause(50);
    }
  return text("Logged.");
}

const DEFAULTS = schema({
  name: { type: "string", default: "John Doe" },
  age: { type: "integer", default: 30 },
  score: { type: "number", default: 95.5 },
  status: { type: "string", enum: ["active", "inactive", "pending"], default: "active" },
  verified: { type: "boolean", default: true },
});
const titled = [1, 2, 3].map((i) => ({ const: `value${i}`, title: `${["First", "Second", "Third"][i - 1]} Option` }));
const ENUMS = schema({
  untitledSingle: { type: "string", enum: ["option1", "option2", "option3"] },
  titledSingle: { type: "string", oneOf: titled },
  legacyEnum: {
    type: "string",
    enum: ["opt1", "opt2", "opt3"],
    enumNames: ["Option One", "Option Two", "Option Three"],
  },
  untitledMulti: { type: "array", items: { type: "string", enum: ["option1", "option2", "option3"] } },
  titledMulti: { type: "array", items: { anyOf: titled } },
});

const elicit = async ({ mcpReq }: ServerContext, message: string, requestedSchema: object) =>
  text(`Elicitation completed: ${JSON.stringify(await mcpReq.elicitInput({ message, requestedSchema } as never))}`);

/** `changed` tells every listening client that a list is another now. */
export function rawTools(
  changed: (kind: ListKind) => void,
  mint: (payload: object, context: ServerContext) => Promise<string>,
): Readonly<Record<string, Handler>> {
  return {
    test_tool_with_logging: logThrice,
    test_logging_tool: logThrice,
    async test_sampling({ mcpReq }, { prompt }) {
      const result = await mcpReq.requestSampling(sampling(String(prompt)));
      return text(`LLM response: ${JSON.stringify(result.content)}`);
    },
    test_elicitation: (context, { message }) =>
      elicit(
        context,
        String(message),
        schema({ username: { type: "string" }, email: { type: "string" } }, ["username", "email"]),
      ),
    test_elicitation_sep1034_defaults: (context) => elicit(context, "Please review the defaults.", DEFAULTS),
    test_elicitation_sep1330_enums: (context) => elicit(context, "Please choose.", ENUMS),
    test_missing_capability: () =>
      inputRequired({ inputRequests: { question: inputRequired.createMessage(sampling("x")) } }),
    test_trigger_tool_change() {
      changed("tools");
      return text("announced");
    },
    test_trigger_prompt_change() {
      changed("prompts");
      return text("announced");
    },
    test_input_required_result_elicitation(context) {
      const name = elicited(context, "user_name")?.["name"];
      return typeof name === "string"
        ? text(`Hello, ${name}!`)
        : inputRequired({ inputRequests: { user_name: ask("What is your name?", "name") } });
    },
    test_input_required_result_sampling: (context) =>
      has(context, "capital_question")
        ? text(`Answer: ${JSON.stringify(inputResponse(context.mcpReq.inputResponses, "capital_question"))}`)
        : inputRequired({
            inputRequests: {
              capital_question: inputRequired.createMessage(sampling("What is the capital of France?")),
            },
          }),
    test_input_required_result_list_roots: (context) =>
      has(context, "client_roots")
        ? text(`Roots: ${JSON.stringify(inputResponse(context.mcpReq.inputResponses, "client_roots"))}`)
        : inputRequired({ inputRequests: { client_roots: inputRequired.listRoots() } }),
    async test_input_required_result_request_state(context) {
      const state = context.mcpReq.requestState<{ step?: string }>();
      if (elicited(context, "confirm") && state?.step === "asked") return text("state-ok");
      return inputRequired({
        inputRequests: { confirm: ask("Go on?", "ok") },
        requestState: await mint({ step: "asked" }, context),
      });
    },
    async test_input_required_result_tampered_state(context) {
      if (elicited(context, "confirm") && context.mcpReq.requestState<{ step?: string }>()?.step === "asked")
        return text("state-ok");
      return inputRequired({
        inputRequests: { confirm: ask("Go on?", "ok") },
        requestState: await mint({ step: "asked" }, context),
      });
    },
    async test_input_required_result_multiple_inputs(context) {
      if (elicited(context, "user_name") && has(context, "greeting") && has(context, "client_roots"))
        return text("All inputs received.");
      return inputRequired({
        inputRequests: {
          user_name: ask("What is your name?", "name"),
          greeting: inputRequired.createMessage(sampling("Write a greeting.")),
          client_roots: inputRequired.listRoots(),
        },
        requestState: await mint({ step: "many" }, context),
      });
    },
    async test_input_required_result_multi_round(context) {
      const step = context.mcpReq.requestState<{ step?: string }>()?.step;
      if (step === "two" && elicited(context, "step2")) return text("Both rounds are done.");
      if (step === "one" && elicited(context, "step1"))
        return inputRequired({
          inputRequests: { step2: ask("Step 2?", "color") },
          requestState: await mint({ step: "two" }, context),
        });
      return inputRequired({
        inputRequests: { step1: ask("Step 1?", "name") },
        requestState: await mint({ step: "one" }, context),
      });
    },
    test_input_required_result_capabilities(context) {
      if (context.mcpReq.inputResponses) return text("Capabilities respected.");
      const declared = capabilities(context);
      return inputRequired({
        inputRequests: {
          ...(declared?.elicitation && { user_name: ask("What is your name?", "name") }),
          ...(declared?.sampling && { greeting: inputRequired.createMessage(sampling("Write a greeting.")) }),
          ...(declared?.roots && { client_roots: inputRequired.listRoots() }),
        },
      });
    },
  };
}

const ARGUMENTS: Readonly<Record<string, string>> = { test_sampling: "prompt", test_elicitation: "message" };

/** Puts the raw tools beside core's on every server that the factory makes. */
export function withRawTools(prepared: Prepared, tools: ReturnType<typeof rawTools>): McpServerFactory {
  const listed = Object.keys(tools).map((name) => {
    const argument = ARGUMENTS[name];
    return {
      name,
      title: name,
      description: `Fixture ${name}.`,
      inputSchema: {
        type: "object" as const,
        properties: argument ? { [argument]: { type: "string" } } : {},
        ...(argument && { required: [argument] }),
      },
    };
  });
  return async (request) => {
    const server = (await prepared.factory(request)) as Server;
    server.registerCapabilities({ logging: {} });
    const call = handlerOf(server, "tools/call");
    server.setRequestHandler("tools/list", () => ({ tools: [...prepared.tools, ...listed] as never }));
    server.setRequestHandler("tools/call", (message, context) => {
      const raw = tools[message.params.name];
      return (raw ? raw(context, message.params.arguments ?? {}) : call(message, context)) as never;
    });
    const getPrompt = handlerOf(server, "prompts/get");
    const listPrompts = handlerOf(server, "prompts/list");
    server.setRequestHandler("prompts/list", async (message, context) => {
      const { prompts } = (await listPrompts(message, context)) as { prompts: object[] };
      return { prompts: [...prompts, { name: RAW_PROMPT, description: "Asks first." }] } as never;
    });
    server.setRequestHandler("prompts/get", (message, context) => {
      if (message.params.name !== RAW_PROMPT) return getPrompt(message, context) as never;
      if (!elicited(context, "user_context"))
        return inputRequired({ inputRequests: { user_context: ask("Which context?", "context") } }) as never;
      return { messages: [{ role: "user", content: { type: "text", text: "Context received." } }] } as never;
    });
    return server;
  };
}

const RAW_PROMPT = "test_input_required_result_prompt";

// The SDK has no way to ask for a handler that is registered; the version is pinned, and this is a test.
function handlerOf(server: Server, method: string): (message: unknown, context: ServerContext) => unknown {
  const handlers = (
    server as unknown as { _requestHandlers: Map<string, (message: unknown, context: ServerContext) => unknown> }
  )._requestHandlers;
  const found = handlers.get(method);
  if (!found) throw new Error(`core registered no ${method}`);
  return found;
}
