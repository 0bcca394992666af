import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type IncomingHttpHeaders } from "node:http";
import { createServer as createTlsServer } from "node:https";
import nodeModule from "node:module";
import { createServer as createNetServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { fetchErrorToToolError } from "../src/fetch-error.ts";
import { createFetch, outboundProblems } from "../src/fetch.ts";
import { ToolError } from "../src/errors.ts";
import { type Authority, makeAuthority } from "./support/certificates.ts";
import { connectProxy } from "./support/connect-proxy.ts";
import { closedPort, listening } from "./support/listening.ts";

let authority: Authority;
let leaf: { key: string; cert: string };
beforeAll(async () => {
  authority = await makeAuthority();
  leaf = await authority.issue("api.example.test");
});

interface Seen {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

async function service(
  answer: (seen: Seen) => { status?: number; headers?: Record<string, string>; body?: string } = () => ({}),
  tls = false,
) {
  const seen: Seen[] = [];
  const server = (tls ? createTlsServer(leaf) : createServer()).on("request", (request, response) => {
    let body = "";
    request.setEncoding("utf8").on("data", (chunk: string) => (body += chunk));
    request.on("end", () => {
      const one = { method: request.method ?? "", url: request.url ?? "", headers: request.headers, body };
      seen.push(one);
      const { status = 200, headers = {}, body: text = "answer" } = answer(one);
      response.writeHead(status, headers).end(text);
    });
  });
  const port = await listening(server);
  return { port, seen, url: `${tls ? "https" : "http"}://127.0.0.1:${port}` };
}

async function caFile(content = authority.certificate): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "ca-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const path = join(folder, "ca.pem");
  await writeFile(path, content);
  return path;
}

async function failure(promise: Promise<unknown>): Promise<unknown> {
  return await promise.then(
    () => Promise.reject(new Error("should have failed")),
    (error: unknown) => error,
  );
}

describe("without settings", () => {
  test("requests go by the built-in fetch, and undici is not loaded", async ({ skip }) => {
    if (!("registerHooks" in nodeModule)) skip("needs module.registerHooks of Node 22.15");
    const { url } = await service();
    const program = `
      import { registerHooks } from "node:module";
      const loaded = [];
      registerHooks({ load(url, context, next) { loaded.push(url); return next(url, context); } });
      const { createFetch } = await import(${JSON.stringify(new URL("../src/fetch.ts", import.meta.url).href)});
      const response = await createFetch({ env: {} })(${JSON.stringify(url)});
      console.log(JSON.stringify({ text: await response.text(), heavy: loaded.filter((url) => url.includes("undici")) }));`;
    const { stdout } = await promisify(execFile)(process.execPath, [
      "--no-warnings",
      "--experimental-strip-types",
      "--input-type=module",
      "-e",
      program,
    ]);
    expect(JSON.parse(stdout)).toEqual({ text: "answer", heavy: [] });
  });
});

describe("proxies", () => {
  test("https goes by CONNECT with the proxy's credentials, which the service never sees", async () => {
    const { port, seen } = await service(undefined, true);
    const proxy = await connectProxy(port, "ada:p@ss/word");
    const env = { HTTPS_PROXY: `http://ada:p%40ss%2Fword@127.0.0.1:${proxy.port}`, MOORING_CA_FILE: await caFile() };
    const response = await createFetch({ env })("https://api.example.test/things?secret=1", {
      headers: { authorization: "Bearer t" },
    });
    expect(await response.text()).toBe("answer");
    expect(proxy.asked).toEqual(["CONNECT api.example.test:443"]);
    expect(seen[0]).toMatchObject({
      url: "/things?secret=1",
      headers: { authorization: "Bearer t", host: "api.example.test" },
    });
    expect(seen[0]?.headers).not.toHaveProperty("proxy-authorization");
  });

  test("http goes in absolute form", async () => {
    const { port, seen } = await service();
    const proxy = await connectProxy(port, "ada:secret");
    const send = createFetch({ env: { http_proxy: `ada:secret@127.0.0.1:${proxy.port}` } });
    expect(await (await send("http://api.example.test/x")).text()).toBe("answer");
    expect(proxy.asked).toEqual(["GET http://api.example.test/x"]);
    expect(seen).toHaveLength(1);
  });

  test("NO_PROXY goes past it", async () => {
    const { url, seen } = await service();
    const proxy = await connectProxy(await closedPort());
    const send = createFetch({ env: { ALL_PROXY: `http://127.0.0.1:${proxy.port}`, NO_PROXY: "127.0.0.0/8" } });
    expect(await (await send(url)).text()).toBe("answer");
    expect([seen.length, proxy.asked]).toEqual([1, []]);
  });

  test.for(["https", "http"])("wrong credentials for %s are told without them", async (scheme) => {
    const { port } = await service(undefined, scheme === "https");
    const proxy = await connectProxy(port, "ada:right");
    const send = createFetch({ env: { ALL_PROXY: `http://ada:wrong-secret@127.0.0.1:${proxy.port}` } });
    const url = `${scheme}://api.example.test/x?token=t0ken`;
    const error = fetchErrorToToolError(await failure(send(url)), url);
    expect(error).toMatchObject({
      kind: "unavailable",
      retryable: false,
      message: `The proxy 127.0.0.1:${proxy.port} asks for a user name and password (407).`,
    });
    expect(`${error?.message} ${error?.hint}`).not.toMatch(/wrong-secret|t0ken|d3Jvbmct/);
  });

  test("a proxy that is not there is named as such", async () => {
    const port = await closedPort();
    const url = "https://api.example.test/";
    const error = fetchErrorToToolError(
      await failure(createFetch({ env: { HTTPS_PROXY: `127.0.0.1:${port}` } })(url)),
      url,
    );
    expect(error?.message).toBe(`The proxy 127.0.0.1:${port} cannot be reached (ECONNREFUSED).`);
  });

  test("forms, requests and headers of Node arrive through undici as they are", async () => {
    const { port, seen } = await service();
    const proxy = await connectProxy(port);
    const send = createFetch({ env: { HTTP_PROXY: `http://127.0.0.1:${proxy.port}` } });
    const form = new FormData();
    form.set("file", new Blob(["bytes"]), "name.txt");
    await send("http://api.example.test/form", { method: "POST", body: form });
    await send(
      new Request("http://api.example.test/request", { method: "PUT", body: "text", headers: { "x-own": "1" } }),
    );
    await send(new URL("http://api.example.test/headers"), { headers: new Headers({ accept: "text/plain" }) });
    const [first, second, third] = seen;
    expect(first?.headers["content-type"]).toMatch(/^multipart\/form-data; boundary=/);
    expect(first?.body).toContain('filename="name.txt"');
    expect(second).toMatchObject({ method: "PUT", url: "/request", body: "text", headers: { "x-own": "1" } });
    expect(third?.headers.accept).toBe("text/plain");
  });
});

describe("authorities", () => {
  test("an unknown one fails with the way out, and MOORING_CA_FILE is it", async () => {
    const { port, url } = await service(undefined, true);
    const error = fetchErrorToToolError(await failure(createFetch({ env: {} })(`${url}/?q=s3cret`)), url);
    expect(error).toMatchObject({
      kind: "unavailable",
      retryable: false,
      hint: expect.stringContaining("MOORING_CA_FILE") as string,
    });
    expect(error?.message).toMatch(
      new RegExp(
        `^The certificate of 127\\.0\\.0\\.1:${port} is signed by an authority that this machine does not know`,
      ),
    );

    const mended = await createFetch({ env: { MOORING_CA_FILE: await caFile() } })(url);
    expect(await mended.text()).toBe("answer");
  });

  test("the same behind a proxy that intercepts", async () => {
    const { port } = await service(undefined, true);
    const proxy = await connectProxy(port);
    const env = { HTTPS_PROXY: `http://127.0.0.1:${proxy.port}` };
    const url = "https://api.example.test/";
    const error = fetchErrorToToolError(await failure(createFetch({ env })(url)), url);
    expect(error?.hint).toContain("MOORING_CA_FILE");
    expect(await (await createFetch({ env: { ...env, MOORING_CA_FILE: await caFile() } })(url)).text()).toBe("answer");
  });

  test("NODE_EXTRA_CA_CERTS and the system's file work at run time, after the built-in fetch refused", async () => {
    const { url, seen } = await service(undefined, true);
    for (const name of ["NODE_EXTRA_CA_CERTS", "SSL_CERT_FILE"]) {
      const send = createFetch({ env: { [name]: await caFile(`# company\n${authority.certificate}\n`) } });
      expect(await (await send(url, { method: "POST", body: name })).text()).toBe("answer");
    }
    expect(seen.map(({ body }) => body)).toEqual(["NODE_EXTRA_CA_CERTS", "SSL_CERT_FILE"]);
  });

  test("files that cannot be used are told", async () => {
    const warnings: string[] = [];
    const { url } = await service(undefined, true);
    const log = { warn: (message: string) => warnings.push(message) };
    await failure(createFetch({ env: { NODE_EXTRA_CA_CERTS: "/does/not/exist" }, log })(url));
    expect(warnings).toEqual(["NODE_EXTRA_CA_CERTS is ignored: the file cannot be read (ENOENT)."]);
    const env = {
      MOORING_CA_FILE: await caFile("no certificate"),
      HTTPS_PROXY: "http://ada:s3cret@[",
      ALL_PROXY: "socks5://x:1",
    };
    await expect(createFetch({ env: { MOORING_CA_FILE: env.MOORING_CA_FILE } })(url)).rejects.toMatchObject({
      kind: "unavailable",
      message: "The file named by MOORING_CA_FILE holds no certificate in PEM form.",
    });
    expect(await outboundProblems(env)).toEqual([
      "HTTPS_PROXY does not hold the address of a proxy.",
      "ALL_PROXY names a SOCKS proxy, which is not supported.",
      "The file named by MOORING_CA_FILE holds no certificate in PEM form.",
    ]);
    expect(await outboundProblems({ HTTP_PROXY: "proxy:3128", MOORING_CA_FILE: await caFile() })).toEqual([]);
  });
});

describe("redirects", () => {
  // The settings change which fetch does the work; the rules are the same.
  const settings: [string, () => Promise<NodeJS.ProcessEnv>][] = [
    ["built-in", async () => ({})],
    ["undici", async () => ({ MOORING_CA_FILE: await caFile() })],
  ];

  test.for(settings)("on one host are followed with everything (%s)", async ([, env]) => {
    const { url, seen } = await service(({ url: path, method }) =>
      path === "/old" ? { status: method === "POST" ? 308 : 301, headers: { location: "/new" } } : {},
    );
    const send = createFetch({ env: await env() });
    const response = await send(`${url}/old`, { headers: { authorization: "Bearer t" } });
    expect([response.url, await response.text()]).toEqual([`${url}/new`, "answer"]);
    await send(`${url}/old`, { method: "POST", body: "kept", headers: { authorization: "Bearer t" } });
    expect(seen.map(({ method, url: path, body, headers }) => [method, path, body, headers.authorization])).toEqual([
      ["GET", "/old", "", "Bearer t"],
      ["GET", "/new", "", "Bearer t"],
      ["POST", "/old", "kept", "Bearer t"],
      ["POST", "/new", "kept", "Bearer t"],
    ]);
  });

  test.for(settings)("to another host are refused, or lose every credential (%s)", async ([, env]) => {
    const other = await service();
    const { url } = await service(() => ({
      status: 302,
      headers: { location: `http://localhost:${other.port}/x?sig=s1gned` },
    }));
    const headers = { authorization: "Bearer t", cookie: "c=1", "private-token": "p", accept: "text/plain" };
    const refused = await failure(createFetch({ env: await env() })(url, { headers }));
    expect(refused).toBeInstanceOf(ToolError);
    expect(refused).toMatchObject({ kind: "denied", message: expect.not.stringContaining("s1gned") as string });
    expect(other.seen).toEqual([]);

    const send = createFetch({ env: await env(), allowRedirectToOtherHost: true });
    expect(await (await send(url.replace("127.0.0.1", "localhost"), { headers })).text()).toBe("answer");
    expect(other.seen[0]?.headers).toMatchObject({ accept: "text/plain" });
    expect(Object.keys(other.seen[0]?.headers ?? {})).not.toEqual(expect.arrayContaining(["authorization"]));
    expect(JSON.stringify(other.seen[0]?.headers)).not.toMatch(/Bearer|c=1|private-token/);
  });

  test("a body never goes to another host, also where redirects do", async () => {
    const other = await service();
    const { url } = await service(() => ({ status: 307, headers: { location: other.url } }));
    const send = createFetch({ env: {}, allowRedirectToOtherHost: true });
    expect(await failure(send(url, { method: "POST", body: "refresh_token=r" }))).toMatchObject({ kind: "denied" });
    expect(other.seen).toEqual([]);
  });

  test("a POST that is answered with 303 is read with GET, and circles end", async () => {
    const { url, seen } = await service(({ method }) =>
      method === "POST" ? { status: 303, headers: { location: "/done" } } : {},
    );
    await createFetch({ env: {} })(url, { method: "POST", body: "b", headers: { "content-type": "text/plain" } });
    expect(seen[1]).toMatchObject({ method: "GET", url: "/done", body: "" });
    expect(seen[1]?.headers).not.toHaveProperty("content-type");
    const circle = await service(() => ({ status: 302, headers: { location: "/again" } }));
    expect(await failure(createFetch({ env: {} })(circle.url))).toMatchObject({
      kind: "unavailable",
      retryable: false,
    });
    expect(circle.seen.length).toBeLessThan(15);
  });
});

describe("fetchErrorToToolError", () => {
  test("names what happened, and never the path or query", async () => {
    const nobody = `http://127.0.0.1:${await closedPort()}`;
    const cut = `http://127.0.0.1:${await listening(createNetServer((socket) => socket.once("data", () => socket.destroy())))}`;
    const plain = await service();
    const silent = `http://127.0.0.1:${await listening(createNetServer())}`;
    const cases: [string, RequestInit, string, RegExp][] = [
      [nobody, {}, "unavailable", /refused the connection/],
      [cut, {}, "unavailable", /was closed before the answer was complete/],
      [plain.url.replace("http:", "https:"), {}, "unavailable", /No encrypted connection/],
      ["http://name.invalid", {}, "unavailable", /could not be resolved/],
      [silent, { signal: AbortSignal.timeout(30) }, "timeout", /did not answer in time/],
      [silent, { signal: AbortSignal.abort() }, "cancelled", /was cancelled/],
    ];
    for (const [base, init, kind, text] of cases) {
      const url = `${base}/p4th?token=t0ken`;
      const error = fetchErrorToToolError(await failure(createFetch({ env: {} })(url, init)), url);
      expect(error?.kind).toBe(kind);
      expect(error?.message).toMatch(text);
      expect(`${error?.message} ${error?.hint}`).not.toMatch(/p4th|t0ken/);
    }
  });

  test("finds the reason below the errors that clients wrap around it, and leaves strangers alone", () => {
    const wrapped = Object.assign(new Error("request to https://x/?token=t failed"), {
      status: 500,
      cause: new TypeError("fetch failed", { cause: Object.assign(new Error("x"), { code: "CERT_HAS_EXPIRED" }) }),
    });
    expect(fetchErrorToToolError(wrapped, "https://api.example.test")?.message).toBe(
      "The certificate of api.example.test is no longer valid.",
    );
    const inner = new ToolError("denied", "Not there.");
    expect(fetchErrorToToolError(new Error("x", { cause: inner }), "https://x")).toBe(inner);
    for (const stranger of [new Error("x"), Object.assign(new Error("x"), { code: "42P01" }), "text", null, undefined])
      expect(fetchErrorToToolError(stranger, "https://x")).toBeUndefined();
  });
});
