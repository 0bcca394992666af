import { spawn } from "node:child_process";
import { readLines, withEnd } from "./lines.ts";

export interface ChildOptions {
  readonly entry: string;
  readonly args: readonly string[];
  readonly cwd: string;
  onLine(line: Buffer): void;
  /** stdin takes more again, or never will. */
  onDrain(): void;
  /** Once, when the process and its output have ended. */
  onExit(exit: Exit): void;
}

export interface Exit {
  /** `exit status 1`, `SIGKILL`, or why it could not be started. */
  readonly how: string;
  /** What it wrote to stderr and nobody has seen yet. */
  readonly stderr: string;
}

/** The process of one version of the server. */
export interface Child {
  readonly pid: number | undefined;
  /** @returns false when stdin is full, until `onDrain` */
  send(line: Buffer): boolean;
  pause(): void;
  resume(): void;
  /** Shows what it has written to stderr, and from now on what it writes. */
  showStderr(): void;
  /** Closes stdin; then, for a process that does not end by itself, SIGTERM and SIGKILL. */
  end(): void;
  kill(): void;
}

/** Until then stderr is kept: the reason for which a version does not start is told in fewer words. */
const SILENT_MS = 1_000;
const KEPT_STDERR = 64 * 1024;
/** Hosts wait 2 s between closing stdin and a signal, so all of it fits in there. */
const TERM_MS = 500;
const KILL_MS = 1_800;

export function startChild({ entry, args, cwd, onLine, onDrain, onExit }: ChildOptions): Child {
  const child = spawn(process.execPath, [entry, ...args], { cwd, stdio: ["pipe", "pipe", "pipe"] });
  let kept: string | undefined = "";
  let problem: string | undefined;
  let ending = false;
  let over = false;
  const timers: NodeJS.Timeout[] = [];
  const showStderr = () => {
    if (kept) process.stderr.write(kept);
    kept = undefined;
  };
  const after = (ms: number, act: () => void) => void timers.push(setTimeout(act, ms));
  const kill = () => void child.kill("SIGKILL");

  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    if (kept === undefined) process.stderr.write(text);
    else kept = (kept + text).slice(-KEPT_STDERR);
  });
  after(SILENT_MS, showStderr);
  readLines(child.stdout, onLine);
  // A process that ends while something is written to it is told of by its exit.
  child.stdin.on("error", () => {});
  child.stdin.on("drain", onDrain);
  child.stdin.on("close", onDrain);
  const exited = (how: string) => {
    if (over) return;
    over = true;
    for (const timer of timers) clearTimeout(timer);
    process.off("exit", kill);
    onDrain();
    onExit({ how, stderr: kept ?? "" });
  };
  child.on("error", (error) => {
    problem = error.message;
    if (child.pid === undefined) exited(problem);
  });
  const close = (code: number | null, signal: NodeJS.Signals | null) => exited(signal ?? `exit status ${String(code)}`);
  child.on("close", close);
  // Its own children may hold its output open for longer than it lives.
  child.on("exit", (code, signal) => void setTimeout(close, 200, code, signal).unref());
  process.on("exit", kill);

  return {
    pid: child.pid,
    send: (line) => !child.stdin.writable || child.stdin.write(withEnd(line)),
    pause: () => void child.stdout.pause(),
    resume: () => void child.stdout.resume(),
    showStderr,
    end() {
      if (ending || over) return;
      ending = true;
      child.stdin.end();
      after(TERM_MS, () => void child.kill("SIGTERM"));
      after(KILL_MS, kill);
    },
    kill,
  };
}
