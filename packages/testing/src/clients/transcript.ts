import type { JSONRPCMessage, Transport } from "@modelcontextprotocol/client";

/** One message of a session. */
export interface TranscriptEntry {
  readonly to: "server" | "client";
  /** Milliseconds since the session began. */
  readonly ms: number;
  readonly message: JSONRPCMessage;
}

/**
 * Records what passes through a transport from now on, in order. It patches this one object instead of wrapping
 * it, since the SDK's client treats its own stdio transport differently from all others.
 */
export function record(transport: Transport): TranscriptEntry[] {
  const entries: TranscriptEntry[] = [];
  const began = performance.now();
  const note = (to: TranscriptEntry["to"], message: JSONRPCMessage) =>
    void entries.push({ to, ms: Math.round(performance.now() - began), message });

  const send = transport.send.bind(transport);
  transport.send = (message, options) => {
    note("server", message);
    return send(message, options);
  };
  const noting = (handler: Transport["onmessage"]): Transport["onmessage"] =>
    handler &&
    ((message, extra) => {
      note("client", message);
      handler(message, extra);
    });
  let receive = noting(transport.onmessage);
  Object.defineProperty(transport, "onmessage", {
    configurable: true,
    get: () => receive,
    set(handler: Transport["onmessage"]) {
      receive = noting(handler);
    },
  });
  return entries;
}

/** One line a message, as artifacts show it. */
export function printTranscript(entries: readonly TranscriptEntry[]): string {
  return entries
    .map(
      ({ to, ms, message }) =>
        `${String(ms).padStart(7)} ms ${to === "server" ? "→" : "←"} ${JSON.stringify(message)}\n`,
    )
    .join("");
}
