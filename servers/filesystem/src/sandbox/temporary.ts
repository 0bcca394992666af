import { randomBytes } from "node:crypto";
import {
  closeSync,
  constants,
  fchmodSync,
  fchownSync,
  fstatSync,
  fsyncSync,
  linkSync,
  openSync,
  renameSync,
  type Stats,
  unlinkSync,
} from "node:fs";
import { copyFile } from "node:fs/promises";
import { writeAll } from "../descriptor.ts";
import { codeOf } from "../errors.ts";
import { toSystem } from "./names.ts";
import { at, type Pin, type Pins } from "./pin.ts";
import type { Rights } from "./sandbox.ts";

const umask = process.umask();

/** Names this process in its temporary files, so that they can be told from everybody else's when it was killed. */
export const run = randomBytes(8).toString("hex");

/** A new name of fixed length, so that the longest allowed name can be replaced too. */
export function temporaryName(): string {
  return `.mooring-${run}-${randomBytes(6).toString("hex")}.tmp`;
}

/** Whether a name is that of a temporary file of this run. */
export function isTemporaryOf(name: string, owner: string): boolean {
  return /^\.mooring-[0-9a-f]{16}-[0-9a-f]{12}\.tmp$/.test(name) && name.startsWith(`.mooring-${owner}-`);
}

/** Access rights a new file gets. */
const newFileMode = 0o666 & ~umask;
/** Access rights a new directory gets. */
export const newDirectoryMode = 0o777 & ~umask;

/** A complete file under a temporary name. */
export interface Temporary {
  readonly name: string;
  readonly stats: Stats;
}

/**
 * Writes a file under a temporary name in a pinned directory, with nobody else's access until it is complete, and returns
 * that name. `sync` waits for the disk. Leaves nothing behind when it throws.
 */
export function writeTemporary(
  parent: Pin,
  parts: readonly Uint8Array[],
  rights: Rights | undefined,
  sync: boolean,
): Temporary {
  const name = temporaryName();
  const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | (constants.O_NOFOLLOW ?? 0);
  const fd = openSync(at(parent, name), flags, 0o600);
  try {
    for (const part of parts) writeAll(fd, part);
    dress(fd, rights);
    if (sync) fsyncSync(fd);
    return { name, stats: fstatSync(fd) };
  } catch (error) {
    discard(parent, name);
    throw error;
  } finally {
    closeSync(fd);
  }
}

/** Copies a file to a temporary name beside it, whatever its size, and changes the copy, opened with `flags`. Leaves nothing behind when it throws. */
export async function copyTemporary(
  pins: Pins,
  parent: Pin,
  { pin, stats }: { readonly pin: Pin; readonly stats: Stats },
  { flags, change }: { readonly flags: number; readonly change: (fd: number) => void },
): Promise<Temporary> {
  const name = temporaryName();
  try {
    await copyFile(toSystem(pin.path), at(parent, name), constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE);
    const copy = pins.child(parent, name);
    try {
      const fd = pins.reopen(copy, flags);
      try {
        dress(fd, stats);
        change(fd);
        return { name, stats: fstatSync(fd) };
      } finally {
        closeSync(fd);
      }
    } finally {
      copy.close();
    }
  } catch (error) {
    discard(parent, name);
    throw error;
  }
}

/** Gives an open file owner and mode, as far as the process may; what a new file gets when there are none. */
export function dress(fd: number, rights: Rights | undefined): void {
  if (rights)
    fchmodSync(
      fd,
      permitted(rights, fstatSync(fd), (uid, gid) => fchownSync(fd, uid, gid)),
    );
  else fchmodSync(fd, newFileMode);
}

/** The mode that an object may get: with another owner, set-id bits would give away rights that nobody granted. */
export function permitted(
  { mode, uid, gid }: Rights,
  own: { readonly uid: number; readonly gid: number },
  chown: (uid: number, gid: number) => void,
): number {
  if (process.platform === "win32" || (own.uid === uid && own.gid === gid)) return mode & 0o7777;
  if (uid === undefined || gid === undefined) return mode & 0o1777;
  try {
    chown(uid, gid);
    return mode & 0o7777;
  } catch (error) {
    if (codeOf(error) !== "EPERM") throw error;
    return mode & 0o1777;
  }
}

/** Gives the temporary file its name, never in place of anything: EEXIST when the name is taken. */
export function publishNew(parent: Pin, temporary: string, name: string): void {
  try {
    linkSync(at(parent, temporary), at(parent, name));
  } catch (error) {
    if (!hasNoHardLinks(error)) throw error;
    renameOntoOwn({ parent, name: temporary }, { parent, name });
    return;
  }
  unlinkSync(at(parent, temporary));
}

/** For file systems without hard links: an empty file of our own takes the name, and is then replaced. EEXIST when it is taken. */
export function renameOntoOwn(
  source: { readonly parent: Pin; readonly name: string },
  target: { readonly parent: Pin; readonly name: string },
): void {
  const name = at(target.parent, target.name);
  closeSync(openSync(name, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, 0o600));
  try {
    renameSync(at(source.parent, source.name), name);
  } catch (error) {
    discard(target.parent, target.name);
    throw error;
  }
}

export function hasNoHardLinks(error: unknown): boolean {
  return ["EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS", "EMLINK"].includes(codeOf(error) ?? "");
}

/** Removes a temporary file; what cannot be removed any more is not worth a second error. */
export function discard(parent: Pin, name: string): void {
  try {
    unlinkSync(at(parent, name));
  } catch {}
}
