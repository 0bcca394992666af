import { chmodSync, existsSync, mkdirSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { Problem } from "../problem.ts";

/**
 * Puts texts in place of files, by path, and then removes others: all texts are written beside their places before the first
 * one moves there, and it in turn before anything goes.
 * @throws Problem for what the system refuses
 */
export function replaceFiles(texts: ReadonlyMap<string, string>, removed: readonly string[] = []): void {
  const beside = new Map<string, string>();
  try {
    for (const [path, text] of texts)
      attempt(path, "Nothing was changed.", () => {
        mkdirSync(dirname(path), { recursive: true });
        const temporary = `${path}.${process.pid}.tmp`;
        beside.set(path, temporary);
        writeFileSync(temporary, text);
        // Executable stays executable.
        if (existsSync(path)) chmodSync(temporary, statSync(path).mode);
      });
    const halfway = "Some files were changed before it: git diff shows them.";
    for (const [path, temporary] of beside) attempt(path, halfway, () => renameSync(temporary, path));
    for (const path of removed) attempt(path, halfway, () => rmSync(path));
  } finally {
    for (const temporary of beside.values()) rmSync(temporary, { force: true });
  }
}

function attempt(path: string, soFar: string, work: () => void): void {
  try {
    work();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    throw new Problem(`${path} cannot be written (${code}). ${soFar}`);
  }
}
