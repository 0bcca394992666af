import {
  type AuthInfo,
  type McpServerFactory,
  type Server,
  type ServerCapabilities,
  type Tool as WireTool,
} from "@modelcontextprotocol/server";
import { Call, contextFactory } from "./call.ts";
import { createCache } from "./cache.ts";
import { checkDefinition } from "./check-definition.ts";
import { createConfirmation } from "./confirm.ts";
import type { ServerDefinition } from "./definition.ts";
import { deepText } from "./deep-text.ts";
import { fence } from "./fence.ts";
import { instructionsFor } from "./instructions.ts";
import { createLog } from "./log.ts";
import { compose, type Next } from "./pipeline.ts";
import { ProtocolServer } from "./protocol-server.ts";
import { createRedactor } from "./redact.ts";
import { renameNotice } from "./renamed.ts";
import type { Runtime, RuntimeOptions } from "./runtime.ts";
import { selectTools } from "./selection.ts";
import { serveCompletions } from "./serve-completions.ts";
import { servePrompts } from "./serve-prompts.ts";
import { serveResources } from "./serve-resources.ts";
import { asksNobody } from "./stages/guard.ts";
import { narrowed } from "./narrow.ts";
import { onClose } from "./on-close.ts";
import { createSlots } from "./slots.ts";
import type { Subject } from "./subject.ts";
import { createSubscriptions } from "./subscriptions.ts";
import type { AnyTool } from "./tool.ts";
import { wireTool } from "./wire.ts";

/** URIs of one stream; there are no more watches anyway. */
const MOST_FOLLOWED = 1_024;

/** Which lists a server may change while it runs; `listChanged` is declared for these only. */
export type ListKind = "tools" | "resources" | "prompts";

/** A server that is ready to be connected: everything that never changes has been done once. */
export interface Prepared {
  /** What `tools/list` says. */
  readonly tools: readonly WireTool[];
  readonly instructions: string;
  /** A fresh protocol server per connection or request; never shared. */
  readonly factory: McpServerFactory;
  /**
   * How a call of this tool runs when all it can ever need is its arguments: it only reads, and nobody is asked about it.
   * `undefined` for all others, and for each once {@link drain} was called.
   */
  direct(name: string): Next | undefined;
  /** Resolves when no call is running. */
  idle(): Promise<void>;
  readonly inflight: number;
  /** Calls that come after this are refused with `unavailable`: the process is about to end. */
  drain(): void;
  /**
   * Follows resources for a modern `subscriptions/listen`: the URIs that may be watched, and the way out.
   * The caller delivers the changes that {@link onResourceChange} tells.
   */
  follow(uris: readonly string[], auth?: AuthInfo): Promise<{ readonly uris: string[]; release(): void }>;
  onResourceChange(listener: (uri: string) => void): () => void;
  onListChange(listener: (kind: ListKind) => void): () => void;
  notifyListChanged(kind: ListKind): void;
  close(): void;
}

/**
 * Does what never changes once: which tools there are, what the lists say, how a call runs.
 * @throws ConfigError for tools or toolsets that do not exist, and for a definition that clients would choke on
 */
export function prepare<Deps extends object>(
  definition: ServerDefinition<Deps>,
  options: RuntimeOptions & { readonly deps: Deps },
): Prepared {
  const access = options.access ?? "read";
  const prefix = options.prefix ?? "";
  checkDefinition(definition, prefix);
  const redactor = options.redactor ?? createRedactor(definition.redact ?? "own");
  const log = options.log ?? createLog({ level: "silent", redactor });
  const runtime: Runtime = {
    definition: definition as ServerDefinition<never>,
    options,
    access,
    prefix,
    redactor,
    log,
    renamed: renameNotice(log),
    telemetry: options.telemetry,
    audit: options.audit,
    cache: createCache({ maxBytes: 32 * 1024 * 1024 }),
    confirmation: createConfirmation(options.stateKey),
    slots: createSlots(options.concurrency ?? 256),
    inflight: { count: 0, waiting: [] },
    context: contextFactory(options.deps, (text) => fence(redactor.record(text))),
  };
  const selected = selectTools(definition, {
    access,
    toolsets: options.toolsets,
    tools: options.tools,
    exclude: options.exclude,
    hidden: options.hidden,
  });
  const chosen = [...(options.tools ?? []), ...(options.exclude ?? [])];
  for (const [old, current] of Object.entries(definition.aliases?.tools ?? {}))
    if (chosen.includes(old)) runtime.renamed(old, `the tool "${current}"`);
  // Descriptions may come from the configuration, and with them what its variables hold.
  const masked = (text: string) => redactor.result(text).text;
  const tools = selected.map((tool) => deepText(wireTool(tool, access, prefix), masked));
  const { calls, direct } = callTable(definition, selected, runtime);
  const unknown = (name: string) => compose({ kind: "unknown", what: "tool", name }, runtime);
  const instructions = masked(instructionsFor(definition, selected, options));
  const subscriptions = createSubscriptions();
  const listListeners = new Set<(kind: ListKind) => void>();
  const resources = serveResources(runtime, subscriptions);
  const prompts = servePrompts(runtime);
  const completions = serveCompletions(runtime);
  const changing = new Set(definition.changingLists ?? []);
  const capabilities: ServerCapabilities = {
    tools: { listChanged: changing.has("tools") },
    ...(resources && { resources: { subscribe: resources.watchable, listChanged: changing.has("resources") } }),
    ...(prompts && { prompts: { listChanged: changing.has("prompts") } }),
    ...(completions && { completions: {} }),
  };
  const lists = definition.listCache ?? { ttlMs: 300_000, cacheScope: "public" as const };
  const cacheHints = {
    "tools/list": lists,
    "prompts/list": lists,
    "resources/templates/list": lists,
    "server/discover": lists,
    "resources/list": { ttlMs: 0, cacheScope: "private" as const },
    "resources/read": { ttlMs: 0, cacheScope: "private" as const },
  };
  let draining = false;

  const factory: McpServerFactory = ({ era }) => {
    const server = new ProtocolServer(
      { name: `mooring-${definition.name}`, title: definition.title, version: definition.version },
      {
        capabilities,
        cacheHints,
        requestState: { verify: runtime.confirmation.codec.verify },
        ...(instructions && { instructions }),
      },
    );
    server.setRequestHandler("tools/list", () => ({ tools: tools as WireTool[] }));
    server.setRequestHandler("tools/call", ({ params }, mcp) => {
      const run = draining
        ? refuseWhileDraining(params.name, runtime)
        : (calls.get(params.name) ?? unknown(params.name));
      return run(new Call("tools/call", params.name, params.arguments, server, mcp)) as never;
    });
    resources?.serve(server, era);
    prompts?.serve(server);
    completions?.serve(server);
    // Modern streams are served by the transports, which know who listens.
    if (era === "legacy" && changing.size > 0)
      onClose(
        server,
        onListChange((kind) => void announceList(server, kind)),
      );
    return server;
  };

  const onListChange = (listener: (kind: ListKind) => void) => {
    listListeners.add(listener);
    return () => void listListeners.delete(listener);
  };

  return {
    tools,
    instructions,
    factory,
    direct: (name) => (draining ? undefined : direct.get(name)),
    get inflight() {
      return runtime.inflight.count;
    },
    idle: () =>
      runtime.inflight.count === 0
        ? Promise.resolve()
        : new Promise((resolve) => runtime.inflight.waiting.push(resolve)),
    drain() {
      draining = true;
    },
    async follow(uris, auth) {
      const releases: (() => void)[] = [];
      const followed: string[] = [];
      for (const uri of new Set(uris.slice(0, MOST_FOLLOWED))) {
        try {
          if (!resources?.watchable) break;
          releases.push(await resources.follow(uri, auth));
          followed.push(uri);
        } catch {
          // Not watchable is not honoured: the acknowledgement says which are.
          runtime.log.debug("not watchable", { uri });
        }
      }
      return {
        uris: followed,
        release() {
          for (const release of releases.splice(0)) release();
        },
      };
    },
    onResourceChange: (listener) => subscriptions.onChange(listener),
    onListChange,
    notifyListChanged(kind) {
      if (changing.has(kind)) for (const listener of listListeners) listener(kind);
    },
    close: () => subscriptions.close(),
  };
}

function callTable<Deps>(
  definition: ServerDefinition<Deps>,
  selected: readonly AnyTool<Deps>[],
  runtime: Runtime,
): Record<"calls" | "direct", ReadonlyMap<string, Next>> {
  const calls = new Map<string, Next>();
  const direct = new Map<string, Next>();
  for (const tool of selected) {
    const { accepted, unlisted } = narrowed(tool, runtime.access);
    const subject: Subject = {
      kind: "tool",
      name: tool.name,
      tool: tool as AnyTool<never>,
      accepted,
      listed: Object.keys(accepted.shape).filter((name) => !unlisted.has(name)),
    };
    const name = runtime.prefix + tool.name;
    const run = compose(subject, runtime);
    calls.set(name, run);
    if (asksNobody(tool)) direct.set(name, run);
  }
  for (const [old, current] of Object.entries(definition.aliases?.tools ?? {})) {
    const [oldName, name] = [runtime.prefix + old, runtime.prefix + current];
    for (const table of [calls, direct]) {
      const run = table.get(name);
      if (!run || table.has(oldName)) continue;
      table.set(oldName, (call) => {
        runtime.renamed(oldName, `the tool "${name}"`);
        return run(call);
      });
    }
  }
  return { calls, direct };
}

function refuseWhileDraining(name: string, runtime: Runtime): Next {
  return compose({ kind: "draining", name }, runtime);
}

/** Tells one connected client that a list has changed. */
export async function announceList(server: Server, kind: ListKind): Promise<void> {
  try {
    if (kind === "tools") await server.sendToolListChanged();
    else if (kind === "resources") await server.sendResourceListChanged();
    else await server.sendPromptListChanged();
  } catch {
    // A client that has left needs no news.
  }
}
