import { accessSync, constants, mkdirSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { codeOf } from "../errors.ts";

/**
 * Makes a folder and what is missing above it, open to its owner only. Not by `recursive`: where a parent exists and takes
 * no names (below /proc), Node tries for ever.
 * @throws the system's error
 */
export function makeFolder(path: string): void {
  const there = statSync(path, { throwIfNoEntry: false });
  if (there?.isDirectory()) return;
  if (there) throw Object.assign(new Error("a file stands there"), { code: "ENOTDIR" });
  try {
    mkdirSync(path, { mode: 0o700 });
  } catch (error) {
    const code = codeOf(error);
    // Another process was quicker.
    if (code === "EEXIST") return;
    if (code !== "ENOENT" || statSync(dirname(path), { throwIfNoEntry: false })) throw error;
    makeFolder(dirname(path));
    mkdirSync(path, { mode: 0o700 });
  }
}

/** Why a folder cannot be written or made, as the system's code; `undefined` when it probably can. Makes nothing. */
export function writeProblem(path: string): string | undefined {
  try {
    const there = statSync(path, { throwIfNoEntry: false });
    if (!there && dirname(path) !== path) return writeProblem(dirname(path));
    if (there && !there.isDirectory()) return "ENOTDIR";
    accessSync(path, constants.W_OK | constants.X_OK);
    return undefined;
  } catch (error) {
    return codeOf(error) ?? "unknown";
  }
}
