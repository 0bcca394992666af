// What an author writes with the SDK of 2026 alone, on stdio or with --http: one tool, nothing of ours.
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { toNodeHandler } from "@modelcontextprotocol/node";
import { createMcpHandler, McpServer } from "@modelcontextprotocol/server";
import { serveStdio } from "@modelcontextprotocol/server/stdio";
import * as z from "zod";

function factory(): McpServer {
  const server = new McpServer({ name: "plain-v2", version: "1.0.0" });
  server.registerTool(
    "greet",
    {
      title: "Greet",
      description: "Greets somebody.",
      inputSchema: z.object({ name: z.string().describe("Whom to greet.") }),
      annotations: { readOnlyHint: true, openWorldHint: false },
    },
    ({ name }) => ({ content: [{ type: "text", text: `Hello, ${name}!` }] }),
  );
  return server;
}

if (process.argv.includes("--http")) {
  const handle = toNodeHandler(createMcpHandler(factory));
  // The adapter's type has no room for the `undefined` that Node's own type allows.
  const http = createServer((request, response) => void handle(request as Parameters<typeof handle>[0], response));
  http.listen(0, "127.0.0.1", () => console.error(`http://127.0.0.1:${(http.address() as AddressInfo).port}/mcp`));
} else serveStdio(factory);
