import { readSync, writeSync } from "node:fs";

const BLOCK = 1 << 20;

/** Everything behind a descriptor, from its beginning; `size` is what it should be. */
export function readAll(fd: number, size: number): Buffer {
  // One byte more than promised shows that it has grown.
  const expected = readRange(fd, 0, size + 1);
  if (expected.length <= size) return expected;
  const parts = [expected];
  for (let at = expected.length; ;) {
    const block = readRange(fd, at, BLOCK);
    if (block.length === 0) return Buffer.concat(parts);
    parts.push(block);
    at += block.length;
  }
}

/** Bytes of a descriptor; fewer where the file ends. */
export function readRange(fd: number, start: number, length: number): Buffer {
  const bytes = Buffer.allocUnsafe(length);
  let at = 0;
  while (at < length) {
    const read = readSync(fd, bytes, at, length - at, start + at);
    if (read === 0) break;
    at += read;
  }
  return bytes.subarray(0, at);
}

/** Writes all of it where the descriptor stands. */
export function writeAll(fd: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length;) at += writeSync(fd, bytes, at);
}
