import { kindOfStatus, ToolError } from "./errors.ts";

/** What was asked for and failed behind a proxy; kept beside the error so that no text has to be read. */
const proxies = new WeakMap<object, string>();

/** Remembers which proxy (`host:port`) a failed request went through. */
export function failedThrough(error: unknown, proxy: string): void {
  if (typeof error === "object" && error !== null) proxies.set(error, proxy);
}

/** An error and what caused it, outermost first; of several attempts to connect the first stands for all. */
export function causes(error: unknown): object[] {
  const chain: object[] = [];
  let at: unknown = error;
  while (typeof at === "object" && at !== null && !chain.includes(at) && chain.length < 8) {
    chain.push(at);
    at = (at as Error).cause ?? (at as Partial<AggregateError>).errors?.[0];
  }
  return chain;
}

/** The first `code` of an error or its causes that is a system, TLS or undici code; database codes are no such. */
export function networkCode(error: unknown): string | undefined {
  for (const one of causes(error)) {
    const code = (one as { code?: unknown }).code;
    if (typeof code === "string" && (code in MEANING || isTls(code) || code.startsWith("HPE_"))) return code;
  }
  return undefined;
}

/** True when a trust store that knows more authorities might have accepted the server. */
export function isUnknownAuthority(error: unknown): boolean {
  const code = networkCode(error);
  return code !== undefined && UNKNOWN_AUTHORITY.has(code);
}

/** True when the request surely never reached the service: no address, no connection, no TLS. */
export function neverSent(error: unknown): boolean {
  const chain = causes(error);
  if (chain.some((one) => tunnelStatus(one as Error) !== undefined)) return true;
  const code = networkCode(error);
  if (code === undefined) return false;
  return (
    BEFORE_SENDING.has(code) || isTls(code) || chain.some((one) => (one as { syscall?: unknown }).syscall === "connect")
  );
}

type Meaning = "dns" | "refused" | "unreachable" | "reset" | "timeout";

const MEANING: Readonly<Record<string, Meaning>> = {
  ENOTFOUND: "dns",
  EAI_AGAIN: "dns",
  ECONNREFUSED: "refused",
  ENETUNREACH: "unreachable",
  EHOSTUNREACH: "unreachable",
  ENETDOWN: "unreachable",
  EADDRNOTAVAIL: "unreachable",
  ECONNRESET: "reset",
  ECONNABORTED: "reset",
  EPIPE: "reset",
  UND_ERR_SOCKET: "reset",
  UND_ERR_ABORTED: "reset",
  ETIMEDOUT: "timeout",
  UND_ERR_CONNECT_TIMEOUT: "timeout",
  UND_ERR_HEADERS_TIMEOUT: "timeout",
  UND_ERR_BODY_TIMEOUT: "timeout",
};

const BEFORE_SENDING: ReadonlySet<string> = new Set([
  "ENOTFOUND",
  "EAI_AGAIN",
  "ECONNREFUSED",
  "ENETUNREACH",
  "EHOSTUNREACH",
  "ENETDOWN",
  "EADDRNOTAVAIL",
  "UND_ERR_CONNECT_TIMEOUT",
]);

const UNKNOWN_AUTHORITY: ReadonlySet<string> = new Set([
  "DEPTH_ZERO_SELF_SIGNED_CERT",
  "SELF_SIGNED_CERT_IN_CHAIN",
  "UNABLE_TO_GET_ISSUER_CERT",
  "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
  "CERT_UNTRUSTED",
  "INVALID_CA",
]);

function isTls(code: string): boolean {
  return (
    UNKNOWN_AUTHORITY.has(code) ||
    code.startsWith("CERT_") ||
    code.startsWith("ERR_TLS_") ||
    code.startsWith("ERR_SSL_") ||
    code === "EPROTO"
  );
}

/**
 * What a failed request means and what to do next; `undefined` when the error is not one of the network.
 * Names the host only: no path, query, credentials or text of the error. A {@link ToolError} among the causes is returned as it is.
 * Sources of the codes: libuv and Node's `tls`, undici's errors, OpenSSL's X509_V_ERR names.
 */
export function fetchErrorToToolError(error: unknown, url: string | URL): ToolError | undefined {
  return describeNetworkError(error, hostOf(url));
}

/** The same for a service that is called by its name: "GitHub". */
export function describeNetworkError(error: unknown, host: string): ToolError | undefined {
  const chain = causes(error);
  for (const one of chain) if (one instanceof ToolError) return one;
  const proxy = chain.map((one) => proxies.get(one)).find((name) => name !== undefined);
  const told = (kind: "unavailable" | "timeout", message: string, hint: string, retryable?: boolean) =>
    new ToolError(kind, message, { hint, cause: error, ...(retryable !== undefined && { retryable }) });

  for (const one of chain) {
    const status = tunnelStatus(one as Error);
    if (status !== undefined && proxy) return refusedByProxy(status, proxy, host, error);
  }
  const code = networkCode(error);
  if (code !== undefined) {
    if (UNKNOWN_AUTHORITY.has(code))
      return told(
        "unavailable",
        `The certificate of ${host} is signed by an authority that this machine does not know (${code}).`,
        "If a company proxy or an own authority signs it, set MOORING_CA_FILE to a PEM file with that authority's certificate.",
        false,
      );
    if (code === "CERT_HAS_EXPIRED" || code === "CERT_NOT_YET_VALID")
      return told(
        "unavailable",
        `The certificate of ${host} is ${code === "CERT_HAS_EXPIRED" ? "no longer" : "not yet"} valid.`,
        "Check the clock of this machine, then tell the service's operator.",
        false,
      );
    if (code === "ERR_TLS_CERT_ALTNAME_INVALID")
      return told(
        "unavailable",
        `The certificate that answered for ${host} is for another name.`,
        "Check the address of the service.",
        false,
      );
    if (isTls(code))
      return told(
        "unavailable",
        `No encrypted connection to ${host} could be made (${code}).`,
        "Check the address and port, and whether it should start with http:// or https://.",
        false,
      );
    const meaning = MEANING[code] ?? "reset";
    if (proxy && (meaning === "dns" || meaning === "refused" || meaning === "unreachable"))
      return told(
        "unavailable",
        `The proxy ${proxy} cannot be reached (${code}).`,
        "Check HTTPS_PROXY and HTTP_PROXY, or name the host in NO_PROXY.",
      );
    const way = proxy ? `${host} through the proxy ${proxy}` : host;
    switch (meaning) {
      case "dns":
        return told(
          "unavailable",
          `The name ${host} could not be resolved (${code}).`,
          "Check the address and this machine's network; behind a company proxy set HTTPS_PROXY.",
        );
      case "refused":
        return told(
          "unavailable",
          `${host} refused the connection.`,
          "Check that the service runs and that address and port are right.",
        );
      case "unreachable":
        return told(
          "unavailable",
          `${host} cannot be reached from this machine (${code}).`,
          "Check the network, the firewall and HTTPS_PROXY.",
        );
      case "timeout":
        return told(
          "timeout",
          `${way} did not answer in time (${code}).`,
          "Try again; if it stays so, check the network and HTTPS_PROXY.",
        );
      case "reset":
        return told("unavailable", `The connection to ${way} was closed before the answer was complete.`, "Try again.");
    }
  }
  for (const one of chain) {
    if ((one as Error).name === "TimeoutError")
      return told("timeout", `${host} did not answer in time.`, "Try again, or ask for less.");
    if ((one as Error).name === "AbortError")
      return new ToolError("cancelled", "The call was cancelled.", { cause: error });
  }
  if (error instanceof TypeError && (error.message === "fetch failed" || error.message === "terminated"))
    return told("unavailable", `The request to ${host} failed.`, "Try again; if it stays so, check the network.");
  return undefined;
}

/** What a proxy answered instead of passing the request on (RFC 9110 §9.3.6, §15.5.8). */
function refusedByProxy(status: number, proxy: string, host: string, cause?: unknown): ToolError {
  if (status === 407)
    return new ToolError("unavailable", `The proxy ${proxy} asks for a user name and password (407).`, {
      hint: "Set them in HTTPS_PROXY as http://user:password@host:port, percent-encoded.",
      retryable: false,
      cause,
    });
  return new ToolError(
    kindOfStatus(status) === "denied" ? "denied" : "unavailable",
    `The proxy ${proxy} did not connect to ${host} (${status}).`,
    { hint: "Ask the proxy's operator to allow the host, or name it in NO_PROXY.", retryable: status >= 500, cause },
  );
}

// undici says it in its texts only: the first of a tunnel, the second of a plain request.
function tunnelStatus({ message }: { message?: unknown }): number | undefined {
  if (typeof message !== "string") return undefined;
  const match = /^Proxy response \((\d{3})\) !== 200/.exec(message);
  if (match) return Number(match[1]);
  return /^proxy authentication required/i.test(message) ? 407 : undefined;
}

export function hostOf(url: string | URL): string {
  try {
    return new URL(url).host || "the service";
  } catch {
    return "the service";
  }
}
