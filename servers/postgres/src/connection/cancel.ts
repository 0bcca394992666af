import net from "node:net";
import type { Connected } from "./connect.ts";

/** How long a cancellation may take, in milliseconds. */
const CANCEL_TIMEOUT = 2_000;
/** https://www.postgresql.org/docs/current/protocol-message-formats.html, CancelRequest */
const CANCEL_CODE = 80_877_102;

/** Asks the server to end what this connection runs. Never rejects: the caller drops the connection anyway. */
export async function requestCancel({ client, address }: Connected): Promise<void> {
  const { processID, secretKey } = client;
  if (processID === null || secretKey === null) return;
  const packet = Buffer.alloc(16);
  [16, CANCEL_CODE, processID, secretKey].forEach((value, i) => packet.writeInt32BE(value, i * 4));
  await new Promise<void>((resolve) => {
    const socket = address.host.startsWith("/")
      ? net.connect(`${address.host}/.s.PGSQL.${address.port}`)
      : net.connect(address.port, address.host);
    socket.setTimeout(CANCEL_TIMEOUT, () => socket.destroy());
    socket.on("connect", () => socket.end(packet));
    socket.on("error", () => {});
    socket.on("close", () => resolve());
    socket.resume();
  });
}
