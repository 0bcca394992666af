import { fstatSync } from "node:fs";
import { Socket } from "node:net";
import type { Readable } from "node:stream";

const BUFFER = 65_536;

/**
 * The process's standard input. Where it is a pipe, as hosts make it, every `data` is a view of one buffer that the next
 * one overwrites: `process.stdin` allocates 64 KB for each message, however small.
 */
export function standardInput(): Readable {
  if (!isPipe()) return process.stdin;
  // Node documents `onread` for `connect`; the constructor takes it as well, which its types do not say.
  const options = {
    fd: 0,
    readable: true,
    writable: false,
    onread: { buffer: Buffer.allocUnsafe(BUFFER), callback },
  };
  const socket: Socket = new Socket(options);
  function callback(length: number, buffer: Buffer): boolean {
    socket.emit("data", buffer.subarray(0, length));
    return true;
  }
  return socket;
}

function isPipe(): boolean {
  try {
    const stats = fstatSync(0);
    return stats.isFIFO() || stats.isSocket();
  } catch {
    return false;
  }
}
