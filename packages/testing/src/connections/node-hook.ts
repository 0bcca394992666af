// Preloaded (`--require`) into a Node server under test, its workers and its children: writes down every connection, datagram
// and name lookup. It watches below the JavaScript modules, where each becomes a request to the event loop, so that no bundle
// or early reference of net, tls, http, fetch or dns escapes it. Native addons and other programs do.
import { createHook } from "node:async_hooks";
import dgram from "node:dgram";
import { appendFileSync } from "node:fs";
import net from "node:net";

const file = process.env["MOORING_RECORD_CONNECTIONS"];

interface Request {
  readonly address?: unknown;
  readonly port?: unknown;
  readonly hostname?: unknown;
}

const pending = new Map<number, { readonly type: string; readonly request: Request }>();

function write(kind: string, target: string): void {
  appendFileSync(file as string, `${JSON.stringify({ kind, target })}\n`);
}

function flush(id: number): void {
  const found = pending.get(id);
  if (!found) return;
  pending.delete(id);
  const { address, port, hostname } = found.request;
  if (found.type === "PIPECONNECTWRAP") return write("unix", String(address));
  if (found.type === "TCPCONNECTWRAP")
    return write("tcp", `${net.isIPv6(String(address)) ? `[${String(address)}]` : String(address)}:${String(port)}`);
  const name = String(hostname);
  // Addresses need no query, and this machine's own name stands in a file.
  if (!net.isIP(name) && name !== "localhost") write("dns", name);
}

const watched = new Set(["TCPCONNECTWRAP", "PIPECONNECTWRAP", "GETADDRINFOREQWRAP", "QUERYWRAP"]);

/** A socket that is not bound yet binds itself and then sends once more. */
function isBound(socket: dgram.Socket): boolean {
  try {
    return socket.address().port > 0;
  } catch {
    return false;
  }
}

if (file !== undefined) {
  createHook({
    init(id, type, _trigger, request: Request) {
      if (!watched.has(type)) return;
      pending.set(id, { type, request });
      // The request learns its address after this, in the same turn.
      queueMicrotask(() => flush(id));
    },
    destroy: flush,
  }).enable();
  // The process may end before the microtask.
  process.on("exit", () => [...pending.keys()].forEach(flush));

  // A datagram that leaves at once never becomes a request. send(msg, [offset, length,] [port] [, address] [, callback])
  const send = dgram.Socket.prototype.send;
  dgram.Socket.prototype.send = function (this: dgram.Socket, ...args: unknown[]) {
    if (!isBound(this)) return Reflect.apply(send, this, args);
    const rest = args.slice(1).filter((argument) => typeof argument !== "function");
    const address = rest.find((argument) => typeof argument === "string") ?? "(connected)";
    const port = rest.filter((argument) => typeof argument === "number").at(rest.length > 2 ? 2 : 0) ?? "";
    write("udp", `${String(address)}:${String(port)}`);
    return Reflect.apply(send, this, args);
  } as typeof send;
}
