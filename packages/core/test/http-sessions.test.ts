import { afterEach, expect, test, vi } from "vitest";
import { mcpEndpoint } from "../src/http-endpoint.ts";
import { createLog } from "../src/log.ts";
import { createRedactor } from "../src/redact.ts";
import { prepare } from "../src/server.ts";
import { notesDeps, notesServer } from "./notes-server.ts";
import { EventEmitter } from "node:events";

afterEach(() => vi.useRealTimers());

const log = createLog({ level: "silent", redactor: createRedactor("own") });
const initialize = {
  jsonrpc: "2.0",
  id: 1,
  method: "initialize",
  params: { protocolVersion: "2025-11-25", capabilities: {}, clientInfo: { name: "t", version: "0" } },
};

function endpoint() {
  const mcp = mcpEndpoint(prepare(notesServer, { deps: notesDeps() }), { log, maxBody: 1_000_000 });
  const handle = (body: unknown, session?: string) => {
    const headers = ["content-type", "application/json", "accept", "application/json, text/event-stream"];
    const incoming = { method: "POST", rawHeaders: session ? [...headers, "mcp-session-id", session] : headers };
    const outgoing = new EventEmitter();
    return { outgoing, answer: mcp.handle(incoming as never, outgoing as never, body, undefined) };
  };
  const open = async () => (await handle(initialize).answer).headers.get("mcp-session-id") as string;
  return { mcp, handle, open };
}

test(
  "when there are too many sessions the longest idle one makes room, none that is new",
  { timeout: 60_000 },
  async () => {
    vi.useFakeTimers({ toFake: ["Date"] });
    const { mcp, handle, open } = endpoint();
    const first = await open();
    vi.setSystemTime(Date.now() + 1_000);
    const second = await open();
    for (let i = 2; i < 1_024; i++) await open();
    await expect(open()).rejects.toMatchObject({ status: 503 });
    vi.setSystemTime(Date.now() + 61_000);
    // A stream that is open keeps its session, however old.
    const ping = { jsonrpc: "2.0", id: 2, method: "ping" };
    const { outgoing, answer } = handle(ping, first);
    await answer;
    vi.setSystemTime(Date.now() + 61_000);
    expect(await open()).toMatch(/./);
    await expect(handle(ping, second).answer).rejects.toMatchObject({ status: 404 });
    expect((await handle(ping, first).answer).status).toBe(200);
    outgoing.emit("close");
    await mcp.close();
  },
);
