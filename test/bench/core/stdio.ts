import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { Result } from "../result.ts";
import { median } from "../statistics.ts";

const script = fileURLToPath(new URL("echo-core.ts", import.meta.url));
const FLOOD = 2_000;

interface Flood {
  /** Milliseconds from the flood's one write to each answer's arrival. */
  readonly results: readonly number[];
  readonly refusals: readonly number[];
}

/** 2,000 calls of 50 ms at once, with the cap lifted and with it; the median of five fresh processes. */
export async function benchStdio(): Promise<Result[]> {
  const lifted = await repeat(["--concurrency", "0"]);
  const capped = await repeat([]);
  const last = (times: readonly number[]) => Math.max(0, ...times);
  const complete = (flood: Flood) => flood.results.length + flood.refusals.length === FLOOD;
  const first = capped[0] as Flood;
  return [
    {
      id: "stdio",
      what: "2,000 calls of 50 ms at once, no cap",
      unit: "ms",
      ours: lifted.every((flood) => flood.results.length === FLOOD)
        ? median(lifted.map((flood) => last(flood.results)))
        : Number.POSITIVE_INFINITY,
      bar: { at: "≤", value: 2_000 },
      note: `${(lifted[0] as Flood).results.length} results`,
    },
    {
      id: "capped",
      what: "the same with the default cap: slowest refusal",
      unit: "ms",
      ours: capped.every(complete) ? median(capped.map((flood) => last(flood.refusals))) : Number.POSITIVE_INFINITY,
      bar: { at: "≤", value: 100 },
      note: `${first.results.length} results, ${first.refusals.length} rate_limited`,
    },
  ];
}

async function repeat(flags: readonly string[]): Promise<Flood[]> {
  const floods: Flood[] = [];
  for (let i = 0; i < 5; i++) floods.push(await flood(flags));
  return floods;
}

const call = (id: number, ms: number) =>
  `${JSON.stringify({ jsonrpc: "2.0", id, method: "tools/call", params: { name: "echo", arguments: { text: String(id), ms } } })}\n`;
const HELLO = `${JSON.stringify({ jsonrpc: "2.0", id: 0, method: "initialize", params: { protocolVersion: "2025-06-18", capabilities: {}, clientInfo: { name: "bench", version: "0.0.0" } } })}\n{"jsonrpc":"2.0","method":"notifications/initialized"}\n`;

// Arrivals are noted by chunk and read afterwards: a client that parses while it waits would measure itself.
async function flood(flags: readonly string[]): Promise<Flood> {
  const child = spawn(process.execPath, [script, "1", ...flags], { stdio: ["pipe", "pipe", "ignore"] });
  let chunks: { readonly at: number; readonly bytes: Buffer }[] = [];
  let lines = 0;
  let wanted = 0;
  let arrived = () => {};
  child.stdout.on("data", (bytes: Buffer) => {
    chunks.push({ at: performance.now(), bytes });
    for (let i = bytes.indexOf(10); i !== -1; i = bytes.indexOf(10, i + 1)) lines++;
    if (lines >= wanted) arrived();
  });
  const send = (text: string, answers: number) =>
    new Promise<void>((resolve) => {
      [chunks, lines, wanted, arrived] = [[], 0, answers, resolve];
      child.stdin.write(text);
    });
  await send(HELLO, 1);
  // A server that has served: what is measured is the flood, not the compiler.
  for (let id = 1; id <= 500; id++) await send(call(id, 0), 1);
  const text = Array.from({ length: FLOOD }, (_, i) => call(1_000 + i, 50)).join("");
  const started = performance.now();
  await send(text, FLOOD);
  child.stdin.end();
  await new Promise((resolve) => child.once("exit", resolve));
  return read(chunks, started);
}

function read(chunks: readonly { readonly at: number; readonly bytes: Buffer }[], started: number): Flood {
  const results: number[] = [];
  const refusals: number[] = [];
  let rest = "";
  for (const { at, bytes } of chunks) {
    const lines = (rest + bytes.toString("utf8")).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) {
      if (!line.includes('"isError":true')) results.push(at - started);
      else if (line.includes('"kind":"rate_limited"')) refusals.push(at - started);
    }
  }
  return { results, refusals };
}
