import { Console } from "node:console";
import type { McpServerFactory, Server } from "@modelcontextprotocol/server";
import { serveStdio } from "@modelcontextprotocol/server/stdio";
import { directCalls } from "./direct-calls.ts";
import { followingTransport } from "./following-transport.ts";
import { oneRevision } from "./one-revision.ts";
import type { Log } from "./log.ts";
import type { Serving } from "./serve-process.ts";
import { stdioTransport } from "./stdio-transport.ts";
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
  let legacy: Server | undefined;
  const factory: McpServerFactory = async (context) => {
    const server = (await prepared.factory(context)) as Server;
    if (context.era === "modern") modern = server;
    else legacy = server;
    return server;
  };
  const transport = directCalls(followingTransport(oneRevision(stdioTransport()), prepared, onEnd), prepared, () =>
    legacy?.getNegotiatedProtocolVersion() === undefined ? undefined : legacy,
  );
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
