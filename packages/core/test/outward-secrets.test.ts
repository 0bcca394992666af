import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import { beforeEach, expect, onTestFinished, test } from "vitest";
import { resolveCredential } from "../src/credentials.ts";
import { ToolError, toToolError } from "../src/errors.ts";
import { fetchErrorToToolError } from "../src/fetch-error.ts";
import { createFetch, outboundProblems } from "../src/fetch.ts";
import { login, storedCredential } from "../src/oauth.ts";
import { createTokenStore } from "../src/token-store.ts";
import { upstream } from "../src/upstream.ts";
import { authorizationServer } from "./support/authorization-server.ts";
import { connectProxy } from "./support/connect-proxy.ts";
import { closedPort, listening } from "./support/listening.ts";

// One word in every place where a secret can stand; none of it may come out again.
const PLANTED = "pl4nted-s3cret";
const ENCODED = [PLANTED, encodeURIComponent(PLANTED), Buffer.from(PLANTED).toString("base64").slice(0, 12)];

let folder: string;
let warnings: string[];
const log = { warn: (message: string) => warnings.push(message) };
beforeEach(async () => {
  warnings = [];
  folder = await mkdtemp(join(tmpdir(), "planted-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
});

/** What a model and a person may see of an error. */
async function told(promise: Promise<unknown>, url?: string): Promise<string> {
  const error: unknown = await promise.then(
    () => Promise.reject(new Error("should have failed")),
    (reason: unknown) => reason,
  );
  const known = (url === undefined ? undefined : fetchErrorToToolError(error, url)) ?? toToolError(error);
  expect(known).toBeInstanceOf(ToolError);
  return `${known.kind} ${known.message} ${known.hint ?? ""}`;
}

/** The texts, and the log lines so far, in which the planted secret stands. */
function leaks(...texts: string[]): string[] {
  return [...texts, ...warnings].filter((text) => ENCODED.some((form) => text.includes(form)));
}

test("credentials", async () => {
  const file = join(folder, "file");
  await writeFile(file, `{"token": "${PLANTED}`, { mode: 0o644 });
  const script = join(folder, "script.mjs");
  await writeFile(script, `console.error("denied for ${PLANTED}"); console.log("${PLANTED}"); process.exit(1);`);
  const json = join(folder, "json.mjs");
  await writeFile(json, `console.log('{"tok": "${PLANTED}"}');`);
  const of = (env: NodeJS.ProcessEnv) => resolveCredential("X_TOKEN", { env, onSecret: () => {}, log });
  await of({ X_TOKEN_FILE: file }).get();
  expect(warnings).toHaveLength(1);
  const found = leaks(
    await told(of({ X_TOKEN_COMMAND: JSON.stringify([process.execPath, script, PLANTED]) }).get()),
    await told(of({ X_TOKEN_COMMAND: JSON.stringify([process.execPath, json]) }).get()),
    await told(of({ X_TOKEN_COMMAND: `"${PLANTED}` }).get()),
    await told(of({ X_TOKEN_COMMAND: `/no/${PLANTED} ${PLANTED}` }).get()),
    await told(of({ X_TOKEN_FILE: join(folder, PLANTED) }).get()),
    inspect(of({ X_TOKEN: PLANTED }), { depth: 10 }),
    JSON.stringify(of({ X_TOKEN: PLANTED })),
  );
  expect(found).toEqual([]);
});

test("requests: proxies, addresses, headers, redirects", async () => {
  const url = `https://user:${PLANTED}@api.example.test/${PLANTED}?token=${PLANTED}#${PLANTED}`;
  const init = { headers: { authorization: `Bearer ${PLANTED}` } };
  const proxy = await connectProxy(await closedPort(), "ada:right");
  const via = (value: string) => createFetch({ env: { ALL_PROXY: value, MOORING_CA_FILE: "" }, log });
  const plain = createFetch({ env: {}, log });
  const redirecting = createServer((_, response) =>
    response.writeHead(302, { location: `https://evil.test/${PLANTED}?x=${PLANTED}` }).end(),
  );
  const local = `http://127.0.0.1:${await listening(redirecting)}/${PLANTED}`;
  const target = url.replace(`user:${PLANTED}@`, "");
  const found = leaks(
    await told(via(`http://ada:${PLANTED}@127.0.0.1:${proxy.port}`)(target, init), target),
    await told(via(`http://ada:${PLANTED}@127.0.0.1:${proxy.port}`)(target.replace("https", "http"), init), target),
    await told(via(`http://ada:${PLANTED}@127.0.0.1:${await closedPort()}`)(target, init), target),
    await told(via(`http://ada:${PLANTED}@[`)(target, init), target),
    await told(via(`socks5://ada:${PLANTED}@x`)(target, init), target),
    await told(plain(url, init), url),
    await told(plain(`http://127.0.0.1:${await closedPort()}/${PLANTED}?${PLANTED}`, init), url),
    await told(plain(local, init), local),
    ...(await outboundProblems({ HTTPS_PROXY: `http://ada:${PLANTED}@[`, MOORING_CA_FILE: join(folder, PLANTED) })),
  );
  expect(found).toEqual([]);
  const secrets: string[] = [];
  await createFetch({
    env: { ALL_PROXY: `http://ada:${PLANTED}@127.0.0.1:${proxy.port}` },
    onSecret: (value) => secrets.push(value),
  })(target, init).catch(() => undefined);
  expect(secrets).toEqual([PLANTED]);
});

test("logins and stored tokens", async () => {
  const as = await authorizationServer();
  const store = createTokenStore(folder, { onSecret: () => {}, log });
  const printed: string[] = [];
  const io = { print: (line: string) => printed.push(line), open: () => Promise.resolve(false) };
  const answering =
    (status: number, body: unknown): typeof fetch =>
    () =>
      Promise.resolve(typeof body === "string" ? new Response(body, { status }) : Response.json(body, { status }));
  const attempt = (send: typeof fetch) =>
    told(login(as.service, { store, io, fetch: send, wait: () => Promise.resolve() }));
  const outputs = [
    await attempt(answering(400, { error: PLANTED + " x", error_description: PLANTED })),
    await attempt(answering(200, { device_code: PLANTED, user_code: "A", verification_uri: "nonsense" })),
    await attempt(answering(502, `<html>${PLANTED}</html>`)),
    await attempt(() => Promise.reject(new TypeError("fetch failed", { cause: new Error(PLANTED) }))),
  ];
  await store.write(
    { service: "Example" },
    {
      accessToken: PLANTED,
      refreshToken: PLANTED,
      expiresAt: 1,
      clientId: "client-1",
      tokenEndpoint: as.service.tokenEndpoint,
    },
  );
  const credential = storedCredential(as.service, store, { fetch });
  outputs.push(await told(credential.get()), inspect(credential, { depth: 10 }));
  const found = leaks(...outputs, ...printed);
  expect(found).toEqual([]);
});

test("upstream failures", async () => {
  const api = upstream("Example", { retries: 0, tryTimeoutMs: 20 });
  const error = Object.assign(new Error(`GET https://x/?token=${PLANTED} failed`), { status: 503 });
  const socket = new TypeError("fetch failed", { cause: Object.assign(new Error(PLANTED), { code: "ECONNRESET" }) });
  const found = leaks(
    await told(api.run(() => Promise.reject(error), { idempotent: true })),
    await told(api.run(() => Promise.reject(socket), { idempotent: true })),
    await told(api.run(() => Promise.reject(socket), { idempotent: false })),
    await told(api.run(() => new Promise(() => {}), { idempotent: true })),
    await told(api.run(() => Promise.reject(error), { idempotent: false })),
    await told(api.run(() => Promise.reject(error), { idempotent: false })),
  );
  expect(found).toEqual([]);
});
