import { createHash } from "node:crypto";
import {
  chmodSync,
  closeSync,
  constants,
  copyFileSync,
  fsyncSync,
  futimesSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readlinkSync,
  readSync,
  rmdirSync,
  type Stats,
  symlinkSync,
  unlinkSync,
  utimesSync,
} from "node:fs";
import { ToolError } from "@mooring/core";
import { kindOf } from "./entry.ts";
import { fromBytes, toSystem } from "./names.ts";
import { at, type Pin, type Pins, Raced } from "./pin.ts";
import { dress } from "./temporary.ts";

const MOST_ENTRIES = 100_000;

export interface CopyOptions {
  /** Keep modification times and write everything to disk: the original is about to go. */
  readonly faithful: boolean;
}

/** Copies an object under a new name into a pinned directory; links as links. Leaves a part behind when it throws. */
export function copyObject(pins: Pins, from: Pin, directory: Pin, name: string, options: CopyOptions): void {
  copyInto(pins, from, directory, name, options, { left: MOST_ENTRIES });
}

function copyInto(pins: Pins, from: Pin, to: Pin, name: string, options: CopyOptions, budget: { left: number }): void {
  budget.left -= 1;
  if (budget.left < 0)
    throw new ToolError("too_large", `The directory has more than ${MOST_ENTRIES.toLocaleString("en")} entries.`, {
      hint: "Copy its parts one by one.",
    });
  const stats = from.stats();
  const kind = kindOf(stats);
  if (kind === "file") copyFile(pins, from, to, name, stats, options);
  else if (kind === "link") symlinkSync(targetOf(pins, from), at(to, name));
  else if (kind === "directory") copyDirectory(pins, from, to, name, stats, options, budget);
  else throw new ToolError("invalid_input", "Named pipes, sockets and devices cannot be copied.");
}

function copyFile(pins: Pins, from: Pin, to: Pin, name: string, stats: Stats, { faithful }: CopyOptions): void {
  const path = at(to, name);
  copyFileSync(toSystem(from.path), path, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE);
  const copy = pins.child(to, name);
  try {
    if (process.platform !== "win32") dressOnDisk(pins, copy, stats, faithful);
    if (faithful) utimesSync(toSystem(copy.path), stats.atimeMs / 1000, stats.mtimeMs / 1000);
  } finally {
    copy.close();
  }
}

function dressOnDisk(pins: Pins, copy: Pin, stats: Stats, faithful: boolean): void {
  const fd = pins.reopen(copy, constants.O_RDONLY);
  try {
    dress(fd, stats);
    if (faithful) fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

// A pinned link has no path that leads to itself, only the name it was found by.
function targetOf(pins: Pins, link: Pin): Buffer {
  return pins.mode === "pinned"
    ? readlinkSync(Buffer.from(link.real, "latin1"), "buffer")
    : readlinkSync(toSystem(link.path), "buffer");
}

function copyDirectory(
  pins: Pins,
  from: Pin,
  to: Pin,
  name: string,
  stats: Stats,
  options: CopyOptions,
  budget: { left: number },
): void {
  mkdirSync(at(to, name), 0o700);
  const made = pins.child(to, name);
  try {
    for (const entry of namesIn(from)) {
      const child = pins.child(from, entry);
      try {
        copyInto(pins, child, made, entry, options, budget);
      } finally {
        child.close();
      }
    }
    const fd = pins.mode === "pinned" ? pins.reopen(made, constants.O_RDONLY) : -1;
    if (fd === -1) {
      chmodSync(toSystem(made.path), stats.mode & 0o7777);
      if (options.faithful) utimesSync(toSystem(made.path), stats.atimeMs / 1000, stats.mtimeMs / 1000);
      return;
    }
    try {
      dress(fd, stats);
      if (options.faithful) futimesSync(fd, stats.atimeMs / 1000, stats.mtimeMs / 1000);
    } finally {
      closeSync(fd);
    }
  } finally {
    made.close();
  }
}

/** Removes an object by its name in a pinned directory; links are removed, never descended. */
export function removeObject(pins: Pins, directory: Pin, name: string): void {
  if (!lstatSync(at(directory, name)).isDirectory()) {
    unlinkSync(at(directory, name));
    return;
  }
  const pin = pins.child(directory, name);
  try {
    // A link put in its place is not a directory: it is refused here, not entered.
    if (!pin.stats().isDirectory()) throw new Raced("no longer a directory");
    for (const entry of namesIn(pin)) removeObject(pins, pin, entry);
  } finally {
    pin.close();
  }
  rmdirSync(at(directory, name));
}

/** Whether two objects have the same content, all the way down. */
export function sameContent(pins: Pins, a: Pin, b: Pin): boolean {
  const [first, second] = [a.stats(), b.stats()];
  if (kindOf(first) !== kindOf(second)) return false;
  if (first.isFile()) return first.size === second.size && digest(pins, a).equals(digest(pins, b));
  if (first.isSymbolicLink()) return targetOf(pins, a).equals(targetOf(pins, b));
  const names = namesIn(a).toSorted();
  if (names.join("/") !== namesIn(b).toSorted().join("/")) return false;
  return names.every((name) => {
    const children = [pins.child(a, name), pins.child(b, name)] as const;
    try {
      return sameContent(pins, ...children);
    } finally {
      for (const child of children) child.close();
    }
  });
}

function digest(pins: Pins, pin: Pin): Buffer {
  const fd = pins.reopen(pin, constants.O_RDONLY);
  const hash = createHash("sha256");
  const block = Buffer.allocUnsafe(1 << 18);
  try {
    for (let length = readSync(fd, block); length > 0; length = readSync(fd, block))
      hash.update(block.subarray(0, length));
    return hash.digest();
  } finally {
    closeSync(fd);
  }
}

function namesIn(directory: Pin): string[] {
  return readdirSync(toSystem(directory.path), { encoding: "latin1" }).map(fromBytes);
}
