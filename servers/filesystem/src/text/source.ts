import { readSync } from "node:fs";
import { readRange } from "../descriptor.ts";
import type { OpenFile } from "../sandbox/sandbox.ts";

/** Bytes that are read in parts: a file, or the part of it that is in memory already. */
export interface Source {
  readonly size: number;
  /** At most `length` bytes from `offset`; fewer at the end. */
  read(offset: number, length: number): Buffer;
}

export function memorySource(bytes: Buffer): Source {
  return { size: bytes.length, read: (offset, length) => bytes.subarray(offset, offset + length) };
}

export function fileSource({ fd, entry }: OpenFile): Source {
  return {
    size: entry.size,
    read: (offset, length) => readRange(fd, offset, length),
  };
}

/** The whole content when it has at most `limit` bytes, whatever size the file claims (files of `/proc` claim 0). */
export function readUpTo({ fd, entry }: OpenFile, limit: number): Buffer | undefined {
  if (entry.size > limit) return undefined;
  // One byte more than it should have shows the end without a second call.
  let bytes = Buffer.allocUnsafe(Math.max(entry.size + 1, 512));
  let done = 0;
  for (;;) {
    const count = readSync(fd, bytes, done, bytes.length - done, done);
    if (count === 0) return bytes.subarray(0, done);
    done += count;
    if (done > limit) return undefined;
    if (done === entry.size && done < bytes.length && entry.size > 0) return bytes.subarray(0, done);
    if (done === bytes.length) {
      const more = Buffer.allocUnsafe(Math.min(bytes.length * 4, limit + 1));
      bytes.copy(more, 0, 0, done);
      bytes = more;
    }
  }
}
