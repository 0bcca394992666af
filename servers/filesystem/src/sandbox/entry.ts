import type { Dirent, Stats } from "node:fs";
import { shownName } from "./names.ts";
import type { Entry, EntryKind } from "./sandbox.ts";

/** What kind of object it is; the same for the answers of `stat` and of `readdir`. */
export function kindOf(stats: Stats | Dirent<string>): EntryKind {
  if (stats.isFile()) return "file";
  if (stats.isDirectory()) return "directory";
  if (stats.isSymbolicLink()) return "link";
  if (stats.isFIFO()) return "fifo";
  if (stats.isSocket()) return "socket";
  if (stats.isCharacterDevice() || stats.isBlockDevice()) return "device";
  return "other";
}

export function entryOf(component: string, stats: Stats): Entry {
  const { size, mtimeMs, mode, uid, gid, dev, ino, nlink } = stats;
  return { name: shownName(component), component, kind: kindOf(stats), size, mtimeMs, mode, uid, gid, dev, ino, nlink };
}

/** An entry of which only name and kind are known. */
export function bareEntry(component: string, kind: EntryKind): Entry {
  const unknown = { size: 0, mtimeMs: 0, mode: 0, uid: 0, gid: 0, dev: 0, ino: 0, nlink: 0 };
  return { name: shownName(component), component, kind, ...unknown };
}
