import net from "node:net";
import type { Duplex } from "node:stream";
import type { ConnectionOptions } from "node:tls";
import { ToolError } from "@mooring/core";
import type { Address } from "./settings.ts";

/** https://www.postgresql.org/docs/current/protocol-message-formats.html, SSLRequest */
const sslRequest = Buffer.from([0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f]);

/** The name of the protocol in a TLS handshake that nothing came before (ALPN). */
const ALPN = "postgresql";

/**
 * Asks the server whether it speaks TLS. Throws what the network throws, and for anything but one byte of answer: what comes
 * behind it unencrypted could have been put there by others (CVE-2021-23222).
 */
export async function offersTls(socket: Duplex): Promise<boolean> {
  socket.write(sslRequest);
  const answer = await firstBytes(socket);
  if (answer.length === 1 && (answer[0] === 0x53 || answer[0] === 0x4e)) return answer[0] === 0x53;
  throw new ToolError("unavailable", "What listens there does not answer as PostgreSQL does.", {
    hint: "Ask the person whether host and port are those of the database.",
    retryable: false,
  });
}

function firstBytes(socket: Duplex): Promise<Buffer> {
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
  const ended = () => reject(Object.assign(new Error("The server closed the connection."), { code: "ECONNRESET" }));
  const listeners = { data: resolve, error: reject, end: ended, close: ended };
  for (const [event, listener] of Object.entries(listeners)) socket.once(event, listener);
  return promise.finally(() => {
    // Nothing may be read before the one who reads next listens.
    socket.pause();
    for (const [event, listener] of Object.entries(listeners)) socket.off(event, listener);
  });
}

/** Speaks TLS over `socket`. Throws Node's own errors: `ERR_TLS_CERT_ALTNAME_INVALID`, `SELF_SIGNED_CERT_IN_CHAIN`, … */
export async function secure(
  socket: Duplex,
  { host }: Address,
  options: ConnectionOptions,
  { direct }: { readonly direct: boolean },
): Promise<Duplex> {
  const tls = await import("node:tls");
  const { promise, resolve, reject } = Promise.withResolvers<Duplex>();
  const encrypted = tls.connect({
    // The name that a certificate is for; an address is no name (RFC 6066 §3), but may stand in a certificate.
    ...(net.isIP(host) === 0 && { servername: host }),
    ...options,
    host,
    socket,
    ...(direct && { ALPNProtocols: [ALPN] }),
  });
  encrypted.once("secureConnect", () => {
    if (!direct || encrypted.alpnProtocol === ALPN) resolve(encrypted);
    else reject(Object.assign(new Error("The server names no protocol (ALPN)."), { code: "ERR_SSL_NO_ALPN" }));
  });
  encrypted.once("error", reject);
  encrypted.once("close", () =>
    reject(
      Object.assign(new Error("The server closed the connection during the TLS handshake."), { code: "ECONNRESET" }),
    ),
  );
  try {
    return await promise;
  } catch (error) {
    encrypted.destroy();
    throw error;
  }
}
