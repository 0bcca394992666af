import { accessSync, constants, statSync } from "node:fs";
import { dirname } from "node:path";
import { codeOf } from "../errors.ts";

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
