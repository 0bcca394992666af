import { type Fields, fieldsOf, type Message, type Request } from "./message.ts";

/**
 * How the client opened its connection. A new version of the server is opened in the same way, which is also the proof that
 * it works.
 */
export interface Opening {
  readonly method: "initialize" | "server/discover" | "ping";
  readonly params: Fields;
}

const PROTOCOL_VERSION = "io.modelcontextprotocol/protocolVersion";

/** 2025 and earlier: the handshake itself. 2026: any request, by the metadata it has. Else a question that every server answers. */
export function openingOf({ method, params = {} }: Request): Opening {
  if (method === "initialize") return { method, params };
  const meta = fieldsOf(params, "_meta");
  if (meta?.[PROTOCOL_VERSION] === undefined) return { method: "ping", params: {} };
  const { progressToken: _, ...envelope } = meta;
  return { method: "server/discover", params: { _meta: envelope } };
}

/** What a server said of itself in its answer to `initialize` or `server/discover`. */
export interface Described {
  readonly capabilities: Fields;
  readonly instructions: unknown;
}

export function described({ result }: Message): Described {
  return { capabilities: fieldsOf(result, "capabilities") ?? {}, instructions: result?.["instructions"] };
}

/** What a client is told once, when it connects, and will not hear of on this connection: one line for its person. */
export function unheard(before: Described, after: Described): string | undefined {
  const names = (one: Described, other: Described) =>
    Object.keys(one.capabilities).filter((name) => !Object.hasOwn(other.capabilities, name));
  const news = [
    ...names(after, before).map((name) => `${name} are offered`),
    ...names(before, after).map((name) => `${name} are gone`),
    ...(before.instructions === after.instructions ? [] : ["the instructions are others"]),
  ];
  return news.length === 0 ? undefined : `${news.join(", ")}: a client learns that when it connects again`;
}
