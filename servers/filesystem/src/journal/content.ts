import { createHash } from "node:crypto";
import { readSync } from "node:fs";
import { setImmediate as turn } from "node:timers/promises";
import type { Blob } from "./entry.ts";

const BLOCK = 1 << 20;

/** In hex. */
export function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

/** sha256 and length of what is behind a descriptor, without holding it in memory; lets others run between blocks. `expected`: bytes. */
export async function digestOf(fd: number, expected = BLOCK): Promise<Blob> {
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
