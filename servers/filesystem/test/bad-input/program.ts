import { type ChildProcess, execFile, execFileSync, spawn } from "node:child_process";
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { Client } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";

export const bin = fileURLToPath(new URL("../../dist/bin.js", import.meta.url));

/** An empty home, a state folder that does not exist yet, and a directory to share. */
export interface Place extends Disposable {
  readonly base: string;
  readonly shared: string;
  readonly state: string;
  readonly env: Record<string, string>;
}

export function place(): Place {
  const base = realpathSync(mkdtempSync(join(tmpdir(), "bad-input-")));
  const shared = join(base, "shared");
  const home = join(base, "home");
  for (const folder of [shared, home]) mkdirSync(folder);
  return {
    base,
    shared,
    state: join(home, "state", "mooring", "filesystem"),
    env: { HOME: home, XDG_STATE_HOME: join(home, "state"), PATH: process.env["PATH"] ?? "" },
    [Symbol.dispose]: () => rmSync(base, { recursive: true, force: true, maxRetries: 5 }),
  };
}

export interface Ended {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly env: Readonly<Record<string, string>>;
  readonly input?: string | Buffer;
  readonly node?: string;
}

/** Runs the program to its end; stdin ends at once, as when a host goes away. */
export function run(args: readonly string[], { env, input = "", node = process.execPath }: RunOptions): Promise<Ended> {
  return new Promise((resolve) => {
    const child = execFile(node, [bin, ...args], { env, timeout: 15_000 }, (_, stdout, stderr) =>
      resolve({ status: child.exitCode, stdout, stderr }),
    );
    // The program may end before it has read everything.
    child.stdin?.on("error", () => {});
    child.stdin?.end(input);
  });
}

/** The text and kind of one answer. */
export interface Answer {
  readonly text: string;
  readonly isError: boolean;
  readonly kind: string | undefined;
}

export interface Session extends AsyncDisposable {
  readonly client: Client;
  readonly pid: number;
  call(name: string, args?: Record<string, unknown>): Promise<Answer>;
  /** The text of a call that must succeed. */
  ok(name: string, args?: Record<string, unknown>): Promise<string>;
  /** `kind: text` of a call that must fail. */
  fails(name: string, args?: Record<string, unknown>): Promise<string>;
  stderr(): string;
  /** The messages of its log lines. */
  logged(): string[];
}

/** Starts the program as a host does. `command`: what stands before its arguments. */
export async function serve(
  args: readonly string[],
  { env, command = [process.execPath, bin] }: { env: Record<string, string>; command?: readonly string[] },
): Promise<Session> {
  const [program, ...before] = command as [string, ...string[]];
  const transport = new StdioClientTransport({ command: program, args: [...before, ...args], env, stderr: "pipe" });
  let stderr = "";
  transport.stderr?.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
  const client = new Client({ name: "bad-input", version: "0.0.0" });
  await client.connect(transport).catch((error: unknown) => {
    throw new Error(`It did not start: ${stderr}`, { cause: error });
  });
  async function call(name: string, input: Record<string, unknown> = {}): Promise<Answer> {
    const { content, isError, _meta } = await client.callTool({ name, arguments: input });
    const text = content.map((block) => (block.type === "text" ? block.text : "")).join("\n");
    return { text, isError: isError === true, kind: (_meta?.["mooring/error"] as { kind?: string } | undefined)?.kind };
  }
  return {
    client,
    pid: transport.pid ?? 0,
    call,
    async ok(name, input) {
      const { text, isError } = await call(name, input);
      if (isError) throw new Error(`${name} failed: ${text}`);
      return text;
    },
    async fails(name, input) {
      const { text, isError, kind } = await call(name, input);
      if (!isError) throw new Error(`${name} should have failed: ${text}`);
      return `${kind}: ${text}`;
    },
    stderr: () => stderr,
    logged: () =>
      stderr
        .split("\n")
        .filter((line) => line !== "")
        .map((line) => (JSON.parse(line) as { msg: string }).msg),
    [Symbol.asyncDispose]: () => client.close(),
  };
}

/**
 * A command that runs the program as a user who owns nothing, for what root would be allowed. That user runs a copy: the
 * checkout may lie in somebody's private folder.
 */
export function asNobody({ base }: Place): readonly string[] {
  if (process.getuid?.() !== 0) return [process.execPath, bin];
  const server = fileURLToPath(new URL("../..", import.meta.url));
  for (const part of ["dist", "package.json", "SKILL.md"])
    cpSync(join(server, part), join(base, "program", part), { recursive: true });
  chmodSync(base, 0o755);
  const copy = JSON.stringify(join(base, "program", "dist", "bin.js"));
  const become = `process.setgroups([]);process.setgid(65534);process.setuid(65534);`;
  const script = `${become}process.argv.splice(1,0,${copy});await import(${copy})`;
  return [process.execPath, "--input-type=module", "-e", script, "--"];
}

/** A small file system at a folder until disposed; `undefined` where nothing can be mounted. */
export function mounted(
  folder: string,
  options: string,
): (Disposable & { remount(options: string): void }) | undefined {
  mkdirSync(folder, { recursive: true });
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", options, "tmpfs", folder], { stdio: "ignore" });
  } catch {
    return undefined;
  }
  return {
    remount: (changed) => void execFileSync("mount", ["-o", `remount,${changed}`, folder]),
    // Lazily: a server that has just ended may still hold it.
    [Symbol.dispose]: () => void execFileSync("umount", ["-l", folder]),
  };
}

/** A Node that is too old, where this machine has one. */
export function oldNode(): string | undefined {
  const folders = [...(process.env["PATH"] ?? "").split(delimiter), "/usr/local/bin", "/usr/bin"];
  return folders
    .map((folder) => join(folder, "node"))
    .find((path) => {
      if (!existsSync(path)) return false;
      const [major = 0, minor = 0] = execFileSync(path, ["-p", "process.versions.node"])
        .toString()
        .split(".")
        .map(Number);
      return major < 22 || (major === 22 && minor < 12);
    });
}

/** The program with its messages written by hand, to see how it ends. */
export interface Raw {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  /** Sends a call without waiting. */
  send(name: string, args: Record<string, unknown>): void;
  /** What came on stdout so far. */
  stdout(): string;
}

export function raw(args: readonly string[], env: Readonly<Record<string, string>>): Raw {
  const child = spawn(process.execPath, [bin, ...args], { env, stdio: ["pipe", "pipe", "pipe"] });
  let stdout = "";
  let stderr = "";
  child.stdout.on("data", (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
  child.stdin.on("error", () => {});
  let id = 0;
  const write = (message: object) => void child.stdin.write(`${JSON.stringify({ jsonrpc: "2.0", ...message })}\n`);
  const clientInfo = { name: "raw", version: "0" };
  write({
    id: id++,
    method: "initialize",
    params: { protocolVersion: "2025-11-25", capabilities: {}, clientInfo },
  });
  write({ method: "notifications/initialized" });
  return {
    child,
    stdout: () => stdout,
    ended: new Promise((resolve) => child.on("close", (status) => resolve({ status, stdout, stderr }))),
    send: (name, input) => write({ id: id++, method: "tools/call", params: { name, arguments: input } }),
  };
}

/** Waits until something is so; throws when it does not come to be. */
export async function until(what: () => boolean, milliseconds = 10_000): Promise<void> {
  for (const end = Date.now() + milliseconds; !what();) {
    if (Date.now() > end) throw new Error(`It never came to be: ${what.toString()}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
