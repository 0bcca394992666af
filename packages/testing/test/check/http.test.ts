import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { checkServer } from "../../src/check/check-server.ts";
import { isLoopback } from "../../src/check/http.ts";

const fixture = fileURLToPath(new URL("fixture.mjs", import.meta.url));

test.for([
  ["http://127.0.0.1:3000/mcp", true],
  ["http://127.1.2.3/", true],
  ["http://localhost/", true],
  ["http://[::1]:3000/", true],
  ["https://example.com/mcp", false],
  ["http://127.0.0.1.example.com/", false],
  ["http://localhost.example.com/", false],
  ["http://0.0.0.0/", false],
  ["http://192.168.0.1/", false],
] as const)("%s is on this machine: %s", ([url, expected]) => {
  expect(isLoopback(url)).toBe(expected);
});

test("what is no MCP server is one finding", async () => {
  const server = createServer((_request, response) => response.writeHead(404).end("nothing here"));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  try {
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`;
    const { checks, ok } = await checkServer({ url, timeoutMs: 5_000 });
    expect(ok).toBe(false);
    expect(checks.map(({ id, status }) => `${status} ${id}`)).toEqual(["fail http/connect"]);
    expect(checks[0]?.detail).toContain("nothing here");
  } finally {
    server.close();
  }
});

test("a command that knows no --http is one finding too", async () => {
  const { checks } = await checkServer({
    command: process.execPath,
    args: [fixture, "none"],
    http: true,
    timeoutMs: 2_000,
    skip: ["start", "stdout", "surface", "tokens", "conformance", "orphans"],
  });
  expect(checks).toEqual([
    expect.objectContaining({
      id: "http/start",
      status: "fail",
      detail: "no URL on stderr within 2 s; it says: the fixture logs to stderr",
    }),
  ]);
});
