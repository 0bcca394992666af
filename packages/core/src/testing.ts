import { Client, InMemoryTransport, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import type { CallToolResult } from "@modelcontextprotocol/client";
import { createMcpHandler } from "@modelcontextprotocol/server";
import type { ServerDefinition } from "./definition.ts";
import type { RuntimeOptions } from "./runtime.ts";
import { type Prepared, prepare } from "./server.ts";

export { serverSurface } from "./server-surface.ts";
export { lintTools, surface } from "./surface.ts";

/** The two protocol eras that a server must answer alike: sessions with `initialize`, and metadata on each request. */
export const eras = ["2025", "2026"] as const;
/** One of {@link eras}. */
export type Era = (typeof eras)[number];

/** A connected client; disposing it ends the server too. */
export interface TestClient extends AsyncDisposable {
  readonly client: Client;
  readonly prepared: Prepared;
  call(name: string, args?: Record<string, unknown>): Promise<CallToolResult>;
}

/** How {@link connect} runs the server, and who answers its questions. */
export interface ConnectOptions<Deps> extends RuntimeOptions {
  readonly deps: Deps;
  /** Answers elicitations: `true` agrees, `false` declines, left out: a client that cannot be asked. */
  readonly answer?: (message: string) => boolean | Promise<boolean>;
}

/**
 * A real client wired to the server within the process: `await using mcp = await connect(server, { deps })`.
 * The 2026 era serialises messages as a wire would; the 2025 one passes objects by reference.
 */
export async function connect<Deps extends object>(
  definition: ServerDefinition<Deps>,
  { answer, ...options }: ConnectOptions<Deps>,
  era: Era = "2026",
): Promise<TestClient> {
  const prepared = prepare(definition, options);
  const capabilities = answer ? { elicitation: { form: {} } } : {};
  const client = new Client(
    { name: "test", version: "0.0.0" },
    { capabilities, ...(era === "2026" && { versionNegotiation: { mode: "auto" as const } }) },
  );
  if (answer)
    client.setRequestHandler("elicitation/create", async ({ params }) =>
      (await answer(params.message))
        ? { action: "accept" as const, content: { confirm: true } }
        : { action: "decline" as const },
    );
  const close = era === "2025" ? await pair(prepared, client) : await serve(prepared, client);
  return {
    client,
    prepared,
    call: async (name, args = {}) => (await client.callTool({ name, arguments: args })) as CallToolResult,
    async [Symbol.asyncDispose]() {
      await client.close();
      await close();
      prepared.close();
    },
  };
}

async function pair(prepared: Prepared, client: Client) {
  const [near, far] = InMemoryTransport.createLinkedPair();
  const server = await prepared.factory({ era: "legacy" });
  await server.connect(far);
  await client.connect(near);
  return () => server.close();
}

async function serve(prepared: Prepared, client: Client) {
  const handler = createMcpHandler(prepared.factory);
  const transport = new StreamableHTTPClientTransport(new URL("http://server.test/mcp"), {
    fetch: (url, init) => handler.fetch(new Request(url, init)),
  });
  await client.connect(transport);
  return () => handler.close();
}
