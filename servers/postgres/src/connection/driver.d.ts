// What the driver has and its types leave out: the parts of the protocol that pg-cursor uses as well (stable since pg 6).
import type { Duplex } from "node:stream";

declare module "pg" {
  interface Connection {
    readonly stream: Duplex;
    sendCopyFail(message: string): void;
  }
  interface ClientBase {
    readonly connection: Connection;
    readonly processID: number | null;
    readonly secretKey: number | null;
  }
}
