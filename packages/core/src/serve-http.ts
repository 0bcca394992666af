import { createServer, type IncomingMessage, type Server as NodeServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { localhostAllowedHostnames, validateHostHeader, validateOriginHeader } from "@modelcontextprotocol/server";
import { bearerCheck } from "./bearer.ts";
import { ConfigError } from "./config-error.ts";
import type { Host } from "./host.ts";
import { readJsonBody, Refusal, rpcError } from "./http-body.ts";
import { mcpEndpoint } from "./http-endpoint.ts";
import { sendResponse } from "./http-response.ts";
import { type ListenAddress, parseListen } from "./listen-address.ts";
import type { CommonConfig } from "./options.ts";
import type { Serving } from "./serve-process.ts";
import type { Prepared } from "./server.ts";

/** Where HTTP listens and who may ask. */
export interface HttpOptions {
  readonly config: Pick<CommonConfig, "listen" | "admin" | "allowedHosts"> & {
    readonly httpToken: Pick<CommonConfig["httpToken"], "present" | "get">;
  };
  readonly host: Pick<Host, "log">;
  /** The server's short name, for the line that says where it listens. */
  readonly server: string;
  /** Bytes of one request body. Default: 4 MiB. */
  readonly maxBody?: number;
}

/** A running HTTP endpoint: where it is, and how to end it. */
export interface HttpServing extends Serving {
  /** `http://127.0.0.1:port/mcp` */
  readonly url: string;
  readonly adminUrl: string | undefined;
}

/**
 * Serves Streamable HTTP at `/mcp` for both protocol eras, `/livez` beside it, and `/readyz` on the admin address.
 * Host and Origin are checked on every request (DNS rebinding), a token where one is set.
 * @throws ConfigError for an address that cannot be used, or one beyond loopback without a token
 */
export async function serveOverHttp(prepared: Prepared, options: HttpOptions): Promise<HttpServing> {
  const { config, host, server: name } = options;
  const address = parseListen("--listen", config.listen);
  if (!address.loopback && !config.httpToken.present)
    throw new ConfigError([
      `--listen ${config.listen} is reachable from other machines, so a token is required. Set MOORING_HTTP_TOKEN (or MOORING_HTTP_TOKEN_FILE), or listen on 127.0.0.1.`,
    ]);
  const hosts = [
    ...localhostAllowedHostnames(),
    ...config.allowedHosts,
    ...(address.loopback ? [] : [bracketed(address.host)]),
  ];
  const authenticate = config.httpToken.present ? bearerCheck(await config.httpToken.get()) : undefined;
  const maxBody = options.maxBody ?? 4 * 1024 * 1024;
  const endpoint = mcpEndpoint(prepared, { log: host.log, maxBody });
  const state = { stopping: false };

  const listener = createServer(SLOW, (request, response) => {
    void answer(request, response).catch((error: unknown) => {
      host.log.error("http", { error });
      if (!response.headersSent) sendJson(response, 500, rpcError(-32603, "Internal error"));
      else response.destroy();
    });
  });
  harden(listener);

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (state.stopping) response.setHeader("connection", "close");
    const path = (request.url ?? "/").split("?", 1)[0];
    // RFC 9112 §3.2: two Host lines could mean different things to us and to whoever passed the request on.
    if (request.headersDistinct["host"]?.length !== 1)
      return sendJson(response, 400, rpcError(-32600, "One Host header is required."));
    const hostCheck = validateHostHeader(request.headers.host, hosts);
    if (!hostCheck.ok)
      return sendJson(response, 403, rpcError(-32000, "This Host is not allowed. Add it with --allowed-hosts."));
    const originCheck = validateOriginHeader(request.headers.origin, hosts);
    if (!originCheck.ok)
      return sendJson(response, 403, rpcError(-32000, "This Origin is not allowed. Add it with --allowed-hosts."));
    if (path === "/livez") return sendText(response, 200, "ok\n");
    if (path !== "/mcp") return sendText(response, 404, "Not found. The endpoint is /mcp.\n");
    const auth = authenticate?.(request.headers.authorization);
    if (auth === "refused") {
      response.setHeader("www-authenticate", "Bearer");
      return sendJson(response, 401, rpcError(-32000, "A valid bearer token is required."));
    }
    try {
      const body = request.method === "POST" ? await readJsonBody(request, maxBody) : undefined;
      await sendResponse(response, await endpoint.handle(request, response, body, auth));
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      if (error.status === 413) response.setHeader("connection", "close");
      sendJson(response, error.status, rpcError(error.code, error.message, error.id));
    }
  }

  await listen(listener, address, "--listen");
  const port = (listener.address() as AddressInfo).port;
  const url = `http://${bracketed(address.host)}:${port}/mcp`;
  const admin = config.admin === undefined ? undefined : await serveAdmin(config.admin, state);
  process.stderr.write(`mooring-${name} listens on ${url}\n`);

  return {
    url,
    adminUrl: admin?.url,
    stopAccepting() {
      state.stopping = true;
      listener.close();
      listener.closeIdleConnections();
    },
    async flush() {
      // Keep-alive connections would hold the exit back for seconds.
      listener.closeIdleConnections();
    },
    async close() {
      await endpoint.close();
      admin?.listener.close();
      admin?.listener.closeAllConnections();
      listener.close();
      listener.closeAllConnections();
    },
  };
}

/** The time limits below are looked at this often; Node's own 30 s would let a slow sender stay for half a minute longer. */
const SLOW = { connectionsCheckingInterval: 2_000 };

/** Slow or oversized requests end before they hold anything. */
function harden(listener: NodeServer): void {
  listener.headersTimeout = 10_000;
  listener.requestTimeout = 30_000;
  listener.maxHeadersCount = 100;
  listener.maxRequestsPerSocket = 0;
}

async function serveAdmin(text: string, state: { readonly stopping: boolean }) {
  const address = parseListen("--admin", text);
  if (!address.loopback)
    throw new ConfigError([`--admin ${text}: only a loopback address is served; reach it through a tunnel.`]);
  const listener = createServer(SLOW, (request, response) => {
    if (!validateHostHeader(request.headers.host, localhostAllowedHostnames()).ok)
      return sendText(response, 403, "This Host is not allowed.\n");
    if (request.url !== "/readyz") return sendText(response, 404, "Not found. There is /readyz.\n");
    sendText(response, state.stopping ? 503 : 200, state.stopping ? "stopping\n" : "ready\n");
  });
  harden(listener);
  await listen(listener, address, "--admin");
  return { listener, url: `http://${bracketed(address.host)}:${(listener.address() as AddressInfo).port}` };
}

function listen(listener: NodeServer, { host, port }: ListenAddress, flag: string): Promise<void> {
  return new Promise((resolve, reject) => {
    listener.once("error", (error: NodeJS.ErrnoException) =>
      reject(
        new ConfigError([
          `${flag} ${bracketed(host)}:${port}: ${REASONS[error.code ?? ""] ?? `cannot listen there (${error.code ?? "unknown reason"}).`}`,
        ]),
      ),
    );
    listener.listen(port, host, resolve);
  });
}

const REASONS: Readonly<Record<string, string>> = {
  EADDRINUSE: "the port is in use. Choose another, or port 0 for a free one.",
  EACCES: "not permitted. Choose a port above 1023.",
  EADDRNOTAVAIL: "this machine has no such address.",
  ENOTFOUND: "the host name is not known.",
};

function bracketed(host: string): string {
  return host.includes(":") ? `[${host}]` : host;
}

function sendText(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { "content-type": "text/plain; charset=utf-8", "cache-control": "no-store" }).end(text);
}

function sendJson(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
}
