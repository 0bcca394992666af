import net from "node:net";
import type { Duplex } from "node:stream";
import { ToolError } from "@mooring/core";
import type { Address, ConnectionSettings } from "./settings.ts";
import { offersTls, secure } from "./tls.ts";

/** Whether the bytes are encrypted; `try`: where the server can. */
export type Encryption = "off" | "try" | "on";

/** An open way to a server, nothing of the login said yet. */
export interface Transport {
  readonly stream: Duplex;
  readonly encrypted: boolean;
}

/** Why TLS could not be spoken with a server that was reached. `cause` is what is told in the end. */
export class TlsFailure extends Error {
  override readonly name = "TlsFailure";
}

/** How long one of several addresses of a name may keep the next one waiting, in milliseconds. */
const NEXT_ADDRESS = 2_000;

/**
 * Reaches a server by socket, network or tunnel. Throws {@link TlsFailure}, and what the network and the tunnel throw; ends with
 * the reason of `signal`, which counts until the stream is open.
 */
export async function openTransport(
  { ssl, stream: open }: Pick<ConnectionSettings, "ssl" | "stream">,
  address: Address,
  encryption: Encryption,
  signal: AbortSignal,
): Promise<Transport> {
  signal.throwIfAborted();
  const socket = open ? open(address) : netSocket(address);
  // An error that comes while nobody listens would end the process.
  socket.on("error", () => {});
  const abort = () => socket.destroy(signal.reason as Error);
  signal.addEventListener("abort", abort, { once: true });
  try {
    if (isConnecting(socket)) await connected(socket);
    if (encryption === "off") return { stream: socket, encrypted: false };
    if (!ssl.direct && !(await offersTls(socket))) {
      if (encryption === "try") return { stream: socket, encrypted: false };
      throw new TlsFailure("no TLS", { cause: withoutTls() });
    }
    const stream = await secure(socket, address, ssl.options, ssl).catch((cause: unknown) => {
      signal.throwIfAborted();
      throw new TlsFailure("the handshake failed", { cause });
    });
    stream.on("error", () => {});
    return { stream, encrypted: true };
  } catch (error) {
    socket.destroy();
    signal.throwIfAborted();
    throw error;
  } finally {
    signal.removeEventListener("abort", abort);
  }
}

function netSocket({ host, hostaddr, port }: Address): net.Socket {
  const common = { keepAlive: true, noDelay: true };
  // A name that begins with @ is one of Linux's, in no folder.
  if (/^[/@]/.test(host) && hostaddr === undefined)
    return net.connect({ ...common, path: `${host.replace(/^@/, "\0")}/.s.PGSQL.${port}` });
  return net.connect({ ...common, host: hostaddr ?? host, port, autoSelectFamilyAttemptTimeout: NEXT_ADDRESS });
}

function isConnecting(stream: Duplex): boolean {
  return stream instanceof net.Socket && stream.connecting;
}

async function connected(socket: Duplex): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  socket.once("connect", resolve).once("error", reject);
  await promise.finally(() => socket.off("connect", resolve).off("error", reject));
}

function withoutTls(): ToolError {
  return new ToolError("unavailable", "The server does not speak TLS, and sslmode asks for it.", {
    hint: "Ask the person to switch TLS on in the server, or to configure an sslmode that does without (prefer, disable).",
    retryable: false,
  });
}
