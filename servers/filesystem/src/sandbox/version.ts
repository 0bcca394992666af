import { createHash, hash } from "node:crypto";
import { fstatSync, readSync } from "node:fs";
import { ToolError } from "@mooring/core";
import type { OpenFile } from "./sandbox.ts";

/** Up to this size (bytes) a version is a hash of the content. */
export const hashedUpTo = 1_048_576;

/**
 * What `read` and every change return for `if_hash`: the first 16 hex digits of the content's SHA-256, or for large files
 * `v-` and 14 digits that change with size, modification time or inode. `bytes` is the whole content when it is at hand.
 */
export function versionOf(file: OpenFile, bytes?: Uint8Array): string {
  if (bytes) return bytes.length <= hashedUpTo ? hashOfBytes(bytes) : tagOf(file);
  return file.entry.size <= hashedUpTo ? hashOfFile(file) : tagOf(file);
}

/** The version of content that has just been written, without reading it again; the file's for large content. */
export function hashOfBytes(bytes: Uint8Array): string {
  return hash("sha256", bytes, "hex").slice(0, 16);
}

/** Up to this size (bytes) a content hash that was worked out elsewhere is compared: reading more would hold up every other call. */
const COMPARED_UP_TO = 64_000_000;

/** Whether the file still has the version. Never true for a content hash of a file above 64 MB, of which `read` gives none. */
export function matchesVersion(file: OpenFile, given: string): boolean {
  const wanted = given.trim().toLowerCase();
  if (wanted.startsWith("v-")) return tagOf(file) === wanted;
  const hex = wanted.replace(/^sha256[:-]/, "");
  if (!/^[0-9a-f]{16,64}$/.test(hex) || file.entry.size > COMPARED_UP_TO) return false;
  return fullHashOf(file).startsWith(hex);
}

/** The refusal of a change whose `if_hash` does not match. */
export function versionConflict(shown: string, file: OpenFile): ToolError {
  return new ToolError("conflict", `${shown} has changed: its hash is ${versionOf(file)} now.`, {
    hint: "Read it again, then repeat the change on what it holds now.",
  });
}

function tagOf({ fd }: OpenFile): string {
  const { size, mtimeNs, ino } = fstatSync(fd, { bigint: true });
  return `v-${hash("sha256", `${size}:${mtimeNs}:${ino}`, "hex").slice(0, 14)}`;
}

function hashOfFile(file: OpenFile): string {
  return fullHashOf(file).slice(0, 16);
}

// Read at explicit offsets: the caller's position in the file stays where it is.
function fullHashOf({ fd }: OpenFile): string {
  const sum = createHash("sha256");
  const block = Buffer.allocUnsafe(1 << 18);
  let at = 0;
  for (
    let length = readSync(fd, block, 0, block.length, 0);
    length > 0;
    length = readSync(fd, block, 0, block.length, at)
  ) {
    sum.update(block.subarray(0, length));
    at += length;
  }
  return sum.digest("hex");
}
