import { ToolError } from "./errors.ts";
import { hostOf } from "./fetch-error.ts";

const MOST_HOPS = 10;
/** Headers that may go to another host: they say nothing about who asks. */
const ANONYMOUS: ReadonlySet<string> = new Set(["accept", "accept-encoding", "accept-language", "range", "user-agent"]);

/**
 * A fetch that stays on the host it was sent to. A redirect to another origin throws `denied`, or, where that is allowed,
 * is followed by GET and HEAD without any header that could carry a credential; a body never goes to another origin.
 * Sources: Fetch Standard, HTTP-redirect fetch; RFC 9110 §15.4.
 */
export function withinHost(send: typeof fetch, allowOtherHost: boolean): typeof fetch {
  return async function fetchWithinHost(input, init = {}) {
    const asked = init.redirect ?? (input instanceof Request ? input.redirect : "follow");
    if (asked !== "follow") return await send(input, init);
    let response = await send(input, { ...init, redirect: "manual" });
    if (!isRedirect(response)) return response;

    const request = input instanceof Request ? input : undefined;
    let url = new URL(input instanceof Request ? input.url : input);
    let method = (init.method ?? request?.method ?? "GET").toUpperCase();
    let headers = new Headers(init.headers ?? request?.headers);
    let body = init.body ?? request?.body ?? null;
    const signal = init.signal ?? request?.signal ?? null;

    for (let hop = 1; isRedirect(response); hop += 1) {
      const to = URL.parse(response.headers.get("location") ?? "", url.href);
      await response.body?.cancel();
      if (!to || (to.protocol !== "https:" && to.protocol !== "http:") || hop > MOST_HOPS) throw lost(url, hop);
      const { status } = response;
      if ((status === 303 && method !== "HEAD") || ((status === 301 || status === 302) && method === "POST")) {
        method = "GET";
        body = null;
        headers = new Headers([...headers].filter(([name]) => !name.startsWith("content-")));
      }
      if (to.origin !== url.origin) {
        const isRead = (method === "GET" || method === "HEAD") && body === null;
        const isDowngrade = url.protocol === "https:" && to.protocol === "http:";
        if (!allowOtherHost || !isRead || isDowngrade) throw elsewhere(url, to);
        headers = new Headers([...headers].filter(([name]) => ANONYMOUS.has(name)));
      }
      if (body instanceof ReadableStream) throw lost(url, hop);
      url = to;
      response = await send(url, { ...init, method, headers, body, signal, redirect: "manual" });
    }
    return response;
  };
}

function isRedirect({ status, headers }: Response): boolean {
  return (
    (status === 301 || status === 302 || status === 303 || status === 307 || status === 308) && headers.has("location")
  );
}

function elsewhere(from: URL, to: URL): ToolError {
  return new ToolError("denied", `${hostOf(from)} sent the request on to ${to.origin}, which was not followed.`, {
    hint: "If the service has moved there, configure that address.",
  });
}

function lost(url: URL, hop: number): ToolError {
  const why = hop > MOST_HOPS ? "sends requests round in circles" : "sent a redirect that cannot be followed";
  return new ToolError("unavailable", `${hostOf(url)} ${why}.`, {
    hint: "Check the address of the service.",
    retryable: false,
  });
}
