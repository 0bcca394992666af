import { type ChildProcessWithoutNullStreams, spawn, spawnSync } from "node:child_process";
import { createInterface } from "node:readline";
import { bin } from "./project.ts";

export interface Wire {
  readonly id?: number | string;
  readonly method?: string;
  // Whatever a server says: tests look into it with matchers.
  readonly params?: Readonly<Record<string, unknown>>;
  readonly result?: Readonly<Record<string, unknown>>;
  readonly error?: { readonly code: number; readonly message: string };
}

/** A client that is nothing but lines, so that every one of them is seen. */
export interface RawSession extends AsyncDisposable {
  readonly process: ChildProcessWithoutNullStreams;
  /** Everything that came, oldest first. */
  readonly received: readonly Wire[];
  /** What came on stdout and is not JSON. */
  readonly garbage: readonly string[];
  stderr(): string;
  send(message: Wire): void;
  request(method: string, params?: Readonly<Record<string, unknown>>): Promise<Wire>;
  /** Calls a tool and resolves to the text of its answer. */
  call(name: string, args?: object): Promise<string>;
  /** The handshake of 2025. */
  initialize(capabilities?: object): Promise<Wire>;
  /** The first message, of those that have come or will come, that fits. */
  message(fits: (message: Wire) => boolean): Promise<Wire>;
  readonly exited: Promise<number | null>;
}

export function rawSession(
  cwd: string,
  args: readonly string[] = [],
  env: NodeJS.ProcessEnv = {},
  command: readonly string[] = [process.execPath, bin, "dev"],
): RawSession {
  const [file = "", ...own] = command;
  const child = spawn(file, [...own, ...args], { cwd, env: { ...process.env, ...env } });
  const received: Wire[] = [];
  const garbage: string[] = [];
  const waiting = new Set<() => void>();
  let stderr = "";
  let nextId = 100;
  child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  createInterface({ input: child.stdout }).on("line", (line) => {
    try {
      received.push(JSON.parse(line) as Wire);
    } catch {
      garbage.push(line);
    }
    for (const look of waiting) look();
  });
  const exited = new Promise<number | null>((resolve) => child.on("close", resolve));
  child.stdin.on("error", () => {});
  const send = (message: Wire) => void child.stdin.write(`${JSON.stringify({ jsonrpc: "2.0", ...message })}\n`);
  const message = (fits: (message: Wire) => boolean) =>
    new Promise<Wire>((resolve) => {
      const look = () => {
        const found = received.find(fits);
        if (!found) return;
        waiting.delete(look);
        resolve(found);
      };
      waiting.add(look);
      look();
    });
  const request: RawSession["request"] = (method, params = {}) => {
    const id = nextId++;
    send({ id, method, params });
    return message((answer) => answer.id === id && answer.method === undefined);
  };
  return {
    process: child,
    received,
    garbage,
    stderr: () => stderr,
    send,
    request,
    message,
    exited,
    async call(name, args = {}) {
      const { result, error } = await request("tools/call", { name, arguments: args });
      const [content] = (result?.["content"] ?? []) as { text: string }[];
      return content?.text ?? `error: ${error?.message ?? ""}`;
    },
    async initialize(capabilities = {}) {
      const clientInfo = { name: "raw", version: "1" };
      const answer = await request("initialize", { protocolVersion: "2025-11-25", capabilities, clientInfo });
      send({ method: "notifications/initialized" });
      return answer;
    },
    async [Symbol.asyncDispose]() {
      child.stdin.end();
      await exited;
    },
  };
}

/** Asks until the answer is the wanted one. */
export async function until(wanted: string, ask: () => Promise<string>): Promise<void> {
  for (let answer = await ask(); answer !== wanted; answer = await ask())
    await new Promise((resolve) => setTimeout(resolve, 20));
}

/** Waits until something holds. */
export async function eventually(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 20));
}

/** Processes started by one, as Linux and macOS tell them. */
export function childrenOf(pid: number | undefined): number[] {
  const { stdout } = spawnSync("ps", ["-A", "-o", "pid=,ppid=,stat="], { encoding: "utf8" });
  return stdout
    .split("\n")
    .map((line) => line.trim().split(/\s+/u))
    .filter(([, parent, state]) => Number(parent) === pid && state?.startsWith("Z") === false)
    .map(([id]) => Number(id));
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
