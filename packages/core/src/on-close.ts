import type { Server } from "@modelcontextprotocol/server";

/** Runs something when a protocol server's connection ends, besides what is there already. */
export function onClose(server: Server, work: () => void): void {
  const before = server.onclose;
  server.onclose = () => {
    work();
    before?.();
  };
}
