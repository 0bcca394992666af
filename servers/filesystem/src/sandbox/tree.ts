import { createHash } from "node:crypto";
import {
  chmodSync,
  closeSync,
  constants,
  copyFileSync,
  futimesSync,
  fsync,
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
import { copyFile as copyInBackground } from "node:fs/promises";
import { promisify } from "node:util";
import { ToolError } from "@mooring/core";
import { takeTurns, type Turns } from "../turns.ts";
import { entryOf, kindOf } from "./entry.ts";
import { fromBytes, toSystem } from "./names.ts";
import { at, type Pin, type Pins, Raced } from "./pin.ts";
import type { Entry } from "./sandbox.ts";
import { dress } from "./temporary.ts";

const MOST_ENTRIES = 100_000;
/** From this size (bytes) on a file is copied by another thread: below, asking one costs more than copying. */
const LARGE = 1_000_000;

export interface CopyOptions {
  /** Keep modification times and write everything to disk: the original is about to go. */
  readonly faithful: boolean;
  /** Throws for a file that may not be copied. */
  readonly admit: (file: Stats) => void;
  readonly signal?: AbortSignal | undefined;
}

interface Copying extends CopyOptions {
  readonly pins: Pins;
  readonly turns: Turns;
  left: number;
}

/** A name in a pinned directory. */
export interface Named {
  readonly parent: Pin;
  readonly name: string;
}

/** Copies an object to a free name; links as links. Leaves a part behind when it throws. */
export async function copyObject(pins: Pins, source: Named, target: Named, options: CopyOptions): Promise<void> {
  await copyInto(source, target, { ...options, pins, turns: takeTurns(options), left: MOST_ENTRIES });
}

async function copyInto(source: Named, target: Named, copying: Copying): Promise<void> {
  copying.left -= 1;
  if (copying.left < 0)
    throw new ToolError("too_large", `The directory has more than ${MOST_ENTRIES.toLocaleString("en")} entries.`, {
      hint: "Copy its parts one by one.",
    });
  await copying.turns();
  const from = copying.pins.child(source.parent, source.name);
  try {
    const stats = from.stats();
    const kind = kindOf(stats);
    if (kind === "file") await copyFile(from, target, stats, copying);
    else if (kind === "link") symlinkSync(targetOf(source), at(target.parent, target.name));
    else if (kind === "directory") await copyDirectory(from, target, stats, copying);
    else
      throw new ToolError("invalid_input", "Named pipes, sockets and devices cannot be copied.", {
        hint: "Copy what is beside them, entry by entry.",
      });
  } finally {
    from.close();
  }
}

async function copyFile(from: Pin, { parent, name }: Named, stats: Stats, copying: Copying): Promise<void> {
  const { pins, faithful, signal, admit } = copying;
  admit(stats);
  const [original, flags] = [toSystem(from.path), constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE];
  if (stats.size < LARGE) copyFileSync(original, at(parent, name), flags);
  else await copyInBackground(original, at(parent, name), flags);
  signal?.throwIfAborted();
  const made = pins.child(parent, name);
  try {
    if (process.platform !== "win32") await dressOnDisk(pins, made, stats, faithful);
    if (faithful) utimesSync(toSystem(made.path), stats.atimeMs / 1000, stats.mtimeMs / 1000);
  } finally {
    made.close();
  }
}

async function dressOnDisk(pins: Pins, copy: Pin, stats: Stats, faithful: boolean): Promise<void> {
  const fd = pins.reopen(copy, constants.O_RDONLY);
  try {
    dress(fd, stats);
    if (faithful) await promisify(fsync)(fd);
  } finally {
    closeSync(fd);
  }
}

// By the name in the pinned directory: a pinned link has no path that leads to itself.
function targetOf({ parent, name }: Named): Buffer {
  return readlinkSync(at(parent, name), "buffer");
}

async function copyDirectory(from: Pin, { parent, name }: Named, stats: Stats, copying: Copying): Promise<void> {
  const { pins, faithful } = copying;
  mkdirSync(at(parent, name), 0o700);
  const made = pins.child(parent, name);
  try {
    for (const entry of namesIn(from))
      await copyInto({ parent: from, name: entry }, { parent: made, name: entry }, copying);
    const fd = pins.mode === "pinned" ? pins.reopen(made, constants.O_RDONLY) : -1;
    if (fd === -1) {
      chmodSync(toSystem(made.path), stats.mode & 0o7777);
      if (faithful) utimesSync(toSystem(made.path), stats.atimeMs / 1000, stats.mtimeMs / 1000);
      return;
    }
    try {
      dress(fd, stats);
      if (faithful) futimesSync(fd, stats.atimeMs / 1000, stats.mtimeMs / 1000);
    } finally {
      closeSync(fd);
    }
  } finally {
    made.close();
  }
}

/** Asked of everything before it goes, by its names below what is removed (none for that itself). */
export type MayGo = (below: readonly string[], entry: Entry) => boolean;

/** An object that `mayGo` refused; what went before it is gone. */
export class Unexpected extends Error {
  override readonly name = "Unexpected";
}

/**
 * Removes an object by its name in a pinned directory; links are removed, never descended. Throws {@link Unexpected}, and the
 * system's errors, with a part removed.
 */
export async function removeObject(pins: Pins, { parent: directory, name }: Named, mayGo?: MayGo): Promise<void> {
  const turns = takeTurns();

  async function remove(parent: Pin, entry: string, below: readonly string[]): Promise<void> {
    const wait = turns();
    if (wait) await wait;
    const stats = lstatSync(at(parent, entry));
    if (mayGo && !mayGo(below, entryOf(entry, stats))) throw new Unexpected(entry);
    if (!stats.isDirectory()) {
      unlinkSync(at(parent, entry));
      return;
    }
    const pin = pins.child(parent, entry);
    try {
      // A link put in its place is not a directory: it is refused here, not entered.
      if (!pin.stats().isDirectory()) throw new Raced("no longer a directory");
      for (const inner of namesIn(pin)) await remove(pin, inner, [...below, inner]);
    } finally {
      pin.close();
    }
    rmdirSync(at(parent, entry));
  }

  await remove(directory, name, []);
}

/** Whether two objects have the same content, all the way down. */
export async function sameContent(pins: Pins, a: Named, b: Named, turns: Turns = takeTurns()): Promise<boolean> {
  await turns();
  const [first, second] = [pins.child(a.parent, a.name), pins.child(b.parent, b.name)] as const;
  try {
    const [stats, others] = [first.stats(), second.stats()];
    if (kindOf(stats) !== kindOf(others)) return false;
    if (stats.isFile())
      return stats.size === others.size && (await digest(pins, first, turns)).equals(await digest(pins, second, turns));
    if (stats.isSymbolicLink()) return targetOf(a).equals(targetOf(b));
    const names = namesIn(first).toSorted();
    if (names.join("/") !== namesIn(second).toSorted().join("/")) return false;
    for (const name of names)
      if (!(await sameContent(pins, { parent: first, name }, { parent: second, name }, turns))) return false;
    return true;
  } finally {
    first.close();
    second.close();
  }
}

async function digest(pins: Pins, pin: Pin, turns: Turns): Promise<Buffer> {
  const fd = pins.reopen(pin, constants.O_RDONLY);
  const hash = createHash("sha256");
  const block = Buffer.allocUnsafe(1 << 18);
  try {
    for (let length = readSync(fd, block); length > 0; length = readSync(fd, block)) {
      hash.update(block.subarray(0, length));
      await turns();
    }
    return hash.digest();
  } finally {
    closeSync(fd);
  }
}

function namesIn(directory: Pin): string[] {
  return readdirSync(toSystem(directory.path), { encoding: "latin1" }).map(fromBytes);
}
