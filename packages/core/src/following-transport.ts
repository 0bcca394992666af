import type { JSONRPCMessage, Transport } from "@modelcontextprotocol/server";
import type { Prepared } from "./server.ts";
import { OversizedMessage } from "./stdio-transport.ts";

type RequestId = string | number;

interface ListenRequest {
  readonly id: RequestId;
  readonly params: { readonly notifications?: { readonly resourceSubscriptions?: unknown } };
}

/**
 * The SDK has no hook that tells which URIs a client listens to, so the requests are seen here on their way in: what may
 * not be watched is left out before the SDK acknowledges, and watches end with their subscription.
 */
export function followingTransport(
  wire: Transport,
  prepared: Pick<Prepared, "follow">,
  onEnd: (problem?: Error) => void,
): Transport {
  const following = new Map<RequestId, Promise<{ release(): void }>>();
  const end = (id: RequestId) => {
    void following.get(id)?.then(({ release }) => release());
    following.delete(id);
  };
  const outer: Transport = {
    start: () => wire.start(),
    send(message) {
      // The answer to a subscription is its end: it was refused, or it is over.
      if (following.size > 0 && "id" in message && message.id !== undefined && !("method" in message)) end(message.id);
      return wire.send(message);
    },
    close: () => wire.close(),
  };
  let problem: Error | undefined;
  wire.onerror = (error) => {
    if (error instanceof OversizedMessage) problem = error;
    else outer.onerror?.(error);
  };
  wire.onclose = () => {
    for (const id of following.keys()) end(id);
    outer.onclose?.();
    onEnd(problem);
  };
  wire.onmessage = (message) => {
    if (isListen(message)) {
      void listen(message);
      return;
    }
    if ("method" in message && message.method === "notifications/cancelled") {
      const id = (message.params as { requestId?: RequestId } | undefined)?.requestId;
      if (id !== undefined) end(id);
    }
    outer.onmessage?.(message);
  };
  const listen = async (message: JSONRPCMessage & ListenRequest) => {
    const { id, params } = message;
    const asked = params.notifications?.resourceSubscriptions;
    if (!Array.isArray(asked) || following.has(id)) return outer.onmessage?.(message);
    const followed = prepared.follow(asked.filter((uri) => typeof uri === "string"));
    following.set(id, followed);
    const { uris } = await followed;
    // Cancelled before anything could be watched: nobody waits for an answer.
    if (following.get(id) !== followed) return;
    const notifications = { ...params.notifications, resourceSubscriptions: uris };
    outer.onmessage?.({ ...message, params: { ...params, notifications } } as JSONRPCMessage);
  };
  return outer;
}

function isListen(message: JSONRPCMessage): message is JSONRPCMessage & ListenRequest {
  return (
    "method" in message &&
    message.method === "subscriptions/listen" &&
    "id" in message &&
    typeof message.params === "object"
  );
}
