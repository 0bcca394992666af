import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import { closing, type ForeignClient, type Target } from "./client.ts";

type Negotiation = "legacy" | "auto" | { readonly pin: "2026-07-28" };

async function withClient<T>(target: Target, mode: Negotiation, work: (client: Client) => Promise<T>): Promise<T> {
  const negotiation = mode === "legacy" ? {} : { versionNegotiation: { mode } };
  const client = new Client({ name: "sdk-v2", version: "0.0.0" }, negotiation);
  await client.connect(
    target.transport === "http"
      ? new StreamableHTTPClientTransport(new URL(target.url))
      : new StdioClientTransport({
          command: target.command,
          args: [...target.args],
          env: { ...target.env },
          stderr: "ignore",
        }),
  );
  return closing(client, work);
}

const sdkV2 = (name: string, mode: Negotiation): ForeignClient => ({
  name: `SDK v2 ${name}`,
  transports: ["stdio", "http"],
  list: (target) =>
    withClient(target, mode, async (client) => (await client.listTools()).tools.map((tool) => tool.name)),
  call: (target, tool, args) =>
    withClient(target, mode, async (client) =>
      JSON.stringify((await client.callTool({ name: tool, arguments: args })).content),
    ),
});

export const sdkV2Clients = [sdkV2("legacy", "legacy"), sdkV2("auto", "auto"), sdkV2("pinned", { pin: "2026-07-28" })];
