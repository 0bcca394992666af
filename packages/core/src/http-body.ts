import type { IncomingMessage } from "node:http";
import { isJsonContentType } from "@modelcontextprotocol/server";
import { ToolError } from "./errors.ts";
import { measure } from "./measure.ts";

/** A request that is turned away at the edge, with the JSON-RPC code its body carries. */
export class Refusal extends Error {
  override readonly name = "Refusal";
  readonly status: number;
  readonly code: number;
  readonly id: string | number | null;

  constructor(status: number, code: number, message: string, id: string | number | null = null) {
    super(message);
    this.status = status;
    this.code = code;
    this.id = id;
  }
}

export function rpcError(code: number, message: string, id: string | number | null = null) {
  return { jsonrpc: "2.0", error: { code, message }, id };
}

/** Reads and parses a body once, within its cap; depth and size are checked before any schema walks it. */
export async function readJsonBody(request: IncomingMessage, maxBytes: number): Promise<unknown> {
  if (!isJsonContentType(request.headers["content-type"]))
    throw new Refusal(415, -32000, "Content-Type must be application/json.");
  const tooLarge = () => new Refusal(413, -32000, `The request body is larger than ${maxBytes} bytes.`);
  if (Number(request.headers["content-length"] ?? 0) > maxBytes) throw tooLarge();
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > maxBytes) throw tooLarge();
    chunks.push(chunk);
  }
  let body: unknown;
  try {
    body = JSON.parse((chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks)).toString("utf8"));
  } catch {
    throw new Refusal(400, -32700, "Parse error: Invalid JSON");
  }
  try {
    measure(body);
  } catch (error) {
    if (error instanceof ToolError) throw new Refusal(400, -32602, error.message, idOf(body));
    throw error;
  }
  return body;
}

function idOf(body: unknown): string | number | null {
  const id = (body as { id?: unknown } | null)?.id;
  return typeof id === "string" || typeof id === "number" ? id : null;
}
