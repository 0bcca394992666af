import type { Credential } from "./credentials.ts";
import { type ErrorKind, type ErrorMapper, kindOfStatus, ToolError } from "./errors.ts";
import { untrusted } from "./fence.ts";
import { createFetch } from "./fetch.ts";
import type { Host } from "./host.ts";
import { type UpstreamCall, upstream, type UpstreamOptions } from "./upstream.ts";

type QueryValue = string | number | boolean | null | undefined;

/** One request to a JSON API. */
export interface HttpApiRequest {
  readonly method: "GET" | "HEAD" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** Begins with a slash; what comes from an argument went through `encodeURIComponent`. */
  readonly path: string;
  /** Values are written as text, lists as repeated names; `undefined` and `null` are left out. */
  readonly query?: Readonly<Record<string, QueryValue | readonly QueryValue[]>>;
  readonly headers?: Readonly<Record<string, string | undefined>>;
  /** Sent as JSON. */
  readonly body?: unknown;
  readonly signal: AbortSignal;
  /** May be repeated after a failure. Default: everything but POST and PATCH (RFC 9110, section 9.2.2). */
  readonly idempotent?: boolean;
  /** Milliseconds since the epoch after which nobody waits: the call's `deadline`. */
  readonly deadline?: number | undefined;
  /** What the request is to the `gate`: a bucket of the service's rate limit. */
  readonly about?: string | undefined;
}

/** A service behind an HTTP API that speaks JSON. */
export interface HttpApi {
  /**
   * The answer's JSON, the text of another type, `undefined` for an empty one. Throws a {@link ToolError} for what the network or
   * the circuit breaker says and for an answer that is not a success; the cause of that is the {@link HttpApiError}.
   */
  send(request: HttpApiRequest): Promise<unknown>;
}

/** The service, its credential, and how much it is asked at once. */
export interface HttpApiOptions extends UpstreamOptions {
  /** How people call the service, for error texts. */
  readonly name: string;
  /** What every path is put behind; may have a path of its own. */
  readonly url: string;
  readonly host: Pick<Host, "env" | "log" | "redactor">;
  /** Sent with every request as `header` (default `authorization`) after `prefix` (default "Bearer "). */
  readonly credential?: { readonly from: Credential; readonly header?: string; readonly prefix?: string };
  /** What an {@link HttpApiError} means: the server's own map, with its hints. Default: {@link httpApiError}. */
  readonly mapError?: ErrorMapper;
  /** Most bytes of an answer. Default: 10,000,000. */
  readonly maxBytes?: number;
}

/** An answer that is not a success. Its text is the service's own: {@link httpApiError} fences it. */
export class HttpApiError extends Error {
  override readonly name = "HttpApiError";
  /** How people call it. */
  readonly service: string;
  readonly status: number;
  readonly retryAfterMs: number | undefined;

  constructor(service: string, status: number, said: string, retryAfter: string | null = null) {
    super(said);
    this.service = service;
    this.status = status;
    this.retryAfterMs = waitOf(retryAfter);
  }
}

/** The one way to a JSON API: base URL, credential, retries, time limits, circuit breaker, proxies and certificates are in here. */
export function createHttpApi(options: HttpApiOptions): HttpApi {
  const { name, url, host, credential, maxBytes = 10_000_000, mapError = httpApiError, ...limits } = options;
  const send = createFetch({ env: host.env, log: host.log, onSecret: host.redactor.add });
  const service = upstream(name, { ...limits, mapError: (error) => mapError(error) });
  return {
    async send({ method, path, query = {}, headers = {}, body, signal, idempotent, deadline, about }) {
      const target = targetOf(url, path, query);
      const secret = await credential?.from.get(signal);
      const sent = new Headers({ accept: "application/json" });
      if (body !== undefined) sent.set("content-type", "application/json");
      if (secret !== undefined)
        sent.set(credential?.header ?? "authorization", (credential?.prefix ?? "Bearer ") + secret);
      for (const [key, value] of Object.entries(headers)) if (value !== undefined) sent.set(key, value);
      const init = { method, headers: sent, ...(body !== undefined && { body: JSON.stringify(body) }) };
      const isRepeatable = idempotent ?? (method !== "POST" && method !== "PATCH");
      const call: UpstreamCall = { signal, idempotent: isRepeatable, deadline, about };
      return service.run(async (within) => {
        const response = await send(target, { ...init, signal: within });
        // The next call asks the credential's source again.
        if (response.status === 401 && secret !== undefined) credential?.from.reject(secret);
        const text = await textOf(response, maxBytes, name);
        if (!response.ok)
          throw new HttpApiError(name, response.status, said(text), response.headers.get("retry-after"));
        if (text === "") return undefined;
        return response.headers.get("content-type")?.includes("json") ? parsed(text, name) : text;
      }, call);
    },
  };
}

/**
 * What an {@link HttpApiError} means (`kindOfStatus`), with the service's own words fenced; `undefined` for anything else.
 * `hints` says per kind what to do next. For a server's `mapError`.
 */
export function httpApiError(
  error: unknown,
  hints: Partial<Readonly<Record<ErrorKind, string>>> = {},
): ToolError | undefined {
  if (!(error instanceof HttpApiError)) return undefined;
  const kind = kindOfStatus(error.status);
  const message = `${error.service} answered ${error.status}${error.message === "" ? "." : `: ${untrusted(error.message)}`}`;
  return new ToolError(kind, message, { hint: hints[kind], retryAfterMs: error.retryAfterMs, cause: error });
}

function targetOf(url: string, path: string, query: NonNullable<HttpApiRequest["query"]>): URL {
  const target = new URL(url.replace(/\/+$/, "") + path);
  // Dots in an argument ("..") would otherwise name another endpoint.
  if (!target.pathname.endsWith(path))
    throw new ToolError("invalid_input", "An identifier has a form that cannot stand in a URL.", {
      hint: "Use one that the service has given.",
    });
  for (const [key, value] of Object.entries(query))
    for (const one of [value].flat())
      if (one !== undefined && one !== null) target.searchParams.append(key, String(one));
  return target;
}

async function textOf(response: Response, maxBytes: number, name: string): Promise<string> {
  const parts: Uint8Array[] = [];
  let bytes = 0;
  for await (const part of response.body ?? []) {
    bytes += part.length;
    if (bytes > maxBytes) {
      throw new ToolError("too_large", `${name} answered with more than ${maxBytes.toLocaleString("en")} bytes.`, {
        hint: "Ask for less.",
      });
    }
    parts.push(part);
  }
  return Buffer.concat(parts).toString("utf8");
}

function parsed(text: string, name: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new ToolError("unavailable", `${name} answered with something that is not the JSON it announced.`, {
      hint: "Check that the address is the API's.",
      retryable: false,
      cause,
    });
  }
}

/** The sentence in an error body, by the members that APIs use for it (RFC 9457: `detail`, `title`), else its beginning. */
function said(text: string): string {
  let told: unknown = text;
  try {
    const body = JSON.parse(text) as Record<string, unknown> | null;
    const found = ["message", "detail", "error_description", "error", "title"].map((member) => body?.[member]);
    told = found.find((value) => typeof value === "string" && value !== "") ?? text;
  } catch {
    // An HTML page says nothing that a model could use.
    if (text.trimStart().startsWith("<")) return "";
  }
  const line = String(told).replace(/\s+/g, " ").trim();
  return line.length > 200 ? `${line.slice(0, 200)}…` : line;
}

/** Seconds or a date (RFC 9110, section 10.2.3), as milliseconds from now. */
function waitOf(retryAfter: string | null): number | undefined {
  if (retryAfter === null) return undefined;
  const ms = /^\d+$/.test(retryAfter) ? Number(retryAfter) * 1_000 : Date.parse(retryAfter) - Date.now();
  return Number.isFinite(ms) && ms >= 0 ? ms : undefined;
}
