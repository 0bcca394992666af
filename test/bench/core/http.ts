import { type ChildProcess, spawn } from "node:child_process";
import { Agent, request } from "node:http";
import { fileURLToPath } from "node:url";
import type { Result } from "../result.ts";
import { interleaved, median } from "../statistics.ts";
import { cpuMs } from "../stdio-client.ts";

const script = (name: string) => fileURLToPath(new URL(`${name}.ts`, import.meta.url));

async function start(
  name: string,
  tools: number,
  flags: readonly string[],
): Promise<{ readonly child: ChildProcess; readonly url: string }> {
  const child = spawn(process.execPath, [script(name), String(tools), ...flags], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  const url = await new Promise<string>((resolve, reject) => {
    let said = "";
    child.stderr?.on("data", (chunk: Buffer) => {
      said += chunk.toString();
      const found = /http:\/\/\S+/.exec(said);
      if (found) resolve(found[0]);
    });
    child.once("exit", () => reject(new Error(said)));
  });
  return { child, url };
}

/** CPU per `tools/call` in the 2026 era over 20 connections, from the kernel's accounting of the server's process. */
async function cpuPerCall({ child, url }: { child: ChildProcess; url: string }, calls: number): Promise<number> {
  const agent = new Agent({ keepAlive: true, maxSockets: 20 });
  const before = cpuMs(child.pid as number);
  let next = 0;
  await Promise.all(
    Array.from({ length: 20 }, async () => {
      while (next < calls) await post(url, agent, ++next);
    }),
  );
  const used = cpuMs(child.pid as number) - before;
  agent.destroy();
  return (used / calls) * 1_000;
}

const META = {
  "io.modelcontextprotocol/protocolVersion": "2026-07-28",
  "io.modelcontextprotocol/clientCapabilities": {},
};

function post(url: string, agent: Agent, id: number): Promise<void> {
  const body = JSON.stringify({
    jsonrpc: "2.0",
    id,
    method: "tools/call",
    params: { name: "echo", arguments: { text: "hello" }, _meta: META },
  });
  const headers = {
    "content-type": "application/json",
    accept: "application/json, text/event-stream",
    "mcp-protocol-version": "2026-07-28",
    "mcp-method": "tools/call",
    "mcp-name": "echo",
    "content-length": Buffer.byteLength(body),
  };
  return new Promise((resolve, reject) => {
    const sent = request(url, { method: "POST", agent, headers }, (response) => {
      let text = "";
      response.on("data", (chunk: Buffer) => (text += chunk.toString()));
      response.on("end", () =>
        text.includes('"hello"') ? resolve() : reject(new Error(`${response.statusCode} ${text}`)),
      );
    });
    sent.on("error", reject);
    sent.end(body);
  });
}

export async function benchHttp(): Promise<Result[]> {
  const compare = async (tools: number) => {
    const sides = {
      ours: await start("echo-core", tools, ["--http", "--concurrency", "0"]),
      sdk: await start("echo-sdk", tools, []),
    };
    const figures = await interleaved(8, {
      ours: () => cpuPerCall(sides.ours, 3_000),
      sdk: () => cpuPerCall(sides.sdk, 3_000),
    });
    for (const { child } of Object.values(sides)) child.kill();
    return { ours: median(figures.ours), peer: median(figures.sdk) };
  };
  return [
    {
      id: "http",
      what: "CPU per HTTP call, echo, 20 connections",
      unit: "µs",
      ...(await compare(1)),
      peerName: "bare SDK",
      bar: { at: "≤", value: 1.15 },
    },
    {
      id: "http40",
      what: "the same with 40 tools",
      unit: "µs",
      ...(await compare(40)),
      peerName: "bare McpServer",
      bar: { at: "≤", value: 1 },
    },
  ];
}
