import { once } from "node:events";
import net, { type Server } from "node:net";

/** Accepts on `from` (a port or the path of a socket) and carries everything to `to`. Throws what listening throws. */
export async function carry(
  from: { readonly path: string } | { readonly host: string; readonly port: number },
  to: { readonly path: string } | { readonly host: string; readonly port: number },
): Promise<Server> {
  const server = net.createServer({ allowHalfOpen: true }, (near) => {
    const far = net.connect({ ...to, allowHalfOpen: true });
    near.on("error", () => far.destroy());
    far.on("error", () => near.destroy());
    near.pipe(far).pipe(near);
  });
  server.listen(from);
  await once(server, "listening");
  return server;
}
