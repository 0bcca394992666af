// The same echo server on the bare SDK, as its documentation shows it: `node echo-sdk.ts <number of tools>`.
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { toNodeHandler } from "@modelcontextprotocol/node";
import { createMcpHandler, McpServer } from "@modelcontextprotocol/server";
import * as z from "zod";

const count = Number(process.argv[2] ?? "1");
const inputSchema = z.object({ text: z.string() });
const handler = createMcpHandler(() => {
  const server = new McpServer({ name: "echo", version: "0.0.0" });
  for (let i = 0; i < count; i++)
    server.registerTool(
      i === 0 ? "echo" : `echo_${i}`,
      { title: "Echo", description: "Answers with what it was given.", inputSchema },
      ({ text }) => ({
        content: [{ type: "text", text }],
      }),
    );
  return server;
});
const node = toNodeHandler(handler);
const listener = createServer((request, response) => void node(request as never, response));
listener.listen(0, "127.0.0.1", () =>
  console.error(`listens on http://127.0.0.1:${(listener.address() as AddressInfo).port}/mcp`),
);
