import { request } from "node:http";

/** What each request of the 2026 era says of itself. */
export const envelope = {
  "io.modelcontextprotocol/protocolVersion": "2026-07-28",
  "io.modelcontextprotocol/clientCapabilities": {},
} as const;

type Params = Readonly<Record<string, unknown>>;

/** A request of the 2026 era as it goes on the wire. */
export function modern(method: string, params: Params = {}, id: unknown = 1) {
  const meta = params["_meta"] as Params | undefined;
  return { jsonrpc: "2.0", id, method, params: { ...params, _meta: { ...envelope, ...meta } } };
}

/** The headers that mirror {@link modern}. */
export function modernHeaders(method: string, name?: string): Record<string, string> {
  return {
    "mcp-protocol-version": "2026-07-28",
    "mcp-method": method,
    ...(name !== undefined && { "mcp-name": name }),
  };
}

export const initialize = {
  jsonrpc: "2.0",
  id: "init",
  method: "initialize",
  params: { protocolVersion: "2025-11-25", capabilities: {}, clientInfo: { name: "test", version: "0.0.0" } },
};

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
  /** The JSON-RPC message, from JSON or from the last event of a stream. */
  readonly message: {
    readonly id?: unknown;
    readonly result?: Record<string, unknown>;
    readonly error?: { readonly code: number; readonly message: string; readonly data?: unknown };
  };
}

/** One POST with exactly these headers (`fetch` would not let all of them through) and this body. */
export function post(url: string, body: unknown, headers: Readonly<Record<string, string>> = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const standard = { "content-type": "application/json", accept: "application/json, text/event-stream" };
    const sent = request(url, { method: "POST", headers: { ...standard, ...headers } }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("error", reject);
      response.on("end", () => {
        const text = Buffer.concat(chunks).toString();
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text, message: messageIn(text) });
      });
    });
    sent.on("error", reject);
    sent.end(typeof body === "string" || Buffer.isBuffer(body) ? body : JSON.stringify(body));
  });
}

function messageIn(text: string): Answer["message"] {
  const events = text.split("\n").filter((line) => line.startsWith("data: {"));
  const json = events.at(-1)?.slice("data: ".length) ?? text;
  return json.startsWith("{") ? (JSON.parse(json) as Answer["message"]) : {};
}
