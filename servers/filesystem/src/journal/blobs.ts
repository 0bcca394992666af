import { createHash, randomBytes } from "node:crypto";
import {
  chmodSync,
  closeSync,
  constants,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from "node:fs";
import { copyFile, open } from "node:fs/promises";
import { join } from "node:path";
import { setImmediate as turn } from "node:timers/promises";
import type { Blob } from "./entry.ts";

/** Contents by their sha256, each kept once. Written whole and synced under another name first, so a name is never half a content. */
export interface Blobs {
  put(bytes: Uint8Array): Blob;
  /** Copies an open file, sharing its blocks where the file system can. */
  putFile(fd: number, size: number): Promise<Blob>;
  /** Throws when it is missing or broken. */
  get(sha: string): Buffer;
  has(sha: string): boolean;
  /** Bytes by name. */
  all(): Map<string, number>;
  remove(sha: string): void;
  /** Removes what a crash left half-written; only while nobody writes. */
  sweep(): void;
}

const NAME = /^[0-9a-f]{64}$/;
const BLOCK = 1 << 20;
/** From here on a copy by the kernel is cheaper than reading, hashing and writing in one go. */
const LARGE = 8 << 20;

export function createBlobs(folder: string): Blobs {
  const path = (sha: string): string => join(folder, sha);
  const temporary = (): string => join(folder, `.${randomBytes(8).toString("hex")}.tmp`);

  function has(sha: string): boolean {
    return statSync(path(sha), { throwIfNoEntry: false }) !== undefined;
  }

  function put(bytes: Uint8Array): Blob {
    const sha = sha256(bytes);
    if (!has(sha)) {
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      const name = temporary();
      try {
        const fd = openSync(name, "wx", 0o600);
        try {
          for (let at = 0; at < bytes.length;) at += writeSync(fd, bytes, at);
          fsyncSync(fd);
        } finally {
          closeSync(fd);
        }
        renameSync(name, path(sha));
      } catch (error) {
        rmSync(name, { force: true });
        throw error;
      }
    }
    return { sha, size: bytes.length };
  }

  async function putFile(fd: number, size: number): Promise<Blob> {
    if (size < LARGE) return put(readAll(fd));
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const name = temporary();
    try {
      await copy(fd, name);
      chmodSync(name, 0o600);
      const blob = await hashAndSync(name);
      if (has(blob.sha)) rmSync(name, { force: true });
      else renameSync(name, path(blob.sha));
      return blob;
    } catch (error) {
      rmSync(name, { force: true });
      throw error;
    }
  }

  return {
    put,
    putFile,
    has,
    get(sha) {
      const bytes = readFileSync(path(sha));
      if (sha256(bytes) !== sha) throw new Error(`content ${sha} is broken`);
      return bytes;
    },
    all() {
      const found = new Map<string, number>();
      for (const name of names(folder)) {
        const stats = NAME.test(name) ? statSync(path(name), { throwIfNoEntry: false }) : undefined;
        if (stats) found.set(name, stats.size);
      }
      return found;
    },
    remove(sha) {
      rmSync(path(sha), { force: true });
    },
    sweep() {
      for (const name of names(folder)) if (name.endsWith(".tmp")) rmSync(join(folder, name), { force: true });
    },
  };
}

export function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

/** Everything behind a descriptor, from its beginning. */
export function readAll(fd: number): Buffer {
  const parts: Buffer[] = [];
  for (let at = 0; ;) {
    const block = Buffer.allocUnsafe(BLOCK);
    const read = readSync(fd, block, 0, BLOCK, at);
    if (read === 0) return parts.length === 1 ? (parts[0] as Buffer) : Buffer.concat(parts);
    parts.push(block.subarray(0, read));
    at += read;
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

/** sha256 and length of what is behind a descriptor, without holding it in memory; lets others run between blocks. */
export async function hashOf(fd: number): Promise<Blob> {
  const hash = createHash("sha256");
  const block = Buffer.allocUnsafe(BLOCK);
  let size = 0;
  for (;;) {
    const read = readSync(fd, block, 0, BLOCK, size);
    if (read === 0) return { sha: hash.digest("hex"), size };
    hash.update(block.subarray(0, read));
    size += read;
    if (read === BLOCK) await turn();
  }
}

async function copy(fd: number, to: string): Promise<void> {
  try {
    // The descriptor's own path: the name in the sandbox may mean another file by now.
    await copyFile(`/proc/self/fd/${fd}`, to, constants.COPYFILE_FICLONE | constants.COPYFILE_EXCL);
    return;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOSPC") throw error;
    rmSync(to, { force: true });
  }
  const target = await open(to, "wx", 0o600);
  try {
    const block = Buffer.allocUnsafe(BLOCK);
    for (let at = 0; ;) {
      const read = readSync(fd, block, 0, BLOCK, at);
      if (read === 0) return;
      await target.writeFile(block.subarray(0, read));
      at += read;
    }
  } finally {
    await target.close();
  }
}

async function hashAndSync(name: string): Promise<Blob> {
  const file = await open(name, "r+");
  try {
    const blob = await hashOf(file.fd);
    await file.sync();
    return blob;
  } finally {
    await file.close();
  }
}

function names(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
}
