import net from "node:net";
import { listening } from "./listening.ts";

/** What one connection through a {@link passage} began with. */
export type Beginning = "ssl" | "cancel" | "startup" | "other";

/** A port of 127.0.0.1 that leads to another one, and remembers what each connection began with. */
export async function passage(to: { readonly host: string; readonly port: number }) {
  const beginnings: Beginning[] = [];
  const server = await listening((inward) => {
    const outward = net.connect(to.port, to.host);
    inward.once("data", (chunk: Buffer) => beginnings.push(beginning(chunk)));
    inward.pipe(outward).pipe(inward);
    outward.on("error", () => inward.destroy());
    inward.on("close", () => outward.destroy());
  });
  return { ...server, beginnings };
}

function beginning(chunk: Buffer): Beginning {
  const code = chunk.length >= 8 ? chunk.readInt32BE(4) : 0;
  return code === 80_877_103 ? "ssl" : code === 80_877_102 ? "cancel" : code === 196_608 ? "startup" : "other";
}
