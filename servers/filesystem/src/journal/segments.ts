import { makeFolder } from "@mooring/core";
import { closeSync, fdatasyncSync, fstatSync, openSync, readdirSync, readSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";

/**
 * The index: JSON lines in one file a day, only ever appended to, so that several processes share it without rewriting what
 * another one is about to write. A whole day is deleted at once when it is too old.
 */
export interface Segments {
  /** Appends with one write; `sync` waits for the disk. `at`: milliseconds since the epoch, chooses the day. */
  append(at: number, line: object, options?: { readonly sync?: boolean }): void;
  /** What was appended since the last time, by anybody. Broken lines are left out: a crash may tear the last one. */
  news(): unknown[];
  /** Deletes the days that ended before this time. */
  dropBefore(time: number): void;
}

const DAY_MS = 86_400_000;
const NAME = /^index-(\d{4}-\d{2}-\d{2})\.jsonl$/;

export function createSegments(folder: string): Segments {
  /** How far each file was read. */
  const read = new Map<string, { ino: number; at: number }>();
  return {
    append(at, line, { sync = false } = {}) {
      makeFolder(folder);
      const fd = openSync(join(folder, `index-${dayOf(at)}.jsonl`), "a", 0o600);
      try {
        // The newline in front ends a line that a crash has torn.
        const bytes = Buffer.from(`\n${JSON.stringify(line)}\n`);
        const written = writeSync(fd, bytes);
        if (written < bytes.length) throw Object.assign(new Error("short write"), { code: "ENOSPC" });
        if (sync) fdatasyncSync(fd);
      } finally {
        closeSync(fd);
      }
    },
    news() {
      const found: unknown[] = [];
      const names = segmentNames(folder);
      for (const name of read.keys()) if (!names.includes(name)) read.delete(name);
      for (const name of names) readNews(join(folder, name), name, read, found);
      return found;
    },
    dropBefore(time) {
      for (const name of segmentNames(folder)) {
        const day = NAME.exec(name)?.[1] as string;
        if (Date.parse(day) + DAY_MS <= time) rmSync(join(folder, name), { force: true });
      }
    },
  };
}

function dayOf(at: number): string {
  return new Date(at).toISOString().slice(0, 10);
}

function segmentNames(folder: string): string[] {
  try {
    return readdirSync(folder)
      .filter((name) => NAME.test(name))
      .toSorted();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
}

function readNews(path: string, name: string, read: Map<string, { ino: number; at: number }>, found: unknown[]): void {
  let fd: number;
  try {
    fd = openSync(path, "r");
  } catch (error) {
    // Another process has just deleted the day.
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return;
    throw error;
  }
  try {
    const { ino, size } = fstatSync(fd);
    const known = read.get(name);
    const from = known && known.ino === ino && known.at <= size ? known.at : 0;
    if (from === size) return;
    const bytes = Buffer.allocUnsafe(size - from);
    const length = readSync(fd, bytes, 0, bytes.length, from);
    // Behind the last newline a line may still be on its way.
    const end = bytes.subarray(0, length).lastIndexOf(10) + 1;
    read.set(name, { ino, at: from + end });
    for (const line of bytes.toString("utf8", 0, end).split("\n")) if (line !== "") found.push(...parsed(line));
  } finally {
    closeSync(fd);
  }
}

function parsed(line: string): [unknown] | [] {
  try {
    return [JSON.parse(line) as unknown];
  } catch {
    return [];
  }
}
