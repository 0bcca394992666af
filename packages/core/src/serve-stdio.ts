import { Console } from "node:console";
import type { JSONRPCMessage, McpServerFactory, Server, Transport } from "@modelcontextprotocol/server";
import { serveStdio } from "@modelcontextprotocol/server/stdio";
import type { Log } from "./log.ts";
import type { Serving } from "./serve-process.ts";
import { OversizedMessage, stdioTransport } from "./stdio-transport.ts";
import { announceList, type Prepared } from "./server.ts";

export interface StdioOptions {
  readonly log: Log;
  /** The client has gone, or `problem` made it impossible to go on with it. */
  onEnd(problem?: Error): void;
}

/** Serves one client on stdin and stdout. Nothing but JSON-RPC is written to stdout. */
export function serveOverStdio(prepared: Prepared, { log, onEnd }: StdioOptions): Serving {
  // A dependency that prints must not break the protocol.
  globalThis.console = new Console(process.stderr);
  let modern: Server | undefined;
  const factory: McpServerFactory = async (context) => {
    const server = (await prepared.factory(context)) as Server;
    if (context.era === "modern") modern = server;
    return server;
  };
  const transport = followingTransport(stdioTransport(), prepared, onEnd);
  const handle = serveStdio(factory, { transport, onerror: (error) => log.warn("transport", { error }) });
  // The SDK sends a modern instance's news to the subscriptions that asked for them.
  const off = [
    prepared.onResourceChange((uri) => {
      modern?.sendResourceUpdated({ uri }).catch(() => {});
    }),
    prepared.onListChange((kind) => {
      if (modern) void announceList(modern, kind);
    }),
  ];
  return {
    flush: () => new Promise((resolve) => void process.stdout.write("", () => resolve())),
    async close() {
      for (const end of off) end();
      await handle.close();
    },
  };
}

interface ListenRequest {
  readonly id: string | number;
  readonly params: { readonly notifications?: { readonly resourceSubscriptions?: unknown } };
}

/**
 * The SDK has no hook that tells which URIs a client listens to, so the requests are seen here on their way in: what may
 * not be watched is left out before the SDK acknowledges, and watches end with their subscription.
 */
function followingTransport(wire: Transport, prepared: Prepared, onEnd: StdioOptions["onEnd"]): Transport {
  const releases = new Map<string | number, () => void>();
  const outer: Transport = {
    start: () => wire.start(),
    send: (message) => wire.send(message),
    close: () => wire.close(),
  };
  let problem: Error | undefined;
  wire.onerror = (error) => {
    if (error instanceof OversizedMessage) problem = error;
    else outer.onerror?.(error);
  };
  wire.onclose = () => {
    for (const release of releases.values()) release();
    releases.clear();
    outer.onclose?.();
    onEnd(problem);
  };
  wire.onmessage = (message) => {
    if (isListen(message)) {
      void listen(message);
      return;
    }
    if ("method" in message && message.method === "notifications/cancelled") {
      const id = (message.params as { requestId?: string | number } | undefined)?.requestId;
      if (id !== undefined) {
        releases.get(id)?.();
        releases.delete(id);
      }
    }
    outer.onmessage?.(message);
  };
  const listen = async (message: JSONRPCMessage & ListenRequest) => {
    const asked = message.params.notifications?.resourceSubscriptions;
    if (!Array.isArray(asked) || releases.has(message.id)) return outer.onmessage?.(message);
    const { uris, release } = await prepared.follow(asked.filter((uri) => typeof uri === "string"));
    releases.set(message.id, release);
    const notifications = { ...message.params.notifications, resourceSubscriptions: uris };
    outer.onmessage?.({ ...message, params: { ...message.params, notifications } } as JSONRPCMessage);
  };
  return outer;
}

function isListen(message: JSONRPCMessage): message is JSONRPCMessage & ListenRequest {
  return (
    "method" in message &&
    message.method === "subscriptions/listen" &&
    "id" in message &&
    typeof message.params === "object"
  );
}
