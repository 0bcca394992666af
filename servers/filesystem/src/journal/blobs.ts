import { makeFolder } from "@mooring/core";
import { randomBytes } from "node:crypto";
import {
  chmodSync,
  closeSync,
  constants,
  fsyncSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
} from "node:fs";
import { copyFile, open } from "node:fs/promises";
import { join } from "node:path";
import { readAll, readRange, writeAll } from "../descriptor.ts";
import { digestOf, sha256 } from "./content.ts";
import type { Blob, Kept } from "./entry.ts";

/**
 * Kept contents, by their sha256 and each once; small files of a directory lie together in packs with random names, since a
 * sync for each would take minutes. A name is given only to what is complete.
 */
export interface Blobs {
  /** Throws when it is missing or broken. */
  get(kept: Kept): Buffer;
  has(name: string): boolean;
  /** Bytes by name. */
  all(): Map<string, number>;
  remove(name: string): void;
  /** Removes what a crash left half-written; only while nobody writes. */
  sweep(): void;
  /** `sync`: what is kept is on the disk, not only in its cache, before {@link Keeper.finish} returns. */
  keeper(options: { readonly sync: boolean }): Keeper;
}

/** Takes in the contents that one call replaces. */
export interface Keeper {
  bytes(bytes: Uint8Array): Blob;
  /** A large file is copied, sharing its blocks where the file system can. */
  file(fd: number, size: number): Promise<Kept>;
  /** One of many: small ones go into a pack. */
  oneOfMany(fd: number, size: number): Promise<Kept>;
  /** Completes the pack; nothing is kept in it before. */
  finish(): void;
  /** Drops an unfinished pack. */
  abandon(): void;
}

const NAME = /^[0-9a-f]{64}$/;
const BLOCK = 1 << 20;
/** From here on a copy by the kernel is cheaper than reading, hashing and writing in one go. */
const LARGE = 8 << 20;
/** Up to here a file goes into a pack. */
const SMALL = 1 << 20;

export function createBlobs(folder: string): Blobs {
  const path = (name: string): string => join(folder, name);
  const temporary = (): string => join(folder, `.${randomBytes(8).toString("hex")}.tmp`);
  const has = (name: string): boolean => statSync(path(name), { throwIfNoEntry: false }) !== undefined;

  // A power cut may leave a name with less than its content.
  function isWhole({ sha, size }: Blob): boolean {
    return statSync(path(sha), { throwIfNoEntry: false })?.size === size;
  }

  function put(bytes: Uint8Array, sync: boolean): Blob {
    const blob = { sha: sha256(bytes), size: bytes.length };
    if (isWhole(blob)) {
      if (sync) syncFile(path(blob.sha));
      return blob;
    }
    const name = temporary();
    try {
      const fd = create(name);
      try {
        writeAll(fd, bytes);
        if (sync) fsyncSync(fd);
      } finally {
        closeSync(fd);
      }
      renameSync(name, path(blob.sha));
    } catch (error) {
      rmSync(name, { force: true });
      throw error;
    }
    return blob;
  }

  async function putLarge(source: number, sync: boolean): Promise<Blob> {
    makeFolder(folder);
    const name = temporary();
    try {
      await copy(source, name);
      chmodSync(name, 0o600);
      const blob = await hashAndSync(name, sync);
      if (isWhole(blob)) rmSync(name, { force: true });
      else renameSync(name, path(blob.sha));
      return blob;
    } catch (error) {
      rmSync(name, { force: true });
      throw error;
    }
  }

  function create(name: string): number {
    makeFolder(folder);
    return openSync(name, "wx", 0o600);
  }

  function keeper({ sync }: { readonly sync: boolean }): Keeper {
    let pack: { readonly fd: number; readonly file: string; readonly name: string; at: number } | undefined;
    const file: Keeper["file"] = async (fd, size) => (size < LARGE ? put(readAll(fd, size), sync) : putLarge(fd, sync));
    return {
      bytes: (bytes) => put(bytes, sync),
      file,
      async oneOfMany(fd, size) {
        if (size > SMALL) return file(fd, size);
        const bytes = readAll(fd, size);
        const blob = { sha: sha256(bytes), size: bytes.length };
        if (isWhole(blob)) return put(bytes, sync);
        if (!pack) {
          const temporaryFile = temporary();
          pack = { fd: create(temporaryFile), file: temporaryFile, name: randomBytes(32).toString("hex"), at: 0 };
        }
        const kept: Kept = { ...blob, pack: pack.name, at: pack.at };
        writeAll(pack.fd, bytes);
        pack.at += bytes.length;
        return kept;
      },
      finish() {
        if (!pack) return;
        if (sync) fsyncSync(pack.fd);
        closeSync(pack.fd);
        renameSync(pack.file, path(pack.name));
        pack = undefined;
      },
      abandon() {
        if (!pack) return;
        closeSync(pack.fd);
        rmSync(pack.file, { force: true });
        pack = undefined;
      },
    };
  }

  return {
    has,
    keeper,
    get({ sha, size, pack, at = 0 }) {
      const bytes = pack === undefined ? readFileSync(path(sha)) : readPart(path(pack), at, size);
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
    remove(name) {
      rmSync(path(name), { force: true });
    },
    sweep() {
      for (const name of names(folder)) if (name.endsWith(".tmp")) rmSync(join(folder, name), { force: true });
    },
  };
}

function readPart(file: string, at: number, size: number): Buffer {
  const fd = openSync(file, "r");
  try {
    return readRange(fd, at, size);
  } finally {
    closeSync(fd);
  }
}

function syncFile(file: string): void {
  const fd = openSync(file, "r+");
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
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

async function hashAndSync(name: string, sync: boolean): Promise<Blob> {
  const file = await open(name, "r+");
  try {
    const blob = await digestOf(file.fd);
    if (sync) await file.sync();
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
