import type { Connected } from "./connect.ts";
import { openTransport } from "./transport.ts";

/** How long a cancellation may take, in milliseconds. */
const CANCEL_TIMEOUT = 2_000;
/** https://www.postgresql.org/docs/current/protocol-message-formats.html, CancelRequest */
const CANCEL_CODE = 80_877_102;

/**
 * Asks the server to end what this connection runs, over a second connection that goes the same way: to the same address,
 * encrypted where the first is, through the tunnel where there is one. Never rejects, and ends within 2 s: the caller drops the
 * connection anyway.
 */
export async function requestCancel({ client, way }: Pick<Connected, "client" | "way">): Promise<void> {
  const { processID, secretKey } = client;
  if (processID === null || secretKey === null) return;
  const packet = Buffer.alloc(16);
  [16, CANCEL_CODE, processID, secretKey].forEach((value, i) => packet.writeInt32BE(value, i * 4));
  const limit = AbortSignal.timeout(CANCEL_TIMEOUT);
  try {
    const { stream } = await openTransport(way, way.address, way.encryption, limit);
    const { promise, resolve } = Promise.withResolvers<void>();
    const stop = () => stream.destroy();
    limit.addEventListener("abort", stop, { once: true });
    // The server answers nothing, and closes when it has sent the signal.
    stream.once("close", resolve).once("end", stop).resume();
    stream.write(packet);
    await promise;
    limit.removeEventListener("abort", stop);
  } catch {
    // Who cannot be reached cannot be cancelled either: the statement timeout is left.
  }
}
