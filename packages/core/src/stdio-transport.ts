import type { Readable, Writable } from "node:stream";
import type { JSONRPCMessage, Transport } from "@modelcontextprotocol/server";
import { standardInput } from "./standard-input.ts";

export interface StdioTransportOptions {
  readonly stdin?: Readable;
  readonly stdout?: Writable;
  /** Bytes of one line; a longer one ends the connection instead of filling the memory. Default: 10 MB. */
  readonly maxLine?: number;
}

/** A line over the cap: what follows cannot be read, so the connection has ended. */
export class OversizedMessage extends Error {
  override readonly name = "OversizedMessage";

  constructor(maxLine: number) {
    super(`the client sent a message of more than ${maxLine.toLocaleString("en")} bytes`);
  }
}

/** Waiting bytes above which a sender waits for the client to read. */
const HIGH_WATER = 4 * 1024 * 1024;
/** Waiting bytes above which nothing more is read: a client that asks and never listens must not fill the memory. */
const FULL = 32 * 1024 * 1024;
const NEWLINE = 10;

/**
 * JSON-RPC as lines on stdin and stdout (MCP specification, stdio transport).
 *
 * The SDK's own transport validates each message against a union of schemas, which the protocol layer does again by
 * method, and makes one system call per answer. This one checks the shape and writes what one turn of the event loop
 * answered at once: with many calls in flight that is a third of the work.
 */
export function stdioTransport({
  stdin = standardInput(),
  stdout = process.stdout,
  maxLine = 10_000_000,
}: StdioTransportOptions = {}): Transport {
  let parts: Buffer[] = [];
  let held = 0;
  let closed = false;
  let queue: string[] = [];
  let flushed: Promise<void> | undefined;
  let draining: Promise<void> | undefined;
  let paused = false;

  const transport: Transport = {
    start() {
      stdin.on("data", read);
      stdin.on("error", (error) => transport.onerror?.(error));
      stdin.on("end", close);
      stdin.on("close", close);
      stdout.on("error", broken);
      if (stdin.readableEnded || stdin.destroyed) setImmediate(close);
      return Promise.resolve();
    },
    send(message) {
      if (closed) return Promise.reject(new Error("the connection is closed"));
      queue.push(JSON.stringify(message));
      flushed ??= new Promise((resolve) => process.nextTick(() => resolve(flush())));
      return flushed;
    },
    close() {
      close();
      return Promise.resolve();
    },
  };

  function flush(): Promise<void> | undefined {
    flushed = undefined;
    const lines = queue;
    queue = [];
    lines.push("");
    if (closed || stdout.write(lines.join("\n")) || stdout.writableLength < HIGH_WATER) return undefined;
    if (stdout.writableLength >= FULL) {
      paused = true;
      stdin.pause();
    }
    return untilDrained();
  }

  // One pair of listeners, however many wait.
  function untilDrained(): Promise<void> {
    return (draining ??= new Promise((resolve) => {
      const go = () => {
        draining = undefined;
        stdout.off("drain", go);
        stdout.off("close", go);
        if (paused && !closed) stdin.resume();
        paused = false;
        resolve();
      };
      stdout.on("drain", go);
      stdout.on("close", go);
    }));
  }

  function read(chunk: Buffer): void {
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end !== -1; end = chunk.indexOf(NEWLINE, start)) {
      if (held === 0) line(chunk, start, end);
      else {
        const whole = Buffer.concat([...parts, chunk.subarray(start, end)]);
        line(whole, 0, whole.length);
        parts = [];
        held = 0;
      }
      start = end + 1;
      if (closed) return;
    }
    if (start === chunk.length) return;
    // Copied: the chunk is only lent.
    parts.push(Buffer.from(chunk.subarray(start)));
    held += chunk.length - start;
    if (held <= maxLine) return;
    transport.onerror?.(new OversizedMessage(maxLine));
    close();
  }

  function line(bytes: Buffer, start: number, end: number): void {
    if (end - start > maxLine) {
      transport.onerror?.(new OversizedMessage(maxLine));
      close();
      return;
    }
    let message: unknown;
    try {
      message = JSON.parse(bytes.toString("utf8", start, end));
    } catch {
      // A blank line is not worth a word.
      if (end - start > 1) transport.onerror?.(new Error("a line on stdin is not JSON"));
      return;
    }
    if (isMessage(message)) transport.onmessage?.(message);
    else transport.onerror?.(new Error("a line on stdin is not a JSON-RPC message"));
  }

  function broken(error: Error): void {
    if (closed) return;
    transport.onerror?.(error);
    close();
  }

  function close(): void {
    if (closed) return;
    closed = true;
    stdin.off("data", read);
    stdin.off("end", close);
    stdin.off("close", close);
    stdin.pause();
    parts = [];
    transport.onclose?.();
  }

  return transport;
}

/** The shape of JSON-RPC 2.0 requests, notifications and responses; what is inside is the protocol layer's to check. */
function isMessage(value: unknown): value is JSONRPCMessage {
  if (value === null || typeof value !== "object" || Array.isArray(value)) return false;
  const { jsonrpc, id, method, params, result, error } = value as Record<string, unknown>;
  if (jsonrpc !== "2.0") return false;
  const knownId = typeof id === "string" || (typeof id === "number" && Number.isInteger(id));
  if (typeof method === "string") return (id === undefined || knownId) && (params === undefined || isObject(params));
  if (isObject(error))
    return (id === undefined || knownId) && Number.isInteger(error["code"]) && typeof error["message"] === "string";
  return knownId && isObject(result);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return value !== null && typeof value === "object" && !Array.isArray(value);
}
