import { mkdirSync, statSync } from "node:fs";
import { dirname } from "node:path";

/**
 * Makes a folder and what is missing above it, open to its owner only (0700). Not by `recursive`: where a parent exists and
 * takes no names (below /proc), Node tries for ever.
 * @throws the system's error
 */
export function makeFolder(path: string): void {
  const there = statSync(path, { throwIfNoEntry: false });
  if (there?.isDirectory()) return;
  if (there) throw Object.assign(new Error("a file stands there"), { code: "ENOTDIR" });
  try {
    makeOne(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    const parent = dirname(path);
    if (!statSync(parent, { throwIfNoEntry: false })) makeFolder(parent);
    // Once more: the parent is there now, ours or another process's.
    makeOne(path);
  }
}

function makeOne(path: string): void {
  try {
    mkdirSync(path, { mode: 0o700 });
  } catch (error) {
    // Another process was quicker.
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  }
}
