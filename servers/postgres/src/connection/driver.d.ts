// What the driver has and its types leave out: the parts of the protocol that pg-cursor uses as well (stable since pg 6).
import type { Duplex } from "node:stream";

declare module "pg" {
  interface Connection {
    readonly stream: Duplex & { cork(): void; uncork(): void };
    parse(query: { readonly name: string; readonly text: string; readonly types: readonly number[] }): void;
    bind(config: {
      readonly portal?: string;
      readonly statement?: string;
      readonly values?: readonly (string | null)[];
    }): void;
    describe(message: { readonly type: "P" | "S"; readonly name: string }): void;
    execute(config: { readonly portal: string; readonly rows: number }): void;
    close(message: { readonly type: "P" | "S"; readonly name: string }): void;
    sync(): void;
  }
  interface ClientBase {
    readonly connection: Connection;
    readonly processID: number | null;
    readonly secretKey: number | null;
  }
}
