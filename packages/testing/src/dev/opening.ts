import { type Fields, fieldsOf, type Message } from "./message.ts";

/**
 * How a new version of the server is opened, which is also the proof that it works: as the client opened its connection
 * (2025 and earlier), or with the question that changes nothing (2026, and before the client has said anything).
 */
export interface Opening {
  readonly method: "initialize" | "server/discover";
  readonly params: Fields;
}

/** Servers of either era answer it, some with an error, and take `initialize` afterwards. */
export const discover: Opening = {
  method: "server/discover",
  params: {
    _meta: {
      "io.modelcontextprotocol/protocolVersion": "2026-07-28",
      "io.modelcontextprotocol/clientInfo": { name: "mooring-testing dev", version: "0.0.0" },
      "io.modelcontextprotocol/clientCapabilities": {},
    },
  },
};

/** What a server said of itself in its answer to `initialize` or `server/discover`. */
export interface Described {
  readonly capabilities: Fields;
  readonly instructions: unknown;
}

export function described({ result }: Message): Described | undefined {
  const capabilities = fieldsOf(result, "capabilities");
  return capabilities && { capabilities, instructions: result?.["instructions"] };
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
