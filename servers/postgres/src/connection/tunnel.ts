import type { ChildProcess } from "node:child_process";
import { Duplex } from "node:stream";
import { ToolError, untrusted } from "@mooring/core";
import type { SshDestination } from "../config/ssh-destination.ts";
import type { Address } from "./settings.ts";

/** A line of `ssh` is told to this length. */
const LONGEST_LINE = 200;

/** The arguments of `ssh`: no shell reads them, and nothing is asked at a terminal that is not there. */
function tunnelArguments({ host, user, port }: SshDestination, address: Address): string[] {
  const target = address.hostaddr ?? address.host;
  // Names of hosts and numeric addresses; a socket's folder is none of them.
  if (!/^[\w.:-]+$/.test(target))
    throw new ToolError("unavailable", "Through --ssh a database is reached by the name or the address of its host.", {
      hint: "Ask the person to name the host as the SSH server sees it, such as localhost.",
      retryable: false,
    });
  const forward = `${target.includes(":") ? `[${target}]` : target}:${address.port}`;
  return [
    "-W",
    forward,
    "-o",
    "BatchMode=yes",
    ...(port === undefined ? [] : ["-p", String(port)]),
    "--",
    user === undefined ? host : `${user}@${host}`,
  ];
}

/**
 * The bytes to and from `address`, through the system's `ssh`: it knows keys, agents, known hosts and jump hosts. Fails with
 * `unavailable` and the last line that `ssh` wrote. The process ends with the stream.
 */
export function openTunnel(destination: SshDestination, address: Address, env: NodeJS.ProcessEnv): Duplex {
  const args = tunnelArguments(destination, address);
  // Loaded by those alone who have a tunnel.
  const { spawn } = process.getBuiltinModule("node:child_process");
  const child = spawn("ssh", args, { env: withoutSecrets(env), stdio: ["pipe", "pipe", "pipe"], windowsHide: true });
  return new Tunnel(child, destination.host);
}

// It sends variables on where its configuration says so, and needs none of these.
function withoutSecrets(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !/^(DATABASE_URL|PGPASSWORD|MOORING_)/.test(name)));
}

class Tunnel extends Duplex {
  readonly #child: ChildProcess;
  readonly #host: string;
  #complaint = "";
  #ended = false;

  constructor(child: ChildProcess, host: string) {
    super();
    this.#child = child;
    this.#host = host;
    child.stdout?.on("data", (chunk: Buffer) => {
      if (!this.push(chunk)) child.stdout?.pause();
    });
    child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      this.#complaint = (this.#complaint + text).slice(-4 * LONGEST_LINE);
    });
    // Whether it failed is known when it has ended.
    child.stdin?.on("error", () => {});
    child.on("error", (cause: NodeJS.ErrnoException) => this.destroy(this.#missing(cause)));
    child.on("close", (code) => {
      this.#ended = true;
      if (code === 0) this.push(null);
      else this.destroy(this.#failed());
    });
  }

  override _read(): void {
    this.#child.stdout?.resume();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    // What cannot be written any more is told by the end of the process.
    if (this.#child.stdin?.writable) this.#child.stdin.write(chunk, () => done());
    else done();
  }

  override _final(done: () => void): void {
    this.#child.stdin?.end();
    done();
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    if (!this.#ended) this.#child.kill();
    done(error);
  }

  // An idle connection must not keep the process.
  ref(): this {
    return this.#each("ref");
  }

  unref(): this {
    return this.#each("unref");
  }

  // Pipes are sockets, which Node's types do not say.
  #each(method: "ref" | "unref"): this {
    const { stdin, stdout, stderr } = this.#child;
    for (const part of [this.#child, stdin, stdout, stderr] as (Partial<NodeJS.RefCounted> | null)[])
      part?.[method]?.();
    return this;
  }

  #missing(cause: NodeJS.ErrnoException): ToolError {
    const what = cause.code === "ENOENT" ? "is not installed" : `cannot be started (${cause.code})`;
    return new ToolError("unavailable", `The program ssh ${what}, and the database is reached through it.`, {
      hint: "Ask the person to install the OpenSSH client where the server runs, or to leave out --ssh.",
      retryable: false,
      cause,
    });
  }

  #failed(): ToolError {
    const line =
      this.#complaint
        .trim()
        .split(/[\r\n]+/)
        .at(-1) ?? "";
    const said = line === "" ? "" : ` ssh says: ${untrusted(line.slice(0, LONGEST_LINE))}`;
    return new ToolError("unavailable", `The SSH tunnel through ${this.#host} has ended.${said}`, {
      hint: `Ask the person whether \`ssh ${this.#host}\` logs in without a question, as the user that this server runs as.`,
    });
  }
}
