import net, { type AddressInfo } from "node:net";

/** A port of 127.0.0.1 that is free when asked; somebody else may have it by the time it is used. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = net.createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}

const TAKEN = /EADDRINUSE|address already in use|port is already allocated/i;
const ATTEMPTS = 3;

/** Starts something on a free port, and once more on another where somebody else was quicker. Throws what starting throws. */
export async function onFreePort<T>(start: (port: number) => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await start(await freePort());
    } catch (error) {
      if (attempt === ATTEMPTS || !TAKEN.test(String(error))) throw error;
    }
  }
}
