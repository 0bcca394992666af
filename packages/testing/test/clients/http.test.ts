import http from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { expect, test } from "vitest";
import { connectHttp } from "../../src/clients/http.ts";
import { freePort } from "../../src/services/free-port.ts";

/** Answers `initialize` and nothing else, with a session; remembers what it was asked. */
async function sessionfulServer() {
  const requests: { method: string; authorization?: string }[] = [];
  const server = http.createServer((request, response) => {
    void text(request).then((body) => {
      const { id, method } = (body ? JSON.parse(body) : {}) as { id?: number; method?: string };
      const { authorization } = request.headers;
      requests.push({ method: method ?? request.method ?? "", ...(authorization && { authorization }) });
      if (method !== "initialize") return response.writeHead(request.method === "GET" ? 405 : 202).end();
      const result = { protocolVersion: "2025-11-25", capabilities: {}, serverInfo: { name: "x", version: "1" } };
      response.writeHead(200, { "content-type": "application/json", "mcp-session-id": "s1" });
      return response.end(JSON.stringify({ jsonrpc: "2.0", id, result }));
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`;
  return { url, requests, [Symbol.dispose]: () => void server.close() };
}

test("headers go with every request, and closing ends the session of the 2025 era", async () => {
  using server = await sessionfulServer();
  const session = await connectHttp(server.url, { era: "2025", headers: { authorization: "Bearer t" } });
  await session.close();
  const methods = server.requests.map(({ method }) => method);
  expect(methods).toContain("initialize");
  expect(methods.at(-1)).toBe("DELETE");
  expect(server.requests.every(({ authorization }) => authorization === "Bearer t")).toBe(true);
  expect(session.transcript[0]).toMatchObject({ to: "server", message: { method: "initialize" } });
});

test("a server that is gone does not keep a session from closing", async () => {
  const server = await sessionfulServer();
  const session = await connectHttp(server.url, { era: "2025" });
  server[Symbol.dispose]();
  await expect(session.close()).resolves.toBeUndefined();
});

test("nobody listening is an error", async () => {
  const url = `http://127.0.0.1:${await freePort()}/mcp`;
  await expect(connectHttp(url, { era: "2025" })).rejects.toThrow("fetch failed");
});
