export type RequestId = string | number;
export type Fields = Readonly<Record<string, unknown>>;

/** What a message of JSON-RPC 2.0 may have; which it is tell {@link isRequest} and its kin. */
export interface Message {
  readonly jsonrpc: "2.0";
  readonly id?: RequestId | null;
  readonly method?: string;
  readonly params?: Fields;
  readonly result?: Fields;
  readonly error?: { readonly code: number; readonly message: string; readonly data?: unknown };
}

export interface Request extends Message {
  readonly id: RequestId;
  readonly method: string;
}

export interface Notification extends Message {
  readonly method: string;
}

/** One line of the protocol; `undefined` for anything else. */
export function parseMessage(line: Buffer): Message | undefined {
  let value: unknown;
  try {
    value = JSON.parse(line.toString("utf8"));
  } catch {
    return undefined;
  }
  return isFields(value) && value["jsonrpc"] === "2.0" ? (value as unknown as Message) : undefined;
}

export function isRequest(message: Message): message is Request {
  return typeof message.method === "string" && (typeof message.id === "string" || typeof message.id === "number");
}

export function isNotification(message: Message): message is Notification {
  return typeof message.method === "string" && message.id === undefined;
}

export function toLine(message: Omit<Message, "jsonrpc">): Buffer {
  return Buffer.from(JSON.stringify({ jsonrpc: "2.0", ...message }));
}

/** JSON-RPC's code for a failure inside the server, which a restart is to its client. */
export function errorLine(id: RequestId, message: string): Buffer {
  return toLine({ id, error: { code: -32_603, message } });
}

export function isFields(value: unknown): value is Fields {
  return value !== null && typeof value === "object" && !Array.isArray(value);
}

/** A member that is an object, or nothing. */
export function fieldsOf(value: unknown, name: string): Fields | undefined {
  const member = isFields(value) ? value[name] : undefined;
  return isFields(member) ? member : undefined;
}
