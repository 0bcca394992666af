import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { readFileSync } from "node:fs";

export interface Launch {
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** The thinnest client that can be: what is measured is the server. No cap on a line's length. */
export interface StdioClient {
  readonly pid: number;
  /** Milliseconds from spawn to the answer of `tools/list`. */
  readonly listedMs: number;
  /** Bytes of `{"tools":[…]}` as sent. */
  readonly listBytes: number;
  /** Resolves to the answer's bytes on the wire and its text. Rejects for a JSON-RPC error. */
  call(tool: string, args: object): Promise<Answer>;
  request(method: string, params: object): Promise<Answer>;
  /** Resident memory now, and at its highest, in MB. */
  memory(): { readonly rss: number; readonly peak: number };
  close(): Promise<void>;
}

export interface Answer {
  readonly bytes: number;
  readonly result: {
    readonly content?: readonly { readonly text?: string }[];
    readonly isError?: boolean;
    readonly tools?: unknown;
  };
}

export async function launch({ command, args, env = {} }: Launch): Promise<StdioClient> {
  const started = performance.now();
  const child = spawn(command, [...args], {
    env: { PATH: process.env["PATH"] ?? "", ...env },
    stdio: ["pipe", "pipe", "pipe"],
  });
  child.stderr.resume();
  const pending = new Map<number, (line: Buffer) => void>();
  readLines(child, (line) => {
    // The id stands at the end or the start of the line: parsing 10 MB to find it would measure the client.
    const id =
      /"id":(\d+)/.exec(line.subarray(0, 60).toString("latin1")) ??
      /"id":(\d+)\}?\s*$/.exec(line.subarray(-40).toString("latin1"));
    if (!id) return;
    const settle = pending.get(Number(id[1]));
    pending.delete(Number(id[1]));
    settle?.(line);
  });
  let next = 0;
  const send = (method: string, params: object): Promise<Buffer> =>
    new Promise((resolve, reject) => {
      const id = ++next;
      pending.set(id, resolve);
      child.once("exit", () => reject(new Error(`${command} ended during ${method}`)));
      child.setMaxListeners(0);
      child.stdin.write(`${JSON.stringify({ jsonrpc: "2.0", id, method, params })}\n`);
    });
  const request = async (method: string, params: object): Promise<Answer> => {
    const line = await send(method, params);
    const message = JSON.parse(line.toString("utf8")) as { result?: Answer["result"]; error?: { message: string } };
    if (!message.result) throw new Error(`${method}: ${message.error?.message}`);
    return { bytes: line.length, result: message.result };
  };
  await request("initialize", {
    protocolVersion: "2025-06-18",
    capabilities: {},
    clientInfo: { name: "bench", version: "0.0.0" },
  });
  child.stdin.write('{"jsonrpc":"2.0","method":"notifications/initialized"}\n');
  const list = await request("tools/list", {});
  const listedMs = performance.now() - started;
  return {
    pid: child.pid as number,
    listedMs,
    listBytes: Buffer.byteLength(JSON.stringify({ tools: list.result.tools })),
    request,
    call: (tool, args_) => request("tools/call", { name: tool, arguments: args_ }),
    memory() {
      const status = readFileSync(`/proc/${child.pid}/status`, "utf8");
      const kb = (key: string) => Number(new RegExp(`${key}:\\s+(\\d+)`).exec(status)?.[1]) / 1_024;
      return { rss: kb("VmRSS"), peak: kb("VmHWM") };
    },
    close: () =>
      new Promise((resolve) => {
        child.removeAllListeners("exit");
        child.once("exit", () => resolve());
        child.stdin.end();
        setTimeout(() => child.kill("SIGKILL"), 2_000).unref();
      }),
  };
}

function readLines(child: ChildProcessWithoutNullStreams, line: (line: Buffer) => void): void {
  let parts: Buffer[] = [];
  child.stdout.on("data", (chunk: Buffer) => {
    let start = 0;
    for (let end = chunk.indexOf(10); end !== -1; end = chunk.indexOf(10, start)) {
      parts.push(chunk.subarray(start, end));
      line(parts.length === 1 ? (parts[0] as Buffer) : Buffer.concat(parts));
      parts = [];
      start = end + 1;
    }
    if (start < chunk.length) parts.push(chunk.subarray(start));
  });
}

/** CPU that a process and its threads have used, in milliseconds, from the kernel's own accounting. */
export function cpuMs(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  // utime and stime in ticks of 10 ms
  return (Number(fields[11]) + Number(fields[12])) * 10;
}
