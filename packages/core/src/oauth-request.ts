import { ToolError } from "./errors.ts";
import { fetchErrorToToolError, hostOf } from "./fetch-error.ts";
import { errorCode } from "./loopback.ts";
import type { OAuthService } from "./oauth.ts";
import type { StoredToken } from "./token-store.ts";

const TIMEOUT_MS = 15_000;
const LARGEST_ANSWER = 100_000;

export interface OAuthAnswer {
  readonly ok: boolean;
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
  /** The `error` member, where it has the form of a code. */
  readonly error: string | undefined;
}

/**
 * Posts a form to an endpoint and reads its JSON (RFC 6749 §4.1.3, Appendix B). Some servers answer errors with 200: whoever
 * calls looks at `error`. Never follows a redirect, since the body is secret. Throws `unavailable` or `timeout`.
 */
export async function post(
  endpoint: string,
  form: Readonly<Record<string, string>>,
  send: typeof fetch,
  signal?: AbortSignal,
): Promise<OAuthAnswer> {
  const limit = AbortSignal.timeout(TIMEOUT_MS);
  let status: number;
  let text: string;
  try {
    const response = await send(endpoint, {
      method: "POST",
      headers: { accept: "application/json" },
      body: new URLSearchParams(form),
      redirect: "error",
      signal: signal ? AbortSignal.any([signal, limit]) : limit,
    });
    status = response.status;
    text = await response.text();
  } catch (error) {
    signal?.throwIfAborted();
    throw fetchErrorToToolError(error, endpoint) ?? error;
  }
  const body = text.length > LARGEST_ANSWER ? undefined : parsed(text);
  // RFC 7009 §2.2: a revocation is answered by its status alone.
  if (!body && (status < 200 || status > 299 || text.trim() !== ""))
    throw new ToolError(
      "unavailable",
      `${hostOf(endpoint)} gave no answer that a login understands (status ${status}).`,
      {
        hint: "Check the address of the service.",
        retryable: status >= 500,
      },
    );
  const failed = body && (body["error"] !== undefined || body["ok"] === false);
  return {
    ok: status >= 200 && status < 300 && !failed,
    status,
    body: body ?? {},
    error: failed || status >= 400 ? errorCode(body?.["error"]) : undefined,
  };
}

function parsed(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}

/** The token in a successful answer (RFC 6749 §5.1); what is left out stays as `before` has it (§6). */
export function tokenOf(service: OAuthService, { body }: OAuthAnswer, now: number, before?: StoredToken): StoredToken {
  const answer = service.extra?.readToken?.(body) ?? body;
  const { access_token: accessToken, refresh_token: refreshToken, expires_in: expiresIn, scope } = answer;
  if (typeof accessToken !== "string" || accessToken === "")
    throw new ToolError("unavailable", `${hostOf(service.tokenEndpoint)} answered without a token.`, {
      hint: "Start the login again.",
      retryable: false,
    });
  const seconds = Number(expiresIn ?? Number.NaN);
  const scopes = typeof scope === "string" ? scope.split(/[\s,]+/).filter(Boolean) : before?.scopes;
  const kept = typeof refreshToken === "string" && refreshToken !== "" ? refreshToken : before?.refreshToken;
  return {
    accessToken,
    clientId: service.clientId,
    tokenEndpoint: service.tokenEndpoint,
    ...(kept !== undefined && { refreshToken: kept }),
    ...(seconds > 0 && { expiresAt: now + seconds * 1_000 }),
    ...(scopes && { scopes }),
  };
}

/** What every failed step says: the code the server gave, never its prose. */
export function refusal(service: OAuthService, what: string, answer: OAuthAnswer): ToolError {
  if (answer.status >= 500 || answer.status === 429)
    return new ToolError("unavailable", `${service.name} could not ${what} (status ${answer.status}).`, {
      hint: "Try again in a moment.",
    });
  const code = answer.error ?? `status ${answer.status}`;
  const aboutClient = /client|scope|grant_type|pkce|redirect/.test(code);
  return new ToolError("denied", `${service.name} did not ${what} (${code}).`, {
    hint: aboutClient ? "Check the client id, its settings at the service, and the scopes." : "Start the login again.",
  });
}

/** RFC 6749 §3.1, §3.2: TLS, except on this machine. */
export function checkEndpoints(service: OAuthService): void {
  for (const endpoint of [
    service.tokenEndpoint,
    service.authorizeEndpoint,
    service.deviceEndpoint,
    service.revokeEndpoint,
  ]) {
    if (endpoint === undefined) continue;
    const url = URL.parse(endpoint);
    const isLocal = url?.hostname === "127.0.0.1" || url?.hostname === "localhost" || url?.hostname === "[::1]";
    if (url?.protocol !== "https:" && !(url?.protocol === "http:" && isLocal))
      throw new ToolError("denied", `${service.name} is to be logged in to without encryption.`, {
        hint: "Use an https:// address.",
      });
  }
}
