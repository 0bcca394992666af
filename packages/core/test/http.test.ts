import { request } from "node:http";
import { connect } from "node:net";
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { afterEach, expect, test, vi } from "vitest";
import { type HttpServing, serveOverHttp } from "../src/http.ts";
import { createLog } from "../src/log.ts";
import { createRedactor } from "../src/redact.ts";
import { prepare } from "../src/server.ts";
import { notesDeps, notesServer } from "./notes-server.ts";

const running: HttpServing[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((each) => each.close()));
});

async function start({
  deps = notesDeps(),
  listen = "127.0.0.1:0",
  token,
  admin,
  maxBody,
}: { deps?: ReturnType<typeof notesDeps>; listen?: string; token?: string; admin?: string; maxBody?: number } = {}) {
  vi.spyOn(process.stderr, "write").mockReturnValueOnce(true);
  const prepared = prepare(notesServer, { deps, access: "write" });
  const httpToken = { present: token !== undefined, get: async () => token ?? "" };
  const serving = await serveOverHttp(prepared, {
    server: "notes",
    config: { listen, admin, allowedHosts: [], httpToken },
    host: { log: createLog({ level: "silent", redactor: createRedactor("own") }) },
    ...(maxBody !== undefined && { maxBody }),
  });
  running.push(serving);
  return { prepared, serving, deps };
}

async function client(url: string, era: "2025" | "2026", headers: Record<string, string> = {}) {
  const mcp = new Client(
    { name: "test", version: "0.0.0" },
    era === "2026" ? { versionNegotiation: { mode: "auto" } } : {},
  );
  await mcp.connect(new StreamableHTTPClientTransport(new URL(url), { requestInit: { headers } }));
  return mcp;
}

/** Headers that fetch would not let through. */
function raw(
  url: string,
  {
    method = "POST",
    headers = {},
    body = "",
  }: { method?: string; headers?: Record<string, string>; body?: string } = {},
): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const sent = request(
      url,
      {
        method,
        headers: { "content-type": "application/json", accept: "application/json, text/event-stream", ...headers },
      },
      (response) => {
        let text = "";
        response.on("data", (chunk: Buffer) => (text += chunk.toString()));
        response.on("end", () => resolve({ status: response.statusCode ?? 0, text }));
      },
    );
    sent.on("error", reject);
    sent.end(body);
  });
}

test.for(["2025", "2026"] as const)("%s: lists and calls over HTTP", async (era) => {
  const { serving } = await start();
  const mcp = await client(serving.url, era);
  expect((await mcp.listTools()).tools.length).toBe(7);
  const result = await mcp.callTool({ name: "count", arguments: {} });
  expect(result.structuredContent).toEqual({ count: 1 });
  await mcp.close();
});

test("an older client follows resources over HTTP", async () => {
  const { serving, deps } = await start();
  const mcp = await client(serving.url, "2025");
  const heard: string[] = [];
  mcp.setNotificationHandler("notifications/resources/updated", ({ params }) => void heard.push(params.uri));
  await mcp.subscribeResource({ uri: "note://one" });
  await vi.waitFor(() => expect(deps.watched.has("note://one")).toBe(true));
  deps.watched.get("note://one")?.();
  await vi.waitFor(() => expect(heard).toEqual(["note://one"]));
  await mcp.close();
});

const listenBody = JSON.stringify({
  jsonrpc: "2.0",
  id: "s1",
  method: "subscriptions/listen",
  params: {
    notifications: { resourceSubscriptions: ["note://one", "note://missing"] },
    _meta: {
      "io.modelcontextprotocol/protocolVersion": "2026-07-28",
      "io.modelcontextprotocol/clientCapabilities": {},
    },
  },
});
const modernHeaders = {
  "content-type": "application/json",
  accept: "application/json, text/event-stream",
  "mcp-protocol-version": "2026-07-28",
  "mcp-method": "subscriptions/listen",
};

test("a modern stream is told which URIs are honoured, hears of changes, and its watches end with it", async () => {
  const { serving, deps } = await start();
  const abort = new AbortController();
  const response = await fetch(serving.url, {
    method: "POST",
    headers: modernHeaders,
    body: listenBody,
    signal: abort.signal,
  });
  const reader = response.body?.getReader() as ReadableStreamDefaultReader<Uint8Array>;
  const read = async () => new TextDecoder().decode((await reader.read()).value);
  expect(await read()).toContain('"resourceSubscriptions":["note://one"]');
  deps.watched.get("note://one")?.();
  expect(await read()).toContain("notifications/resources/updated");
  abort.abort();
  await vi.waitFor(() => expect(deps.watched.size).toBe(0));
});

test.for([
  ["a foreign Host", { host: "evil.example" }, 403],
  ["a foreign Origin", { origin: "http://evil.example" }, 403],
  ["Origin: null", { origin: "null" }, 403],
  ["two Origins", { origin: "http://localhost, http://evil.example" }, 403],
  ["another content type", { "content-type": "text/plain" }, 415],
  ["a made-up session", { "mcp-session-id": "nope" }, 404],
] as const)("%s is refused", async ([, headers, status]) => {
  const { serving } = await start();
  expect((await raw(serving.url, { headers, body: '{"jsonrpc":"2.0","id":1,"method":"tools/list"}' })).status).toBe(
    status,
  );
});

test("bodies that are broken, batched, too large or too deep are refused without an exception text", async () => {
  const { serving } = await start({ maxBody: 1_000_000 });
  const post = (body: string) => raw(serving.url, { body });
  expect(await post("{")).toMatchObject({ status: 400, text: expect.stringContaining("-32700") });
  expect((await post('[{"jsonrpc":"2.0","id":1,"method":"ping"}]')).status).toBe(400);
  expect((await post(JSON.stringify({ pad: "x".repeat(1_000_001) }))).status).toBe(413);
  const started = performance.now();
  expect(await post(`${"[".repeat(100_000)}${"]".repeat(100_000)}`)).toMatchObject({
    status: 400,
    text: expect.stringContaining("-32602"),
  });
  expect(await post(`[${"0,".repeat(400_000)}0]`)).toMatchObject({
    status: 400,
    text: expect.stringContaining("-32602"),
  });
  expect(performance.now() - started).toBeLessThan(1_000);
  expect((await raw(serving.url, { method: "GET" })).status).toBe(405);
  expect((await raw(serving.url, { method: "DELETE" })).status).toBe(405);
});

test("methods that the platform has no request for, and two Host lines, are refused and no error of ours", async () => {
  const { serving } = await start();
  for (const method of ["TRACE", "OPTIONS", "PUT"]) expect((await raw(serving.url, { method })).status).toBe(405);
  const { port } = new URL(serving.url);
  const answer = await new Promise<string>((resolve) => {
    const socket = connect(Number(port), "127.0.0.1");
    socket.once("data", (chunk) => {
      socket.destroy();
      resolve(chunk.toString());
    });
    socket.write(`GET /livez HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nHost: evil.example\r\n\r\n`);
  });
  expect(answer).toMatch(/^HTTP\/1\.1 400 /);
});

test("a sender that never finishes its headers is cut off", { timeout: 30_000 }, async () => {
  const { serving } = await start();
  const started = performance.now();
  await new Promise<void>((resolve) => {
    const socket = connect(Number(new URL(serving.url).port), "127.0.0.1");
    socket.on("error", () => {});
    socket.once("close", () => resolve());
    socket.resume();
    socket.write("POST /mcp HTTP/1.1\r\nHost: localhost\r\nx-slow: ");
  });
  expect(performance.now() - started).toBeLessThan(16_000);
});

test("/livez answers, other paths do not, /readyz lives on the admin address only", async () => {
  const { serving } = await start({ admin: "127.0.0.1:0" });
  const base = serving.url.replace("/mcp", "");
  expect(await raw(`${base}/livez`, { method: "GET" })).toEqual({ status: 200, text: "ok\n" });
  expect((await raw(`${base}/readyz`, { method: "GET" })).status).toBe(404);
  expect(await raw(`${serving.adminUrl}/readyz`, { method: "GET" })).toEqual({ status: 200, text: "ready\n" });
  await serving.stopAccepting?.();
  expect((await raw(`${serving.adminUrl}/readyz`, { method: "GET" })).status).toBe(503);
});

test("a token is required where one is set, in constant time, and a session belongs to it", async () => {
  const { serving } = await start({ token: "s3cret-token-value" });
  expect((await raw(serving.url, { body: "{}" })).status).toBe(401);
  expect((await raw(serving.url, { body: "{}", headers: { authorization: "Bearer wrong" } })).status).toBe(401);
  const mcp = await client(serving.url, "2025", { authorization: "Bearer s3cret-token-value" });
  expect((await mcp.listTools()).tools.length).toBeGreaterThan(0);
  await mcp.close();
});

test("an address beyond loopback needs a token, a taken port says what to do", async () => {
  await expect(start({ listen: "0.0.0.0:0" })).rejects.toThrow(/a token is required/);
  await expect(start({ listen: "nonsense" })).rejects.toThrow(/is not an address/);
  const { serving } = await start();
  await expect(start({ listen: new URL(serving.url).host })).rejects.toThrow(/the port is in use. Choose another/);
});

test("stopping loses no call that is running", async () => {
  const { serving, prepared } = await start();
  const mcp = await Promise.all(Array.from({ length: 20 }, (_, i) => client(serving.url, i % 2 ? "2025" : "2026")));
  const calls = mcp.map((each) => each.callTool({ name: "wait", arguments: { ms: 400 } }));
  await vi.waitFor(() => expect(prepared.inflight).toBe(20));
  await serving.stopAccepting?.();
  await prepared.idle();
  const results = await Promise.all(calls);
  expect(results.filter((result) => !result.isError)).toHaveLength(20);
});
