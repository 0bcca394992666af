import { createHash } from "node:crypto";
import { readSync } from "node:fs";
import { setImmediate as turn } from "node:timers/promises";
import type { Blob } from "./entry.ts";

const BLOCK = 1 << 20;

export function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

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

/** sha256 and length of what is behind a descriptor, without holding it in memory; lets others run between blocks. `expected`: bytes. */
export async function hashOf(fd: number, expected = BLOCK): Promise<Blob> {
  const hash = createHash("sha256");
  const block = Buffer.allocUnsafe(Math.min(BLOCK, Math.max(expected, 4_096)));
  let size = 0;
  for (;;) {
    const read = readSync(fd, block, 0, block.length, size);
    if (read === 0) return { sha: hash.digest("hex"), size };
    hash.update(block.subarray(0, read));
    size += read;
    if (read === BLOCK) await turn();
  }
}
