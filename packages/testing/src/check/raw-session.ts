import { type ChildProcess, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { tail } from "../tail.ts";
import { type Id, type Message, readMessage } from "./json-rpc.ts";
import { shorten } from "./outcome.ts";
import { family, type Kin, kill, type Running } from "./processes.ts";

/** What came back for a request. */
export type Answer =
  /** `atMs`: since the start of the process. */
  | { readonly kind: "result"; readonly result: Record<string, unknown>; readonly atMs: number }
  | { readonly kind: "error"; readonly code: number; readonly message: string; readonly data?: unknown }
  | { readonly kind: "silence"; readonly ms: number }
  | { readonly kind: "end"; readonly how: string };

/** A line of stdout that is not what it should be. */
export interface BadLine {
  readonly text: string;
  readonly problem: string;
  /** Before the session's first answer. */
  readonly early: boolean;
}

export interface RequestOptions {
  readonly timeoutMs: number;
  /** Default: the next number. */
  readonly id?: Id;
  /** It may stay unanswered. */
  readonly isOptional?: boolean;
}

/** A server as a process, with nothing between the check and its three streams. */
export interface RawSession extends AsyncDisposable {
  readonly pid: number;
  /** How many lines stdout has had. */
  readonly lines: number;
  readonly badLines: readonly BadLine[];
  /** Responses that nobody had asked for. */
  readonly strays: readonly Message[];
  /** Requests of the server to its client. `early`: before its first answer. */
  readonly serverRequests: readonly { readonly method: string; readonly early: boolean }[];
  /** Something was not answered: what comes later may be confused by it. */
  readonly isDoubtful: boolean;
  /** How the process ended, once it has. */
  readonly end: string | undefined;
  readonly ended: Promise<string>;
  request(method: string, params: object | undefined, options: RequestOptions): Promise<Answer>;
  notify(method: string, params?: object): void;
  /** Bytes as they are. */
  write(text: string): void;
  closeStdin(): void;
  signal(name: NodeJS.Signals): void;
  /** What runs of it, or `undefined` where that cannot be told. */
  running(): Running[] | undefined;
  stderr(): string;
  /** Ends it: kindly, and if that takes more than `graceMs` by force, with its children. */
  close(graceMs?: number): Promise<void>;
}

export interface RawOptions {
  readonly env: Readonly<Record<string, string>>;
  readonly cwd?: string;
}

/** A server that writes more than this without a line end is not waited for. */
const MAX_LINE = 64 * 1024 * 1024;
const MAX_BAD_LINES = 1_000;

/** Sessions that a sudden end of this process would leave behind. */
const open = new Set<Kin>();
let isWatching = false;

function watchOwnEnd(): void {
  if (isWatching) return;
  isWatching = true;
  process.on("exit", () => {
    for (const kin of open) kill(kin);
  });
}

/** Starts a server. One that cannot be started is a session that has ended. */
export function startRaw(command: string, args: readonly string[], { env, cwd }: RawOptions): RawSession {
  watchOwnEnd();
  const id = randomUUID();
  const began = performance.now();
  const child = launch(command, args, {
    env: { ...env, MOORING_CHECK_SESSION: id },
    ...(cwd !== undefined && { cwd }),
  });
  const pid = child.pid ?? 0;
  const kin: Kin = { leader: pid, marker: `MOORING_CHECK_SESSION=${id}`, known: new Map() };
  if (pid > 0) open.add(kin);
  const stderr = child.stderr ? tail(child.stderr) : () => "";

  const pending = new Map<string, (answer: Answer) => void>();
  /** Given up: an answer that comes late is no surprise. */
  const forgotten = new Set<string>();
  const badLines: BadLine[] = [];
  const strays: Message[] = [];
  const serverRequests: { method: string; early: boolean }[] = [];
  let lines = 0;
  let hasAnswered = false;
  let isDoubtful = false;
  let end: string | undefined;
  let nextId = 1;

  const { promise: ended, resolve: nowEnded } = Promise.withResolvers<string>();
  void ended.then((how) => {
    for (const resolve of pending.values()) resolve({ kind: "end", how });
    pending.clear();
  });
  function finish(how: string): void {
    if (end !== undefined) return;
    const said = stderr().trim();
    end = said === "" ? how : `${how}; stderr: ${shorten(said.slice(-400), 400)}`;
    nowEnded(end);
  }
  child.once("error", (error) => finish(`it could not be started (${error.message})`));
  child.once("exit", (code, signal) => {
    // What it wrote last may still be on its way, unless a child holds the stream open.
    const drained = child.stdout?.readableEnded
      ? Promise.resolve()
      : new Promise((resolve) => child.stdout?.once("end", resolve));
    void Promise.race([drained, sleep(200)]).then(() =>
      finish(signal === null ? `exit status ${code}` : `signal ${signal}`),
    );
  });

  const send = (message: object) => write(`${JSON.stringify({ jsonrpc: "2.0", ...message })}\n`);
  function write(text: string): void {
    if (child.stdin?.writable) child.stdin.write(text);
  }
  // A server that has closed its stdin shows by not answering.
  child.stdin?.on("error", () => {});

  function complain(bytes: Buffer, problem: string): void {
    // A server that pours out lines is not to fill the memory.
    if (badLines.length < MAX_BAD_LINES)
      badLines.push({ text: shorten(bytes.subarray(0, 400).toString("utf8")), problem, early: !hasAnswered });
  }
  function take(bytes: Buffer): void {
    if (bytes.toString("latin1").trim() === "") return complain(bytes, "an empty line");
    lines += 1;
    const read = readMessage(bytes);
    if ("problem" in read) return complain(bytes, read.problem);
    const { message } = read;
    if (message.method !== undefined) {
      if (message.id === undefined || message.id === null) return;
      serverRequests.push({ method: message.method, early: !hasAnswered });
      send(
        message.method === "ping"
          ? { id: message.id, result: {} }
          : { id: message.id, error: { code: -32_601, message: "Method not found" } },
      );
      return;
    }
    const key = JSON.stringify(message.id);
    const resolve = pending.get(key);
    if (!resolve) {
      if (!forgotten.has(key)) strays.push(message);
      return;
    }
    pending.delete(key);
    hasAnswered = true;
    if (message.error) resolve({ kind: "error", ...message.error });
    else resolve({ kind: "result", result: message.result ?? {}, atMs: performance.now() - began });
  }

  let parts: Buffer[] = [];
  let length = 0;
  child.stdout?.on("data", (chunk: Buffer) => {
    let from = 0;
    for (let to = chunk.indexOf(10); to !== -1; to = chunk.indexOf(10, from)) {
      take(Buffer.concat([...parts, chunk.subarray(from, to)]));
      parts = [];
      length = 0;
      from = to + 1;
    }
    length += chunk.length - from;
    if (length <= MAX_LINE) parts.push(chunk.subarray(from));
  });
  child.stdout?.on("end", () => {
    const rest = Buffer.concat(parts);
    if (rest.length > 0) complain(rest, "a last line without a line end");
  });
  child.stdout?.on("error", () => {});

  async function close(graceMs = 1_500): Promise<void> {
    child.stdin?.end();
    if (end === undefined) await Promise.race([ended, sleep(graceMs)]);
    if (pid > 0) kill(kin);
    if (end === undefined) await Promise.race([ended, sleep(2_000)]);
    // The system takes a moment to clear away what was ended by force.
    for (let turns = 0; pid > 0 && turns < 50 && (family(kin)?.length ?? 0) > 0; turns += 1) await sleep(20);
    open.delete(kin);
    for (const stream of [child.stdin, child.stdout, child.stderr]) stream?.destroy();
  }

  return {
    pid,
    badLines,
    strays,
    serverRequests,
    ended,
    get lines() {
      return lines;
    },
    get isDoubtful() {
      return isDoubtful;
    },
    get end() {
      return end;
    },
    async request(method, params, { timeoutMs, id = nextId++, isOptional = false }) {
      if (end !== undefined) return { kind: "end", how: end };
      const key = JSON.stringify(id);
      const { promise, resolve } = Promise.withResolvers<Answer>();
      pending.set(key, resolve);
      const timer = setTimeout(() => {
        pending.delete(key);
        forgotten.add(key);
        isDoubtful ||= !isOptional;
        resolve({ kind: "silence", ms: timeoutMs });
      }, timeoutMs);
      send({ id, method, ...(params !== undefined && { params }) });
      try {
        return await promise;
      } finally {
        clearTimeout(timer);
      }
    },
    notify: (method, params) => send({ method, ...(params !== undefined && { params }) }),
    write,
    closeStdin: () => void child.stdin?.end(),
    signal: (name) => void child.kill(name),
    running: () => (pid > 0 ? family(kin) : []),
    stderr,
    close,
    [Symbol.asyncDispose]: () => close(),
  };
}

function launch(
  command: string,
  args: readonly string[],
  options: { readonly env: Record<string, string>; readonly cwd?: string },
): ChildProcess {
  const stdio = ["pipe", "pipe", "pipe"] as const;
  // A group of its own, so that it can be ended with its children.
  if (process.platform !== "win32") return spawn(command, args, { ...options, stdio: [...stdio], detached: true });
  if (/\.exe$/i.test(command)) return spawn(command, args, { ...options, stdio: [...stdio], windowsHide: true });
  // `npx` is a script there, which only a shell starts.
  const line = [command, ...args].map((part) =>
    /^[\w.:\\/@=-]+$/.test(part) ? part : `"${part.replaceAll('"', '\\"')}"`,
  );
  return spawn(line.join(" "), { ...options, stdio: [...stdio], shell: true, windowsHide: true });
}
