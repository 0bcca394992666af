// What an author wrote with the SDK of 2025: one tool, nothing of ours.
import { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import { StdioServerTransport } from "@modelcontextprotocol/sdk/server/stdio.js";
import * as z from "zod";

const server = new McpServer({ name: "plain-v1", version: "1.0.0" });
server.registerTool(
  "greet",
  {
    title: "Greet",
    description: "Greets somebody.",
    inputSchema: { name: z.string().describe("Whom to greet.") },
    annotations: { readOnlyHint: true, openWorldHint: false },
  },
  ({ name }) => ({ content: [{ type: "text", text: `Hello, ${name}!` }] }),
);
await server.connect(new StdioServerTransport());
