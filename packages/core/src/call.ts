import { AsyncLocalStorage } from "node:async_hooks";
import { randomUUID } from "node:crypto";
import type { ClientCapabilities, Implementation, Server, ServerContext } from "@modelcontextprotocol/server";
import { CLIENT_CAPABILITIES_META_KEY, CLIENT_INFO_META_KEY } from "@modelcontextprotocol/server";

import type { Access, CallContext } from "./tool.ts";
import { ToolError } from "./errors.ts";
import { principalOf } from "./principal.ts";

export type CallMethod =
  | "tools/call"
  | "resources/list"
  | "resources/read"
  | "resources/subscribe"
  | "prompts/get"
  | "completion/complete";

/** One request on its way through the pipeline; stages fill in what they find out. */
export class Call {
  readonly method: CallMethod;
  /** The tool, prompt or URI asked for, as it came. */
  readonly target: string;
  readonly arguments: unknown;
  readonly server: Server;
  readonly mcp: ServerContext;
  readonly ref: string = randomUUID();
  readonly principal: string;
  /** Parsed by the validate stage. */
  input: Record<string, unknown> = {};
  /** By the parsed arguments; set by the guard stage. */
  access: Access = "read";
  confirmedBy: "person" | "host" | undefined;
  decision: string | undefined;
  /** What a guard wants to be read before the answer. */
  warning: string | undefined;
  /** Answered: nothing more is sent of it. */
  ended = false;
  /** What the call failed with, set by the shape stage for those outside it. */
  error: ToolError | undefined;
  masked = 0;
  deadline = Number.POSITIVE_INFINITY;
  #controller: AbortController | undefined;
  #aborted: unknown;
  #progressAt = Number.NEGATIVE_INFINITY;
  #progress = Number.NEGATIVE_INFINITY;

  constructor(method: CallMethod, target: string, args: unknown, server: Server, mcp: ServerContext) {
    this.method = method;
    this.target = target;
    this.arguments = args;
    this.server = server;
    this.mcp = mcp;
    this.principal = principalOf(mcp.http?.authInfo);
  }

  /** Made on first use: most reads end before anybody could cancel them, and a controller costs more than they do. */
  get signal(): AbortSignal {
    if (this.#controller) return this.#controller.signal;
    const controller = (this.#controller = new AbortController());
    const { signal } = this.mcp.mcpReq;
    if (this.#aborted !== undefined) controller.abort(this.#aborted);
    else if (signal.aborted) controller.abort(cancelled());
    else signal.addEventListener("abort", () => controller.abort(cancelled()), { once: true });
    return controller.signal;
  }

  abort(reason: unknown): void {
    this.#aborted ??= reason;
    this.#controller?.abort(reason);
  }

  get cancelled(): boolean {
    return this.mcp.mcpReq.signal.aborted;
  }

  progress(done: number, total?: number, message?: string): void {
    const token = this.mcp.mcpReq._meta?.progressToken;
    if (token === undefined || this.ended || !(done > this.#progress)) return;
    const now = performance.now();
    // At most four a second, but never hold back the last one.
    if (now - this.#progressAt < 250 && done !== total) return;
    this.#progressAt = now;
    this.#progress = done;
    const params = {
      progressToken: token,
      progress: done,
      ...(total !== undefined && { total }),
      ...(message !== undefined && { message }),
    };
    // A client that left does not hear of progress; the call itself ends by its signal.
    this.mcp.mcpReq.notify({ method: "notifications/progress", params }).catch(() => {});
  }

  /** What the client says it can do; on modern requests each says so itself. */
  get clientCapabilities() {
    return (
      (this.#envelope[CLIENT_CAPABILITIES_META_KEY] as ClientCapabilities | undefined) ??
      this.server.getClientCapabilities()
    );
  }

  get #envelope(): Readonly<Record<string, unknown>> {
    return this.mcp.mcpReq.envelope ?? {};
  }

  get clientName(): string | undefined {
    const info = (this.#envelope[CLIENT_INFO_META_KEY] as Implementation | undefined) ?? this.server.getClientVersion();
    return info && `${info.name} ${info.version}`;
  }
}

function cancelled(): ToolError {
  return new ToolError("cancelled", "The call was cancelled.");
}

const storage = new AsyncLocalStorage<Call>();

/** Runs the rest of a call so that {@link currentRef} finds it. */
export function withCall<T>(call: Call, work: () => T): T {
  return storage.run(call, work);
}

/** The correlation id of the call that is running here, for log lines. */
export function currentRef(): string | undefined {
  return storage.getStore()?.ref;
}

/**
 * What handlers get: the server's dependencies and the call, as properties of one object of their own, so that handlers may
 * spread it and take parts out. The signal stays behind its getter: most calls never look at it.
 * `clean` is what a handler's texts go through when they do not leave with the result.
 */
export function contextFactory<Deps extends object>(
  deps: Deps,
  clean: (text: string) => string,
): (call: Call) => Deps & CallContext {
  return (call) => ({
    ...deps,
    ref: call.ref,
    principal: call.principal,
    get signal() {
      return call.signal;
    },
    get deadline() {
      return call.deadline;
    },
    confirmedBy: call.confirmedBy,
    progress: (done: number, total?: number, message?: string) =>
      call.progress(done, total, message === undefined ? undefined : clean(message)),
  });
}
