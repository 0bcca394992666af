import { BlockList, isIP } from "node:net";
import { ToolError } from "./errors.ts";

/** A proxy as the outbound fetch uses it; `authorization` and `password` are secret, `name` (`host:port`) is not. */
export interface Proxy {
  /** Without user and password. */
  readonly uri: string;
  readonly authorization: string | undefined;
  readonly password: string | undefined;
  readonly name: string;
}

/** A variable in lower or upper case, as curl and most tools read proxies; lower case counts first. */
function setting(env: NodeJS.ProcessEnv, name: string): string | undefined {
  return env[name.toLowerCase()]?.trim() || env[name]?.trim() || undefined;
}

/** True when any proxy variable is set. */
export function hasProxy(env: NodeJS.ProcessEnv): boolean {
  return ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"].some((name) => setting(env, name) !== undefined);
}

/**
 * The proxy for an address by HTTPS_PROXY or HTTP_PROXY, else ALL_PROXY, unless NO_PROXY names its host; both cases of
 * each name. Throws `unavailable` when the variable holds no proxy address (its text is not shown: it may hold a password).
 */
export function proxyFor(url: URL, env: NodeJS.ProcessEnv): Proxy | undefined {
  const own = url.protocol === "https:" ? "HTTPS_PROXY" : "HTTP_PROXY";
  const name = setting(env, own) === undefined ? "ALL_PROXY" : own;
  const value = setting(env, name);
  if (value === undefined || isExempt(url, setting(env, "NO_PROXY"))) return undefined;
  return parseProxy(name, value);
}

/** Problems of the proxy variables, one line each, without their values; for `--check`. */
export function proxyProblems(env: NodeJS.ProcessEnv): string[] {
  const problems: string[] = [];
  for (const name of ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"]) {
    const value = setting(env, name);
    if (value === undefined) continue;
    try {
      parseProxy(name, value);
    } catch (error) {
      problems.push((error as Error).message);
    }
  }
  return problems;
}

function parseProxy(name: string, value: string): Proxy {
  const url = URL.parse(value.includes("://") ? value : `http://${value}`);
  const isSocks = url?.protocol.startsWith("socks") ?? false;
  if (!url?.hostname || (url.protocol !== "http:" && url.protocol !== "https:"))
    throw new ToolError(
      "unavailable",
      `${name} ${isSocks ? "names a SOCKS proxy, which is not supported" : "does not hold the address of a proxy"}.`,
      { hint: "Write it as http://host:port or http://user:password@host:port.", retryable: false },
    );
  const { protocol } = url;
  const port = url.port || (protocol === "https:" ? "443" : "80");
  const user = decoded(url.username);
  const password = decoded(url.password);
  return {
    uri: `${protocol}//${url.hostname}:${port}`,
    // RFC 7617: user-id and password, joined by a colon, in UTF-8.
    authorization:
      user || password ? `Basic ${Buffer.from(`${user}:${password}`, "utf8").toString("base64")}` : undefined,
    password: password || undefined,
    name: `${url.hostname}:${port}`,
  };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/**
 * Whether NO_PROXY names the host: `*`, a name (with everything below it), an IP address or a CIDR block, each with or
 * without a port; separated by commas or spaces.
 */
export function isExempt(url: URL, noProxy: string | undefined): boolean {
  if (!noProxy) return false;
  const host = bare(url.hostname);
  const port = url.port || (url.protocol === "https:" ? "443" : "80");
  return noProxy.split(/[\s,]+/).some((entry) => entry !== "" && matches(entry.toLowerCase(), host, port));
}

function matches(entry: string, host: string, port: string): boolean {
  if (entry === "*") return true;
  const slash = entry.lastIndexOf("/");
  if (slash > 0) return isInBlock(host, bare(entry.slice(0, slash)), Number(entry.slice(slash + 1)));
  // An IPv6 address has colons of its own; with a port it stands in brackets.
  const [, name = entry, wanted] = isIP(entry) === 6 ? [] : (/^(.*?)(?::(\d+))?$/.exec(entry) ?? []);
  if (wanted !== undefined && wanted !== port) return false;
  const wantedHost = bare(name.replace(/^\*?\./, ""));
  if (wantedHost === "") return false;
  if (isIP(wantedHost)) return isInBlock(host, wantedHost, isIP(wantedHost) === 6 ? 128 : 32);
  return host === wantedHost || host.endsWith(`.${wantedHost}`);
}

function isInBlock(host: string, network: string, prefix: number): boolean {
  const family = isIP(host);
  const wanted = isIP(network);
  if (!family || !wanted || !Number.isInteger(prefix) || prefix < 0 || prefix > (wanted === 6 ? 128 : 32)) return false;
  const block = new BlockList();
  block.addSubnet(network, prefix, wanted === 6 ? "ipv6" : "ipv4");
  return block.check(host, family === 6 ? "ipv6" : "ipv4");
}

// "[::1]" and "example.com." are "::1" and "example.com".
function bare(host: string): string {
  return host
    .toLowerCase()
    .replace(/^\[(.*)\]$/, "$1")
    .replace(/\.$/, "");
}
