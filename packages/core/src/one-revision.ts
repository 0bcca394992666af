import {
  type JSONRPCMessage,
  PROTOCOL_VERSION_META_KEY,
  type Transport,
  UnsupportedProtocolVersionError,
} from "@modelcontextprotocol/server";

/**
 * Refuses requests of the 2026 era that name another revision than the one that the connection speaks. The SDK looks at the
 * revision of a stdio connection's first request only, and every request has to be refused that names one the server does not
 * speak (specification 2026-07-28, versioning, "Protocol Version Negotiation").
 */
export function oneRevision(wire: Transport): Transport {
  let spoken: string | undefined;
  /** Revisions of the requests under way before the first result. */
  const named = new Map<string | number, string>();
  const outer: Transport = {
    start: () => wire.start(),
    send(message) {
      if (spoken === undefined && !("method" in message) && message.id !== undefined) {
        // What the SDK answers with a result, it understood; what it refuses says nothing, and is not kept.
        if ("result" in message) spoken = named.get(message.id);
        named.delete(message.id);
      }
      return wire.send(message);
    },
    close: () => wire.close(),
  };
  wire.onerror = (error) => outer.onerror?.(error);
  wire.onclose = () => outer.onclose?.();
  wire.onmessage = (message, extra) => {
    const requested = revisionOf(message);
    if (requested === undefined || !("id" in message) || message.id === undefined)
      return outer.onmessage?.(message, extra);
    const { id } = message;
    if (spoken === undefined) named.set(id, requested);
    else if (requested !== spoken) {
      const { code, message: text, data } = new UnsupportedProtocolVersionError({ supported: [spoken], requested });
      const error = { code, message: text, data };
      wire.send({ jsonrpc: "2.0", id, error }).catch((reason: unknown) => outer.onerror?.(reason as Error));
      return undefined;
    }
    if (spoken !== undefined && named.size > 0) named.clear();
    return outer.onmessage?.(message, extra);
  };
  return outer;
}

function revisionOf(message: JSONRPCMessage): string | undefined {
  if (!("method" in message)) return undefined;
  const revision = (message.params?._meta as Readonly<Record<string, unknown>> | undefined)?.[
    PROTOCOL_VERSION_META_KEY
  ];
  return typeof revision === "string" ? revision : undefined;
}
