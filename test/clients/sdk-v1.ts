import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { closing, type ForeignClient, type Target } from "./client.ts";

async function withClient<T>(target: Target, work: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({ name: "sdk-v1", version: "0.0.0" });
  await client.connect(
    target.transport === "http"
      ? // The SDK's own types disagree under exactOptionalPropertyTypes.
        (new StreamableHTTPClientTransport(new URL(target.url)) as never)
      : new StdioClientTransport({
          command: target.command,
          args: [...target.args],
          env: { ...target.env },
          stderr: "ignore",
        }),
  );
  return closing(client, work);
}

export const sdkV1: ForeignClient = {
  name: "SDK v1",
  transports: ["stdio", "http"],
  list: (target) => withClient(target, async (client) => (await client.listTools()).tools.map((tool) => tool.name)),
  call: (target, tool, args) =>
    withClient(target, async (client) =>
      JSON.stringify((await client.callTool({ name: tool, arguments: { ...args } })).content),
    ),
};
