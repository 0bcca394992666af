import net from "node:net";

/** Listens on a free port of 127.0.0.1; its end ends the connections as well. */
export async function listening(
  serve: (socket: net.Socket) => void,
): Promise<AsyncDisposable & { readonly port: number }> {
  const sockets = new Set<net.Socket>();
  const server = net.createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
    serve(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    port: (server.address() as net.AddressInfo).port,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** A port of 127.0.0.1 that nothing listens on. */
export async function deadPort(): Promise<number> {
  await using server = await listening(() => {});
  return server.port;
}
