export type Id = string | number;

/** A JSON-RPC 2.0 message as a server may send it. */
export interface Message {
  readonly id?: Id | null;
  readonly method?: string;
  readonly params?: unknown;
  readonly result?: Record<string, unknown>;
  readonly error?: { readonly code: number; readonly message: string; readonly data?: unknown };
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Reads a line of stdout. @returns the message, or what is wrong with the line */
export function readMessage(line: Uint8Array): { readonly message: Message } | { readonly problem: string } {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(line));
  } catch (error) {
    return { problem: error instanceof SyntaxError ? "not JSON" : "not UTF-8" };
  }
  if (Array.isArray(value)) return { problem: "a batch, which no revision since 2025-06-18 knows" };
  if (!isRecord(value)) return { problem: "no JSON-RPC message" };
  const problem = shapeProblem(value);
  return problem === undefined ? { message: value as Message } : { problem };
}

function shapeProblem({ jsonrpc, id, method, result, error }: Record<string, unknown>): string | undefined {
  if (jsonrpc !== "2.0") return 'without "jsonrpc": "2.0"';
  const isId = typeof id === "string" || Number.isInteger(id);
  if (method !== undefined) {
    if (typeof method !== "string") return "a method that is no string";
    return id === undefined || isId ? undefined : "a request whose id is neither string nor integer";
  }
  if (result !== undefined) {
    if (error !== undefined) return "a result and an error at once";
    if (!isRecord(result)) return "a result that is no object";
    return isId ? undefined : "a result without an id";
  }
  if (!isRecord(error)) return "neither a request nor a notification nor a response";
  if (!Number.isInteger(error["code"]) || typeof error["message"] !== "string")
    return "an error without an integer code and a message";
  return id === undefined || id === null || isId ? undefined : "an error whose id is neither string nor integer";
}
