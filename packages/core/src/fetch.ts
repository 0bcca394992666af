import type { Dispatcher } from "undici";
import { caFileProblem, trust } from "./ca.ts";
import { failedThrough, isUnknownAuthority } from "./fetch-error.ts";
import { hasProxy, type Proxy, proxyFor, proxyProblems } from "./proxy.ts";
import { withinHost } from "./redirect.ts";
import type { WarnLog } from "./state.ts";

/** Where outbound requests take their settings from, and who is told of them. */
export interface OutboundOptions {
  readonly env: NodeJS.ProcessEnv;
  readonly log?: WarnLog | undefined;
  /** Gets the password of a proxy as soon as it is used, so that it can be masked everywhere. */
  readonly onSecret?: ((value: string) => void) | undefined;
  /** Follow redirects of GET and HEAD to other hosts, without credentials. Default: false, they throw `denied`. */
  readonly allowRedirectToOtherHost?: boolean;
}

/**
 * The one way out of a server: `fetch` that honours HTTP_PROXY, HTTPS_PROXY, ALL_PROXY, NO_PROXY, NODE_EXTRA_CA_CERTS,
 * MOORING_CA_FILE and the system's authorities as they are in `env`, at run time. Node's built-in fetch does the work
 * unless a proxy or MOORING_CA_FILE is set; undici is loaded on the first request that needs it. When the built-in fetch
 * does not know a server's authority, the system's and the extra ones are asked from then on.
 * Throws what fetch throws (see `fetchErrorToToolError`), and a ToolError for settings that cannot be used.
 */
export function createFetch({ env, log, onSecret, allowRedirectToOtherHost = false }: OutboundOptions): typeof fetch {
  let equipped: Promise<typeof fetch> | undefined;
  const equip = () =>
    (equipped ??= equippedFetch(env, log, onSecret).catch((error: unknown) => {
      // A file that is mended meanwhile is read by the next request.
      equipped = undefined;
      throw error;
    }));
  const isPlain = () => equipped === undefined && !hasProxy(env) && !env["MOORING_CA_FILE"];

  async function send(input: Parameters<typeof fetch>[0], init?: RequestInit): Promise<Response> {
    if (!isPlain()) return await (await equip())(input, init);
    try {
      return await fetch(input, init);
    } catch (error) {
      if (!isUnknownAuthority(error)) throw error;
      const again = await equip();
      // The handshake failed, so nothing was sent; but a stream was taken and cannot be given twice.
      if (input instanceof Request || init?.body instanceof ReadableStream) throw error;
      return await again(input, init);
    }
  }
  return withinHost(send, allowRedirectToOtherHost);
}

/** What is wrong with the settings for outbound requests, one line each, without their values; for `--check`. */
export async function outboundProblems(env: NodeJS.ProcessEnv): Promise<string[]> {
  const caFile = await caFileProblem(env);
  return [...proxyProblems(env), ...(caFile ? [caFile.message] : [])];
}

async function equippedFetch(
  env: NodeJS.ProcessEnv,
  log: WarnLog | undefined,
  onSecret: OutboundOptions["onSecret"],
): Promise<typeof fetch> {
  const [undici, secureContext] = await Promise.all([import("undici"), trust(env, log)]);
  const tls = { secureContext };
  const direct = new undici.Agent({ connect: tls });
  const agents = new Map<string, Dispatcher>();

  function through(proxy: Proxy): Dispatcher {
    const key = `${proxy.uri} ${proxy.authorization ?? ""}`;
    let agent = agents.get(key);
    if (!agent) {
      if (proxy.password) onSecret?.(proxy.password);
      agent = new undici.ProxyAgent({
        uri: proxy.uri,
        ...(proxy.authorization !== undefined && { token: proxy.authorization }),
        requestTls: tls,
        proxyTls: tls,
        // http in absolute form (RFC 9112 §3.2.2); https always through CONNECT.
        proxyTunnel: false,
      });
      agents.set(key, agent);
    }
    return agent;
  }

  return async function fetchEquipped(input, init) {
    const [url, request] = await unpack(input, init);
    const proxy = proxyFor(url, env);
    const dispatcher = proxy ? through(proxy) : direct;
    try {
      // undici's types and Node's describe the same objects but do not know each other.
      const options = { ...request, dispatcher } as unknown as Parameters<typeof undici.fetch>[1];
      return (await undici.fetch(url, options)) as unknown as Response;
    } catch (error) {
      if (proxy) failedThrough(error, proxy.name);
      throw error;
    }
  };
}

/** Node's Request and FormData are strangers to undici's fetch: told apart by class, they would be sent as their names. */
async function unpack(input: Parameters<typeof fetch>[0], init: RequestInit = {}): Promise<[URL, RequestInit]> {
  let request = init;
  if (input instanceof Request)
    request = {
      method: input.method,
      headers: input.headers,
      body: input.body,
      signal: input.signal,
      redirect: input.redirect,
      ...init,
      ...(input.body && !init.body && { duplex: "half" as const }),
    };
  if (request.body instanceof FormData) {
    const packed = new Response(request.body);
    const headers = new Headers(request.headers);
    headers.set("content-type", packed.headers.get("content-type") ?? "");
    request = { ...request, headers, body: await packed.arrayBuffer() };
  }
  if (request.headers instanceof Headers) request = { ...request, headers: [...request.headers] };
  return [new URL(input instanceof Request ? input.url : String(input)), request];
}
