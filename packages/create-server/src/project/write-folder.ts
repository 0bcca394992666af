import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { Problem } from "../problem.ts";
import type { Files } from "./template.ts";

/** @throws Problem where the folder cannot become a new project; asked before the questions, and again before writing */
export function refuseTaken(directory: string): void {
  if (!existsSync(directory)) return;
  if (!statSync(directory).isDirectory())
    throw new Problem(`${directory} is a file. Choose another directory. Nothing was written.`);
  const held = attempt(directory, () => readdirSync(directory));
  if (held.length > 0)
    throw new Problem(`${directory} is not empty. Choose another directory, or empty it. Nothing was written.`);
}

/**
 * Writes a folder whole or not at all: first under another name, then where it belongs. A folder that is there already
 * stays the same one: it may be a shell's current directory, a mount or a link.
 * @throws Problem when it is taken or cannot be written
 */
export function writeFolder(directory: string, files: Files): void {
  refuseTaken(directory);
  const isThere = existsSync(directory);
  const parent = dirname(directory);
  const temporary = join(isThere ? directory : parent, `.${basename(directory)}.${process.pid}.tmp`);
  const made: string[] = [];
  attempt(directory, () => {
    try {
      // The first of the folders that had to be made.
      const top = mkdirSync(isThere ? directory : parent, { recursive: true });
      if (top !== undefined) made.push(top);
      mkdirSync(temporary);
      made.push(temporary);
      for (const [path, text] of files) {
        mkdirSync(dirname(join(temporary, path)), { recursive: true });
        writeFileSync(join(temporary, path), text);
      }
      if (!isThere) return renameSync(temporary, directory);
      for (const entry of readdirSync(temporary)) {
        renameSync(join(temporary, entry), join(directory, entry));
        made.push(join(directory, entry));
      }
      rmSync(temporary, { recursive: true });
    } catch (error) {
      for (const path of made) rmSync(path, { recursive: true, force: true });
      throw error;
    }
  });
}

function attempt<T>(directory: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    throw new Problem(`${directory} cannot be written (${code}). Nothing was written.`);
  }
}
