import { StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { openSession, type Session, type SessionOptions } from "./session.ts";

export interface HttpOptions extends SessionOptions {
  /** Sent with every request, for instance `{ authorization: "Bearer …" }`. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** Connects to a running server over Streamable HTTP; `close` ends the session of the 2025 era too. Throws what connecting throws. */
export async function connectHttp(url: string | URL, { headers = {}, ...options }: HttpOptions = {}): Promise<Session> {
  const transport = new StreamableHTTPClientTransport(new URL(url), { requestInit: { headers: { ...headers } } });
  const session = await openSession(transport, options);
  async function close(): Promise<void> {
    // The server may be gone already, which is what ending the session is for.
    if (transport.sessionId !== undefined) await transport.terminateSession().catch(() => {});
    await session.close();
  }
  return { ...session, close, [Symbol.asyncDispose]: close };
}
