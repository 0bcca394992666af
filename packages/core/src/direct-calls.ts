import type { JSONRPCMessage, Server, ServerContext, Transport } from "@modelcontextprotocol/server";
import { ProtocolError, ProtocolErrorCode } from "@modelcontextprotocol/server";
import { Call } from "./call.ts";
import type { Prepared } from "./server.ts";

type RequestId = string | number;

interface PlainCall {
  readonly id: RequestId;
  readonly params: {
    readonly name: string;
    readonly arguments?: Readonly<Record<string, unknown>>;
    readonly _meta?: { readonly progressToken?: RequestId };
  };
}

/**
 * Answers the calls of 2025-era clients that need nothing of the SDK: tools that only read and never ask the client. The
 * SDK holds every message against up to four schemas on its way in and out, which costs as much as the whole pipeline;
 * such a call runs through the same pipeline without that. Whatever is not exactly of the common form is left to the SDK,
 * which knows all the others, and so is everything before its `initialize` has been answered.
 *
 * @param legacy the SDK's server of this connection, once it speaks a 2025-era revision
 */
export function directCalls(
  wire: Transport,
  prepared: Pick<Prepared, "direct">,
  legacy: () => Server | undefined,
): Transport {
  const running = new Map<RequestId, DirectRequest>();
  const outer: Transport = {
    start: () => wire.start(),
    send: (message) => wire.send(message),
    close: () => wire.close(),
  };
  wire.onerror = (error) => outer.onerror?.(error);
  wire.onclose = () => {
    for (const request of running.values()) request.abort();
    outer.onclose?.();
  };
  wire.onmessage = (message, extra) => {
    if (isPlainCall(message)) {
      const server = legacy();
      const run = server && prepared.direct(message.params.name);
      if (server && run) {
        const request = new DirectRequest(message, server);
        running.set(message.id, request);
        const { name, arguments: args } = message.params;
        void answer(request, run(new Call("tools/call", name, args, server, request.context)));
        return;
      }
    } else if (running.size > 0 && isCancellation(message)) {
      running.get(message.params.requestId)?.abort();
    }
    outer.onmessage?.(message, extra);
  };

  async function answer(request: DirectRequest, reply: Promise<object>): Promise<void> {
    const { id } = request;
    let message: JSONRPCMessage;
    try {
      message = { jsonrpc: "2.0", id, result: (await reply) as Record<string, unknown> };
    } catch (error) {
      message = { jsonrpc: "2.0", id, error: asError(error) };
    }
    if (running.get(id) === request) running.delete(id);
    // Nobody waits for the answer to what was cancelled (specification, cancellation).
    if (request.aborted) return;
    await wire.send(message).catch((error: unknown) => outer.onerror?.(error as Error));
  }

  function asError(error: unknown) {
    if (error instanceof ProtocolError) {
      const { code, message, data } = error;
      return { code, message, ...(data !== undefined && { data }) };
    }
    outer.onerror?.(error instanceof Error ? error : new Error(String(error)));
    return { code: ProtocolErrorCode.InternalError, message: "Internal error" };
  }

  return outer;
}

/** What a call needs of its request. The signal is made on first use: most reads end before anybody could cancel them. */
class DirectRequest {
  readonly id: RequestId;
  readonly context: ServerContext;
  aborted = false;
  #controller: AbortController | undefined;

  constructor({ id, params }: PlainCall, server: Server) {
    this.id = id;
    const signal = () => this.#signal();
    const mcpReq = {
      id,
      method: "tools/call",
      _meta: params._meta,
      get signal() {
        return signal();
      },
      notify: (notification: Parameters<Server["notification"]>[0]) => server.notification(notification),
    };
    // What is left out serves questions to the client, which these calls do not ask.
    this.context = { mcpReq } as unknown as ServerContext;
  }

  abort(): void {
    this.aborted = true;
    this.#controller?.abort();
  }

  #signal(): AbortSignal {
    if (!this.#controller) {
      this.#controller = new AbortController();
      if (this.aborted) this.#controller.abort();
    }
    return this.#controller.signal;
  }
}

// No member that the SDK would have to look at, such as `task` or the envelope of 2026-era requests.
function isPlainCall(message: JSONRPCMessage): message is JSONRPCMessage & PlainCall {
  if (!("method" in message) || message.method !== "tools/call" || !("id" in message)) return false;
  const { params } = message;
  if (!isRecord(params) || typeof params["name"] !== "string") return false;
  for (const key in params) {
    const value = params[key];
    if (key === "name") continue;
    if (key === "arguments" ? !isRecord(value) : key !== "_meta" || !isPlainMeta(value)) return false;
  }
  return true;
}

function isPlainMeta(meta: unknown): boolean {
  if (!isRecord(meta)) return false;
  for (const key in meta) {
    const value = meta[key];
    if (key !== "progressToken" || (typeof value !== "string" && !Number.isInteger(value))) return false;
  }
  return true;
}

function isCancellation(message: JSONRPCMessage): message is JSONRPCMessage & { params: { requestId: RequestId } } {
  return (
    "method" in message &&
    message.method === "notifications/cancelled" &&
    isRecord(message.params) &&
    message.params["requestId"] !== undefined
  );
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return value !== null && typeof value === "object" && !Array.isArray(value);
}
