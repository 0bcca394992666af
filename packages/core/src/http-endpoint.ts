import { AsyncLocalStorage } from "node:async_hooks";
import { randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import {
  type AuthInfo,
  createMcpHandler,
  InMemoryServerEventBus,
  isInitializeRequest,
  isLegacyRequest,
  type Server,
  type ServerEventBus,
  WebStandardStreamableHTTPServerTransport,
} from "@modelcontextprotocol/server";
import { Refusal } from "./http-body.ts";
import type { Log } from "./log.ts";
import { principalOf } from "./principal.ts";
import type { Prepared } from "./server.ts";

/** `/mcp` for both eras: each modern request stands alone, older clients hold a session. */
export interface Endpoint {
  handle(
    request: IncomingMessage,
    response: ServerResponse,
    body: unknown,
    auth: AuthInfo | undefined,
  ): Promise<Response>;
  close(): Promise<void>;
}

interface Session {
  readonly transport: WebStandardStreamableHTTPServerTransport;
  /** Whose it is: possession of a session id is not authentication. */
  readonly principal: string;
  seen: number;
  /** Streams that are open: a client that only listens is not idle. */
  streams: number;
}

const METHODS: ReadonlySet<string> = new Set(["POST", "GET", "DELETE"]);
const MAX_SESSIONS = 1_024;
const IDLE_MS = 30 * 60_000;
/** A session that was quiet so long makes room for a new one when there are too many. */
const QUIET_MS = 60_000;

export function mcpEndpoint(prepared: Prepared, { log, maxBody }: { log: Log; maxBody: number }): Endpoint {
  const onerror = (error: Error) => log.debug("http protocol", { error });
  const listening = new AsyncLocalStorage<{ release: (() => void) | undefined }>();
  const bus = releasingBus(new InMemoryServerEventBus(onerror), listening);
  const modern = createMcpHandler(prepared.factory, { legacy: "reject", maxRequestBodySize: maxBody, bus, onerror });
  const off = [
    prepared.onResourceChange((uri) => modern.notify.resourceUpdated(uri)),
    prepared.onListChange((kind) => {
      if (kind === "tools") modern.notify.toolsChanged();
      else if (kind === "resources") modern.notify.resourcesChanged();
      else modern.notify.promptsChanged();
    }),
  ];
  const sessions = new Map<string, Session>();
  const sweep = setInterval(() => {
    const limit = Date.now() - IDLE_MS;
    for (const [id, session] of sessions)
      if (session.seen < limit && session.streams === 0) {
        sessions.delete(id);
        void session.transport.close();
      }
  }, 60_000);
  sweep.unref();

  // Clients that are gone without a word must not keep others out for half an hour.
  function endLongestIdle(): boolean {
    const idle = [...sessions].filter(([, { streams, seen }]) => streams === 0 && seen < Date.now() - QUIET_MS);
    const [longest] = idle.toSorted(([, a], [, b]) => a.seen - b.seen);
    if (!longest) return false;
    sessions.delete(longest[0]);
    void longest[1].transport.close();
    return true;
  }

  async function open(request: Request, body: unknown, auth: AuthInfo | undefined): Promise<Response> {
    if (sessions.size >= MAX_SESSIONS && !endLongestIdle()) throw new Refusal(503, -32603, "Too many sessions.");
    const transport = new WebStandardStreamableHTTPServerTransport({
      sessionIdGenerator: randomUUID,
      maxRequestBodySize: maxBody,
      onsessioninitialized: (id) =>
        void sessions.set(id, { transport, principal: principalOf(auth), seen: Date.now(), streams: 0 }),
    });
    transport.onclose = () => {
      if (transport.sessionId !== undefined) sessions.delete(transport.sessionId);
    };
    const server = (await prepared.factory({ era: "legacy", ...(auth && { authInfo: auth }) })) as Server;
    await server.connect(transport);
    return transport.handleRequest(request, { parsedBody: body, ...(auth && { authInfo: auth }) });
  }

  async function legacy(
    request: Request,
    outgoing: ServerResponse,
    body: unknown,
    auth: AuthInfo | undefined,
  ): Promise<Response> {
    const id = request.headers.get("mcp-session-id");
    if (id !== null) {
      const session = sessions.get(id);
      if (!session || session.principal !== principalOf(auth)) throw new Refusal(404, -32001, "Session not found");
      session.seen = Date.now();
      session.streams++;
      outgoing.once("close", () => {
        session.streams--;
        session.seen = Date.now();
      });
      return session.transport.handleRequest(request, {
        ...(body !== undefined && { parsedBody: body }),
        ...(auth && { authInfo: auth }),
      });
    }
    if (request.method !== "POST") return new Response(null, { status: 405, headers: { allow: "POST" } });
    if (!isInitializeRequest(body)) throw new Refusal(400, -32000, "Bad Request: no session. Send initialize first.");
    return open(request, body, auth);
  }

  async function listen(request: Request, body: ListenBody, auth: AuthInfo | undefined): Promise<Response> {
    const asked = body.params.notifications.resourceSubscriptions.filter((uri) => typeof uri === "string");
    const { uris, release } = await prepared.follow(asked, auth);
    const rewritten = {
      ...body,
      params: { ...body.params, notifications: { ...body.params.notifications, resourceSubscriptions: uris } },
    };
    const scope: { release: (() => void) | undefined } = { release };
    const response = await listening.run(scope, () =>
      modern.fetch(request, { parsedBody: rewritten, ...(auth && { authInfo: auth }) }),
    );
    // Nobody took the watches over: the request was refused.
    scope.release?.();
    return response;
  }

  return {
    async handle(incoming, outgoing, body, auth) {
      // Before a request is made of it: the platform has no request with TRACE.
      if (!METHODS.has(incoming.method ?? "")) return new Response(null, { status: 405, headers: { allow: "POST" } });
      const request = webRequest(incoming, outgoing);
      if (incoming.method !== "POST" || (await isLegacyRequest(request, body, { maxRequestBodySize: maxBody })))
        return legacy(request, outgoing, body, auth);
      if (isListenBody(body)) return listen(request, body, auth);
      return modern.fetch(request, { parsedBody: body, ...(auth && { authInfo: auth }) });
    },
    async close() {
      clearInterval(sweep);
      for (const end of off) end();
      await modern.close();
      await Promise.allSettled([...sessions.values()].map(({ transport }) => transport.close()));
      sessions.clear();
    },
  };
}

/** The SDK subscribes once per stream and unsubscribes when it ends: that is when its watches end too. */
function releasingBus(
  inner: ServerEventBus,
  listening: AsyncLocalStorage<{ release: (() => void) | undefined }>,
): ServerEventBus {
  return {
    publish: (event) => inner.publish(event),
    subscribe(listener) {
      const off = inner.subscribe(listener);
      const scope = listening.getStore();
      const release = scope?.release;
      if (scope) scope.release = undefined;
      return () => {
        off();
        release?.();
      };
    },
  };
}

interface ListenBody {
  readonly method: string;
  readonly params: { readonly notifications: { readonly resourceSubscriptions: readonly unknown[] } };
}

function isListenBody(body: unknown): body is ListenBody {
  const { method, params } = (body ?? {}) as {
    method?: unknown;
    params?: { notifications?: { resourceSubscriptions?: unknown } };
  };
  return method === "subscriptions/listen" && Array.isArray(params?.notifications?.resourceSubscriptions);
}

// The body has been read: the SDK gets it parsed, so the request needs none.
function webRequest(incoming: IncomingMessage, outgoing: ServerResponse): Request {
  const gone = new AbortController();
  outgoing.once("close", () => {
    if (!outgoing.writableFinished) gone.abort();
  });
  const headers = new Headers();
  for (let i = 0; i < incoming.rawHeaders.length; i += 2)
    headers.append(incoming.rawHeaders[i] as string, incoming.rawHeaders[i + 1] as string);
  // Whatever Host says: it has been checked, and nothing below looks at it.
  return new Request("http://localhost/mcp", {
    method: incoming.method ?? "GET",
    headers,
    signal: gone.signal,
  });
}
