import {
  type BigIntStats,
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  openSync,
  realpathSync,
  statSync,
} from "node:fs";
import { sep } from "node:path";
import { fromBytes, toSystem } from "./names.ts";
import { type Pin, type PinnedRoot, type Pins, Raced, realOf, withSeparator } from "./pin.ts";

// Absent on Windows.
const O_NOFOLLOW = constants.O_NOFOLLOW ?? 0;
const O_NONBLOCK = constants.O_NONBLOCK ?? 0;
const O_NOCTTY = constants.O_NOCTTY ?? 0;

/**
 * The fallback where descriptors cannot be pinned (macOS, Windows, no `/proc`): the real path is checked before, the object
 * by device and inode after opening. A program that exchanges a directory between check and use can still win a race
 * of microseconds; `--sandbox require` refuses to run like this.
 */
export const checked: Pins = {
  mode: "checked",
  separator: sep,

  openRoot(root) {
    const stats = statSync(root.path);
    if (!stats.isDirectory()) throw Object.assign(new Error("not a directory"), { code: "ENOTDIR" });
    const real = realBytes(root.path);
    const base = fromBytes(real);
    const prefix = withSeparator(real, sep);
    return { root, fd: -1, base, real, prefix, dev: stats.dev, ino: stats.ino, mount: undefined };
  },

  open(root, components, { follow, directory = false }) {
    if (!rootHolds(root)) throw new Raced("the root changed");
    const last = components.at(-1);
    const named = joined(root.base, follow ? components : components.slice(0, -1));
    const real = realBytes(named);
    if (follow || last === undefined) return pin(real, directory);
    return pin(realOf({ real }, last, sep), directory);
  },

  child(directory, name) {
    return pin(realOf(directory, name, sep), false);
  },

  reopen(object, flags) {
    const { identity } = object as CheckedPin;
    const fd = openSync(toSystem(object.path), flags | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
    if (same(fstatSync(fd, { bigint: true }), identity) && realBytes(object.path) === object.real) return fd;
    closeSync(fd);
    throw new Raced("the file was exchanged");
  },

  holds(object) {
    const { identity, link } = object as CheckedPin;
    const now = lstatSync(toSystem(object.path), { bigint: true });
    return same(now, identity) && (link || realBytes(object.path) === object.real);
  },

  rootHolds,

  // What is opened is what the real path names.
  isHere: () => true,
};

interface CheckedPin extends Pin {
  readonly identity: BigIntStats;
  readonly link: boolean;
}

function pin(real: string, directory: boolean): CheckedPin {
  const path = fromBytes(real);
  const identity = lstatSync(toSystem(path), { bigint: true });
  if (directory && !identity.isDirectory()) throw Object.assign(new Error("not a directory"), { code: "ENOTDIR" });
  const stats = () => lstatSync(toSystem(path));
  return { fd: -1, path, real, identity, link: identity.isSymbolicLink(), stats, close: () => {} };
}

function rootHolds(root: PinnedRoot): boolean {
  const now = lstatSync(toSystem(root.base));
  return now.dev === root.dev && now.ino === root.ino;
}

function realBytes(path: string): string {
  // Node gives `encoding` back as bytes too; latin1 keeps each byte as one character.
  return toBytesOf(realpathSync.native(toSystem(path), "buffer"));
}

function toBytesOf(path: Buffer): string {
  return path.toString("latin1");
}

function joined(base: string, components: readonly string[]): string {
  if (components.length === 0) return base;
  return withSeparator(base, sep) + components.join(sep);
}

function same(a: BigIntStats, b: BigIntStats): boolean {
  return a.dev === b.dev && a.ino === b.ino;
}
