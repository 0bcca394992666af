import { timingSafeEqual } from "node:crypto";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { ToolError } from "./errors.ts";

export interface LoopbackOptions {
  /** What the answer has to carry, once. */
  readonly state: string;
  /** The authorization server's identifier, when it sends one (RFC 9207 §2). */
  readonly issuer?: string | undefined;
  /** Ports to try in order; 0 is any free one. Default: [0]. */
  readonly ports?: readonly number[] | undefined;
  /** How the redirect address spells the host. Default: 127.0.0.1 (RFC 8252 §8.3). */
  readonly host?: "127.0.0.1" | "localhost" | undefined;
  /** Default: /callback. */
  readonly path?: string | undefined;
}

export interface Loopback {
  readonly redirectUri: string;
  /** The authorization code. Throws `denied`, `timeout`, or what the signal says. */
  code(timeoutMs: number, signal?: AbortSignal): Promise<string>;
  close(): void;
}

/**
 * Waits on 127.0.0.1 for the browser that comes back from an authorization server (RFC 8252 §7.3).
 * Only GET of the exact address, by its exact host name, with the right `state` counts, and only the first time; anything
 * else gets an error page and the wait goes on, so that no other page can end a login. Throws `unavailable` without a port.
 */
export async function openLoopback(options: LoopbackOptions): Promise<Loopback> {
  const { state, issuer, ports = [0], host = "127.0.0.1", path = "/callback" } = options;
  const { createServer } = await import("node:http");
  const answer = Promise.withResolvers<string>();
  // A login that nobody waits for any more must not end the process.
  answer.promise.catch(() => undefined);
  let isUsed = false;
  let authority = "";

  const server = createServer((request, response) => {
    const url = URL.parse(request.url ?? "", "http://loopback");
    const isOurs = request.method === "GET" && request.headers.host === authority && url?.pathname === path;
    const given = url?.searchParams.get("state") ?? "";
    if (!url || !isOurs) return page(response, 404, "There is nothing here.");
    if (isUsed || !isSame(given, state)) return page(response, 400, "This login is not the one that is waited for.");
    isUsed = true;
    const result = readAnswer(url.searchParams, issuer);
    if (result instanceof ToolError) {
      page(response, 400, "The login did not succeed. You can close this page and read why in the terminal.");
      answer.reject(result);
    } else {
      page(response, 200, "You are logged in. You can close this page.");
      answer.resolve(result);
    }
  });
  await listen(server, ports);
  authority = `${host}:${(server.address() as AddressInfo).port}`;

  return {
    redirectUri: `http://${authority}${path}`,
    async code(timeoutMs, signal) {
      signal?.throwIfAborted();
      const late = () =>
        answer.reject(
          new ToolError("timeout", `Nobody finished the login within ${Math.round(timeoutMs / 60_000)} minutes.`, {
            hint: "Start the login again.",
          }),
        );
      const leave = () => answer.reject(signal?.reason);
      const timer = setTimeout(late, timeoutMs);
      signal?.addEventListener("abort", leave, { once: true });
      try {
        return await answer.promise;
      } finally {
        clearTimeout(timer);
        signal?.removeEventListener("abort", leave);
      }
    },
    close() {
      server.close();
      // Browsers keep connections open; the page has been sent with `connection: close`.
      server.closeIdleConnections();
      setTimeout(() => server.closeAllConnections(), 500).unref();
    },
  };
}

/** RFC 6749 §4.1.2, RFC 9207 §2.4: an answer of another authorization server is refused before its code is used. */
function readAnswer(parameters: URLSearchParams, issuer: string | undefined): string | ToolError {
  if (issuer !== undefined && parameters.get("iss") !== issuer)
    return new ToolError("denied", "The answer to the login came from another authorization server.", {
      hint: "Start the login again; if it stays so, do not log in from this network.",
    });
  const error = parameters.get("error");
  if (error !== null)
    return error === "access_denied"
      ? new ToolError("denied", "The login was refused on the page of the service.", {
          hint: "Start it again to allow it.",
        })
      : new ToolError("denied", `The service did not allow the login (${errorCode(error)}).`, {
          hint: "Check the client id and the scopes.",
        });
  return (
    parameters.get("code") ||
    new ToolError("denied", "The answer to the login holds no code.", { hint: "Start the login again." })
  );
}

/** An error code as RFC 6749 defines them; whatever else a server sends is not repeated. */
export function errorCode(code: unknown): string {
  return typeof code === "string" && /^[a-z][a-z0-9_.-]{0,63}$/i.test(code) ? code : "unknown error";
}

function isSame(given: string, expected: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(expected)];
  return a.length === b.length && timingSafeEqual(a, b);
}

function page(response: import("node:http").ServerResponse, status: number, text: string): void {
  response.writeHead(status, {
    "content-type": "text/html; charset=utf-8",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    "referrer-policy": "no-referrer",
    "cache-control": "no-store",
    connection: "close",
  });
  response.end(`<!doctype html><meta charset="utf-8"><title>Mooring</title><p>${text}</p>\n`);
}

async function listen(server: Server, ports: readonly number[]): Promise<void> {
  for (const port of ports) {
    const isListening = await new Promise<boolean>((resolve) => {
      server.once("error", () => resolve(false));
      server.listen(port, "127.0.0.1", () => resolve(true));
    });
    server.removeAllListeners("error");
    if (isListening) return;
  }
  throw new ToolError("unavailable", `No port is free for the login (${ports.join(", ")}).`, {
    hint: "End the program that uses it, then start the login again.",
    retryable: false,
  });
}
