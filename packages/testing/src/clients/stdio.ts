import type { Readable } from "node:stream";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import { keep } from "../artifacts.ts";
import { tail } from "../tail.ts";
import { openSession, type Session, type SessionOptions } from "./session.ts";

export interface StdioOptions extends SessionOptions {
  /** Set for the server, besides what hosts pass on by themselves (HOME, PATH and the like). */
  readonly env?: Readonly<Record<string, string>> | undefined;
  readonly cwd?: string;
}

export interface StdioSession extends Session {
  /** Everything the server has written to stderr so far. */
  stderr(): string;
  /** The process that was started. */
  readonly pid: number;
}

/**
 * Starts a server as a host does and connects to it; the process ends with the session. In the eras "2026" and "auto" the
 * SDK's client asks a short-lived sibling process first, so the server starts twice.
 * Throws, with what the server wrote to stderr, when it cannot be started or does not answer.
 */
export async function connectStdio(
  command: string,
  args: readonly string[] = [],
  { env = {}, cwd, ...options }: StdioOptions = {},
): Promise<StdioSession> {
  const transport = new StdioClientTransport({
    command,
    args: [...args],
    env: { ...env },
    stderr: "pipe",
    ...(cwd === undefined ? {} : { cwd }),
  });
  const stderr = tail(transport.stderr as Readable);
  const forget = keep("stderr.log", stderr);
  let session: Session;
  try {
    session = await openSession(transport, options);
  } catch (error) {
    await forget();
    const said = stderr().trim();
    throw new Error(`No session with ${command} ${args.join(" ")}: ${String(error)}${said && `\nstderr: ${said}`}`, {
      cause: error,
    });
  }
  const close = () => forget().then(() => session.close());
  return { ...session, stderr, pid: transport.pid ?? 0, close, [Symbol.asyncDispose]: close };
}
