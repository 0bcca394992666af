import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { connectStdio, type StdioOptions, type StdioSession } from "../clients/stdio.ts";
import { carry } from "./bridge.ts";
import { classified, type Connection } from "./connection.ts";
import { canIsolate, canTrace, unshareArgs } from "./means.ts";
import { parseStrace, straceArgs } from "./strace.ts";

export interface RecordOptions extends StdioOptions {
  /** What the server may reach; nothing when left out. */
  readonly services?: readonly { readonly url: string }[];
}

/** What a server tried to reach while it ran. */
export interface ConnectionRecord {
  /** Everything but the services, in order; names are given where JavaScript asked for them. */
  readonly others: readonly Connection[];
  /** Connections to the services. */
  readonly toServices: number;
  /** `strace`: what the kernel was asked, by any code. `node`: what JavaScript asked (no native code, no other programs). */
  readonly witness: "strace" | "node";
  /** Whether the kernel kept everything but the services out of reach. */
  readonly isolated: boolean;
}

/**
 * Runs a server where only its services are reachable, drives it, and tells what it tried to reach besides: a server without
 * telemetry and update checks leaves `others` empty. Neither needs root. On Linux the server runs in a network namespace of
 * its own (where namespaces are allowed) with doors to the services, under strace (where it is installed); elsewhere a hook
 * inside Node is the witness. Throws what `drive` throws.
 */
export async function recordConnections(
  command: string,
  args: readonly string[],
  drive: (session: StdioSession) => Promise<unknown>,
  { services = [], env = {}, ...options }: RecordOptions = {},
): Promise<ConnectionRecord> {
  const scratch = await mkdtemp(path.join(os.tmpdir(), "mooring-net-"));
  const doors = services.map(({ url }, index) => ({ ...addressOf(url), path: path.join(scratch, `${index}.sock`) }));
  const outside = canIsolate()
    ? await Promise.all(doors.map((door) => carry({ path: door.path }, { host: door.host, port: door.port })))
    : [];
  try {
    const [program = command, ...rest] = isolated(doors, traced(scratch, [command, ...args]));
    const session = await connectStdio(program, rest, {
      ...options,
      env: {
        ...env,
        MOORING_RECORD_CONNECTIONS: path.join(scratch, "node"),
        NODE_OPTIONS: `${env["NODE_OPTIONS"] ?? ""} --require=${JSON.stringify(beside("node-hook"))}`.trim(),
      },
    });
    try {
      await drive(session);
    } finally {
      await session.close();
    }
    // Our own doors are no connections of the server.
    const seen = (await witnessed(scratch)).filter(({ target }) => !target.startsWith(scratch));
    return sum(seen, doors);
  } finally {
    for (const server of outside) server.close();
    await rm(scratch, { recursive: true, force: true });
  }
}

interface Door {
  readonly host: string;
  readonly port: number;
  readonly path: string;
}

function addressOf(url: string): { host: string; port: number } {
  const { hostname, port, protocol } = new URL(url);
  const standard = protocol === "https:" ? 443 : protocol.startsWith("postgres") ? 5432 : 80;
  return { host: hostname === "localhost" ? "127.0.0.1" : hostname, port: Number(port || standard) };
}

// A client may ask a sibling process first: each process has a trace of its own.
function traced(scratch: string, command: string[]): string[] {
  if (!canTrace()) return command;
  return ["/bin/sh", "-c", 'exec strace -o "$0/strace.$$" "$@"', scratch, ...straceArgs, "--", ...command];
}

function isolated(doors: readonly Door[], command: string[]): string[] {
  if (!canIsolate()) return command;
  // Without services nothing has to be let in, and the server stays the process that a client started.
  if (doors.length === 0) return ["unshare", ...unshareArgs, "--", ...command];
  return ["unshare", ...unshareArgs, "--", process.execPath, beside("enter"), JSON.stringify(doors), ...command];
}

/** A module beside this one: the source where this is the source, the built file where it is built. */
function beside(name: string): string {
  return fileURLToPath(new URL(`./${name}${import.meta.url.slice(-3)}`, import.meta.url));
}

async function witnessed(scratch: string): Promise<Connection[]> {
  const read = (name: string) => readFile(path.join(scratch, name), "utf8");
  const files = await readdir(scratch);
  const byNode = files.includes("node")
    ? (await read("node"))
        .trim()
        .split("\n")
        .map((line) => named(JSON.parse(line) as Connection))
    : [];
  if (!canTrace()) return byNode;
  const traces = await Promise.all(files.filter((name) => name.startsWith("strace.")).map(read));
  const byKernel = traces.flatMap(parseStrace);
  const asked = byNode.filter(({ kind }) => kind === "dns");
  // The kernel only knows which resolver was asked, and asked again.
  return asked.length > 0 ? [...byKernel.filter(({ kind }) => kind !== "dns"), ...asked] : byKernel;
}

function named(connection: Connection): Connection {
  return connection.kind === "dns" ? connection : classified(connection.kind, connection.target);
}

function sum(connections: readonly Connection[], doors: readonly Door[]): ConnectionRecord {
  const allowed = new Set(
    doors.flatMap(({ host, port }) => [`${host}:${port}`, ...(host === "127.0.0.1" ? [`[::1]:${port}`] : [])]),
  );
  const others = connections.filter(({ kind, target }) => kind !== "tcp" || !allowed.has(target));
  return {
    others,
    toServices: connections.length - others.length,
    witness: canTrace() ? "strace" : "node",
    isolated: canIsolate(),
  };
}
