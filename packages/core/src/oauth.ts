import { createHash, randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { abortable, type Credential, keyOf as credentialKey } from "./credentials.ts";
import { ToolError } from "./errors.ts";
import { createFetch } from "./fetch.ts";
import { type LoopbackOptions, openLoopback } from "./loopback.ts";
import { checkEndpoints, type OAuthAnswer, post, refusal, tokenOf } from "./oauth-request.ts";
import { openBrowser } from "./open-browser.ts";
import type { StoredToken, TokenKey, TokenStore } from "./token-store.ts";

/** An authorization server and our client there; all that a server brings. */
export interface OAuthService {
  /** How people call it; also names its tokens in the store: "GitHub", "GitHub (ghe.example.com)". */
  readonly name: string;
  readonly clientId: string;
  readonly scopes: readonly string[];
  readonly tokenEndpoint: string;
  /** For logins by code (RFC 8628). */
  readonly deviceEndpoint?: string | undefined;
  /** For logins in the browser of this machine (RFC 8252 with PKCE, RFC 7636). */
  readonly authorizeEndpoint?: string | undefined;
  /** RFC 7009. */
  readonly revokeEndpoint?: string | undefined;
  /** Set only for servers that send `iss`: then an answer without it, or with another, is refused (RFC 9207). */
  readonly issuer?: string | undefined;
  readonly extra?: OAuthExtra | undefined;
}

/** Where a service departs from the standards. */
export interface OAuthExtra {
  readonly authorizeParams?: Readonly<Record<string, string>>;
  readonly tokenParams?: Readonly<Record<string, string>>;
  /** Default: scope, separated by blanks. */
  readonly scopeParam?: string;
  readonly scopeSeparator?: string;
  /** A redirect address that the service wants to know exactly. */
  readonly redirect?: Pick<LoopbackOptions, "ports" | "host" | "path">;
  /** The object in an answer that holds `access_token`. */
  readonly readToken?: (body: Readonly<Record<string, unknown>>) => Readonly<Record<string, unknown>> | undefined;
}

/** How a login talks to its person. */
export interface LoginIo {
  /** One line; goes to stderr, since stdout may belong to a protocol. */
  print(line: string): void;
  /** Opens a browser; false where there is none. */
  open(url: string): Promise<boolean>;
}

/** Where a login is kept, whose it is, and which way it goes. */
export interface LoginOptions {
  readonly store: TokenStore;
  readonly io?: LoginIo;
  /** One of several accounts of the person. */
  readonly account?: string | undefined;
  /** Default: by code where the service offers it (works on any machine), otherwise in the browser. */
  readonly method?: "device" | "browser" | undefined;
  readonly fetch?: typeof fetch;
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds in which the person has to finish in the browser. Default: 5 minutes. */
  readonly timeoutMs?: number;
  /** Milliseconds since the epoch. */
  readonly now?: () => number;
  /** Waits between questions to the server. */
  readonly wait?: (ms: number, signal: AbortSignal | undefined) => Promise<void>;
}

const terminal: LoginIo = {
  print: (line) => process.stderr.write(`${line}\n`),
  open: openBrowser,
};

/**
 * Logs a person in and stores the token. Says on `io` what the person has to do; the token is never shown.
 * Throws `denied` when the person or the service refuses, `timeout` when nobody finishes, `unavailable` for the network,
 * `invalid_input` for a way that the service does not offer.
 */
export async function login(service: OAuthService, options: LoginOptions): Promise<StoredToken> {
  checkEndpoints(service);
  const method = options.method ?? (service.deviceEndpoint === undefined ? "browser" : "device");
  const session = {
    io: terminal,
    fetch: createFetch({ env: process.env }),
    now: Date.now,
    wait: (ms: number, signal: AbortSignal | undefined) => sleep(ms, undefined, signal ? { signal } : {}),
    timeoutMs: 300_000,
    ...options,
  };
  const token = method === "device" ? await byCode(service, session) : await inBrowser(service, session);
  await options.store.write(keyOf(service, options.account), token);
  return token;
}

type Session = LoginOptions & Required<Pick<LoginOptions, "io" | "fetch" | "now" | "wait" | "timeoutMs">>;

/** RFC 8628: the person types a short code on any device, we ask until it is done. */
async function byCode(service: OAuthService, { io, fetch: send, signal, now, wait }: Session): Promise<StoredToken> {
  if (service.deviceEndpoint === undefined) throw noWay(service, "by code");
  const start = await post(service.deviceEndpoint, { client_id: service.clientId, ...scopeOf(service) }, send, signal);
  if (!start.ok) throw refusal(service, "start the login", start);
  const {
    device_code: deviceCode,
    user_code: userCode,
    verification_uri: address,
    verification_uri_complete: direct,
  } = start.body;
  if (typeof deviceCode !== "string" || !isShowable(userCode) || !isAddress(address))
    throw refusal(service, "start the login", start);
  io.print(`To log in to ${service.name}, open ${address} and enter the code ${userCode}`);
  await io.open(isAddress(direct) ? direct : address);

  // §3.2: five seconds unless the server says otherwise.
  let intervalMs = Math.max(1, positive(start.body["interval"]) ?? 5) * 1_000;
  const end = now() + (positive(start.body["expires_in"]) ?? 900) * 1_000;
  while (now() < end) {
    await wait(intervalMs, signal);
    let answer: OAuthAnswer;
    try {
      answer = await post(service.tokenEndpoint, codeForm(service, deviceCode), send, signal);
    } catch (error) {
      signal?.throwIfAborted();
      if (!(error instanceof ToolError) || !error.retryable) throw error;
      // §3.5: after a connection failure ask half as often.
      intervalMs *= 2;
      continue;
    }
    if (answer.ok) return tokenOf(service, answer, now());
    if (answer.error === "authorization_pending") continue;
    if (answer.error === "slow_down") {
      intervalMs = Math.max(intervalMs + 5_000, (positive(answer.body["interval"]) ?? 0) * 1_000);
      continue;
    }
    if (answer.error === "expired_token") break;
    if (answer.error === "access_denied")
      throw new ToolError("denied", "The login was refused on the page of the service.", {
        hint: "Start it again to allow it.",
      });
    throw refusal(service, "finish the login", answer);
  }
  throw new ToolError("timeout", "The code was not entered in time.", { hint: "Start the login again." });
}

function codeForm(service: OAuthService, deviceCode: string): Record<string, string> {
  return {
    grant_type: "urn:ietf:params:oauth:grant-type:device_code",
    device_code: deviceCode,
    client_id: service.clientId,
    ...service.extra?.tokenParams,
  };
}

/** RFC 8252 §7.3 with PKCE S256 (RFC 7636 §4). */
async function inBrowser(service: OAuthService, session: Session): Promise<StoredToken> {
  const { io, fetch: send, signal, now, timeoutMs } = session;
  if (service.authorizeEndpoint === undefined) throw noWay(service, "in the browser");
  const verifier = randomBytes(32).toString("base64url");
  const state = randomBytes(24).toString("base64url");
  const loopback = await openLoopback({ state, issuer: service.issuer, ...service.extra?.redirect });
  try {
    const url = new URL(service.authorizeEndpoint);
    const parameters = {
      response_type: "code",
      client_id: service.clientId,
      redirect_uri: loopback.redirectUri,
      state,
      code_challenge: createHash("sha256").update(verifier).digest("base64url"),
      code_challenge_method: "S256",
      ...scopeOf(service),
      ...service.extra?.authorizeParams,
    };
    for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
    io.print(`To log in to ${service.name}, open this address in the browser of this machine:`);
    io.print(url.href);
    await io.open(url.href);

    const code = await loopback.code(timeoutMs, signal);
    const form = {
      grant_type: "authorization_code",
      code,
      redirect_uri: loopback.redirectUri,
      client_id: service.clientId,
      code_verifier: verifier,
      ...service.extra?.tokenParams,
    };
    const answer = await post(service.tokenEndpoint, form, send, signal);
    if (!answer.ok) throw refusal(service, "finish the login", answer);
    return tokenOf(service, answer, now());
  } finally {
    loopback.close();
  }
}

/**
 * Removes the stored token, after telling the service that it is no longer used (RFC 7009), where it can be told.
 * Never fails because of the service: `revoked` says whether it confirmed.
 */
export async function logout(
  service: OAuthService,
  options: Pick<LoginOptions, "store" | "account" | "fetch" | "signal">,
): Promise<{ removed: boolean; revoked: boolean }> {
  const { store, account, signal, fetch: send = createFetch({ env: process.env }) } = options;
  const key = keyOf(service, account);
  const token = await store.read(key);
  let revoked = false;
  if (token && isOf(service, token) && service.revokeEndpoint !== undefined) {
    checkEndpoints(service);
    // §2.1: with the refresh token a server ends the whole grant; some end the access token only when it is named.
    for (const [hint, value] of [
      ["refresh_token", token.refreshToken],
      ["access_token", token.accessToken],
    ] as const) {
      if (value === undefined) continue;
      const form = { token: value, token_type_hint: hint, client_id: service.clientId };
      revoked = await post(service.revokeEndpoint, form, send, signal).then(
        ({ ok }) => ok,
        () => false,
      );
    }
  }
  return { removed: await store.remove(key), revoked };
}

export interface StoredCredentialOptions {
  readonly account?: string | undefined;
  readonly fetch?: typeof fetch;
  readonly now?: () => number;
  /** What a person types to log in, for hints: "mooring-github login". */
  readonly command?: string;
}

/** Renewed so long before it expires. */
const EARLY_MS = 60_000;
/** A service that refuses fresh tokens as well is not asked for new ones with every call. */
const REPEAT_MS = 30_000;

/**
 * What `login` stored, as the last source of a credential: refreshed shortly before it expires and after the service
 * refused it, once across processes. Nothing is read before the first `get`, except whether there is a file.
 */
export function storedCredential(
  service: OAuthService,
  store: TokenStore,
  { account, fetch: send, now = Date.now, command }: StoredCredentialOptions = {},
): Credential {
  const key = keyOf(service, account);
  let kept: StoredToken | undefined;
  let refused: string | undefined;
  let renewedAt = Number.NEGATIVE_INFINITY;
  let flight: Promise<StoredToken> | undefined;

  const isExpiring = ({ expiresAt = Number.POSITIVE_INFINITY }: StoredToken) => now() >= expiresAt - EARLY_MS;
  const isWanting = (token: StoredToken) => token.accessToken === refused || isExpiring(token);
  const unusable = (message: string) =>
    new ToolError("unauthenticated", message, { hint: command ? `Run \`${command}\`.` : "Run the login command." });

  async function renew(token: StoredToken): Promise<StoredToken> {
    checkEndpoints(service);
    const form = {
      grant_type: "refresh_token",
      refresh_token: token.refreshToken ?? "",
      client_id: service.clientId,
      ...service.extra?.tokenParams,
    };
    const answer = await post(service.tokenEndpoint, form, send ?? createFetch({ env: process.env }));
    renewedAt = now();
    if (answer.ok) return tokenOf(service, answer, now(), token);
    if (answer.status >= 500 || answer.status === 429) throw refusal(service, "renew the login", answer);
    // The grant is gone; asking with it again would not bring it back.
    const { refreshToken: _, ...rest } = token;
    return rest;
  }

  async function obtain(): Promise<StoredToken> {
    if (kept && !isWanting(kept)) return kept;
    let token = await store.read(key);
    if (!token) throw unusable(`Nobody is logged in to ${service.name}.`);
    if (!isOf(service, token))
      throw unusable(`The stored login for ${service.name} belongs to another client or address.`);
    const mayRenew = isExpiring(token) || now() - renewedAt >= REPEAT_MS;
    if (isWanting(token) && token.refreshToken !== undefined && mayRenew) {
      const before = token.accessToken;
      token = await store.refresh(key, before, renew);
      if (token.accessToken === before) throw unusable(`The stored login for ${service.name} has ended.`);
    }
    if (token.expiresAt !== undefined && now() >= token.expiresAt)
      throw unusable(`The stored login for ${service.name} has expired.`);
    return (kept = token);
  }

  return {
    name: service.name,
    source: () => (store.has(key) ? "login" : undefined),
    get present() {
      return store.has(key);
    },
    get key() {
      return store.has(key)
        ? credentialKey(service.name, service.clientId, service.tokenEndpoint, account ?? "")
        : undefined;
    },
    problem: undefined,
    async get(signal) {
      signal?.throwIfAborted();
      flight ??= obtain().finally(() => (flight = undefined));
      return (await abortable(flight, signal)).accessToken;
    },
    reject(value) {
      refused = value;
    },
  };
}

function keyOf(service: OAuthService, account: string | undefined): TokenKey {
  return { service: service.name, account };
}

/** A token is used and renewed only by the client and at the address that it came from. */
function isOf(service: OAuthService, token: StoredToken): boolean {
  return token.clientId === service.clientId && token.tokenEndpoint === service.tokenEndpoint;
}

function scopeOf({ scopes, extra }: OAuthService): Record<string, string> {
  return scopes.length === 0 ? {} : { [extra?.scopeParam ?? "scope"]: scopes.join(extra?.scopeSeparator ?? " ") };
}

function noWay(service: OAuthService, how: string): ToolError {
  return new ToolError("invalid_input", `${service.name} offers no login ${how}.`, {
    hint: "Choose the other way, or set a token.",
  });
}

function positive(value: unknown): number | undefined {
  const number = Number(value ?? Number.NaN);
  return Number.isFinite(number) && number > 0 ? number : undefined;
}

// What goes to a terminal must not be able to steer it.
function isShowable(value: unknown): value is string {
  return typeof value === "string" && /^[\x21-\x7e]{1,64}$/.test(value);
}

function isAddress(value: unknown): value is string {
  if (typeof value !== "string" || !/^[\x21-\x7e]{1,2000}$/.test(value)) return false;
  const protocol = URL.parse(value)?.protocol;
  return protocol === "https:" || protocol === "http:";
}
