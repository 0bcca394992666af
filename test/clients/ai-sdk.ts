import { createMCPClient } from "@ai-sdk/mcp";
import { Experimental_StdioMCPTransport as StdioMCPTransport } from "@ai-sdk/mcp/mcp-stdio";
import { closing, type ForeignClient, type Target } from "./client.ts";

async function withClient<T>(
  target: Target,
  work: (client: Awaited<ReturnType<typeof createMCPClient>>) => Promise<T>,
): Promise<T> {
  const client = await createMCPClient({
    transport:
      target.transport === "http"
        ? { type: "http", url: target.url }
        : new StdioMCPTransport({
            command: target.command,
            args: [...target.args],
            env: { ...target.env },
            stderr: "ignore",
          }),
  });
  return closing(client, work);
}

export const aiSdk: ForeignClient = {
  name: "@ai-sdk/mcp",
  transports: ["stdio", "http"],
  list: (target) => withClient(target, async (client) => Object.keys(await client.tools())),
  call: (target, tool, args) =>
    withClient(target, async (client) => {
      const tools = await client.tools();
      return JSON.stringify(await tools[tool]?.execute(args as never, { toolCallId: "1", messages: [] } as never));
    }),
};
