import {
  closeSync,
  constants,
  type Dirent,
  fstatSync,
  lstatSync,
  openSync,
  readdirSync,
  readlinkSync,
  realpathSync,
} from "node:fs";
import { join } from "node:path";
import { fromBytes, toSystem } from "../sandbox/names.ts";
import { O_PATH } from "../sandbox/pin.ts";

const { O_RDONLY } = constants;
// Absent on Windows.
const O_DIRECTORY = constants.O_DIRECTORY ?? 0;
const O_NOFOLLOW = constants.O_NOFOLLOW ?? 0;
const O_NONBLOCK = constants.O_NONBLOCK ?? 0;
const O_NOCTTY = constants.O_NOCTTY ?? 0;

/** A directory held while its entries are opened. */
export interface Handle {
  /** -1 in `checked` mode, and for the first directory, which the main thread holds. */
  readonly fd: number;
  readonly path: string;
  /** Where the directory was when it was entered, without a final slash. */
  readonly where: string;
  /** Where the searched directory is, as bytes. */
  readonly real: string;
}

export const FILE = 1;
export const DIRECTORY = 2;
export const OTHER = 0;
export type Kind = typeof FILE | typeof DIRECTORY | typeof OTHER;

/** The entries of a directory, sorted by name. */
export interface Listing {
  readonly names: readonly string[];
  readonly kinds: readonly Kind[];
}

/** The primitives of the walk; they throw the system's errors. Links are never entered or opened. */
export interface Opener {
  enter(parent: Handle, name: string): Handle;
  leave(handle: Handle): void;
  list(handle: Handle): Listing;
  /**
   * A regular file of the listing, for reading; never blocks. The caller closes it. Nothing that comes of it may be used
   * before {@link Opener.isOf} was true or it was opened again by {@link Opener.openPinned}.
   */
  openFile(parent: Handle, name: string): number;
  /** Whether what was opened is the entry of this directory, which is inside. */
  isOf(fd: number, parent: Handle, name: string): boolean;
  /** As `openFile`, certainly of this directory. */
  openPinned(parent: Handle, name: string): number;
  /** Whether the directory is still below the searched one: what was read until now was inside. */
  holds(handle: Handle): boolean;
}

const READ = O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY;

/** The handle of a searched directory, which the main thread holds open. */
export function topHandle({ path, real }: { path: string; real: string }): Handle {
  return { fd: -1, path, where: real === "/" ? "" : fromBytes(real), real };
}

/**
 * Through descriptors (Linux): a name that is exchanged for a link in between is an error, not a way out. Files alone are
 * opened by their path, which costs the kernel half as much as through /proc; of those in which something is found, the
 * kernel is asked what was opened before anything counts, and at any doubt the file is opened again through its directory.
 */
export const pinnedOpener: Opener = {
  enter(parent, name) {
    const fd = openSync(toSystem(`${parent.path}/${name}`), O_PATH | O_DIRECTORY | O_NOFOLLOW);
    return { fd, path: `/proc/self/fd/${fd}`, where: `${parent.where}/${name}`, real: parent.real };
  },
  leave(handle) {
    if (handle.fd >= 0) closeSync(handle.fd);
  },
  list: ({ path }) => listed(path),
  openFile(parent, name) {
    try {
      return openSync(toSystem(`${parent.where}/${name}`), READ);
    } catch {
      return pinnedOpener.openPinned(parent, name);
    }
  },
  isOf(fd, parent, name) {
    return fromBytes(readlinkSync(`/proc/self/fd/${fd}`, "latin1")) === `${parent.where}/${name}`;
  },
  openPinned(parent, name) {
    return openSync(toSystem(`${parent.path}/${name}`), READ);
  },
  holds({ path, real }) {
    const now = readlinkSync(path, "latin1");
    return now === real || now.startsWith(real === "/" ? "/" : `${real}/`);
  },
};

/** By path, checked after opening; the residual race is documented. */
export const checkedOpener: Opener = {
  enter(parent, name) {
    const path = join(parent.path, name);
    if (!lstatSync(toSystem(path)).isDirectory() || !isReal(path)) throw raced();
    return { fd: -1, path, where: path, real: parent.real };
  },
  leave() {},
  list: ({ path }) => listed(path),
  openFile(parent, name) {
    const path = join(parent.path, name);
    const before = lstatSync(toSystem(path), { bigint: true });
    if (!before.isFile()) throw raced();
    const fd = openSync(toSystem(path), READ);
    const now = fstatSync(fd, { bigint: true });
    if (now.dev === before.dev && now.ino === before.ino && isReal(path)) return fd;
    closeSync(fd);
    throw raced();
  },
  isOf: () => true,
  openPinned: (parent, name) => checkedOpener.openFile(parent, name),
  holds({ path }) {
    try {
      return isReal(path);
    } catch {
      return false;
    }
  },
};

function isReal(path: string): boolean {
  return fromBytes(realpathSync.native(toSystem(path), "buffer").toString("latin1")) === path;
}

function raced(): Error {
  return Object.assign(new Error("exchanged while it was looked at"), { code: "ENOENT" });
}

function listed(path: string): Listing {
  let entries: Dirent<string>[];
  try {
    entries = readdirSync(toSystem(path), { withFileTypes: true, encoding: "latin1" });
  } catch (error) {
    // A file system that does not tell kinds makes Node stat by the latin1 name.
    if (!(error instanceof Error && "code" in error && error.code === "ENOENT")) throw error;
    const names = readdirSync(toSystem(path), { encoding: "latin1" }).map(fromBytes).toSorted();
    return { names, kinds: names.map((name) => kindAt(`${path}/${name}`)) };
  }
  entries.sort((a, b) => (a.name < b.name ? -1 : 1));
  const names = entries.map((entry) => fromBytes(entry.name));
  const kinds = entries.map((entry) => (entry.isFile() ? FILE : entry.isDirectory() ? DIRECTORY : OTHER));
  // Bytes sort as characters do, but for those that JavaScript writes as two.
  if (names.every((name, i) => i === 0 || (names[i - 1] ?? "") < name)) return { names, kinds };
  const order = [...names.keys()].toSorted((a, b) => ((names[a] ?? "") < (names[b] ?? "") ? -1 : 1));
  return { names: order.map((i) => names[i] ?? ""), kinds: order.map((i) => kinds[i] ?? OTHER) };
}

function kindAt(path: string): Kind {
  const stats = lstatSync(toSystem(path), { throwIfNoEntry: false });
  return stats?.isFile() ? FILE : stats?.isDirectory() ? DIRECTORY : OTHER;
}
