import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";
import { Problem } from "../problem.ts";
import type { Files } from "./template.ts";

/** @throws Problem where the folder cannot become a new project; asked before the questions, and again before writing */
export function refuseTaken(directory: string): void {
  if (!existsSync(directory)) return;
  if (!statSync(directory).isDirectory())
    throw new Problem(`${directory} is a file. Choose another directory. Nothing was written.`);
  if (readdirSync(directory).length > 0)
    throw new Problem(`${directory} is not empty. Choose another directory, or empty it. Nothing was written.`);
}

/**
 * Writes a folder whole or not at all: beside its place first, then under its name.
 * @throws Problem when it is taken or cannot be written
 */
export function writeFolder(directory: string, files: Files): void {
  refuseTaken(directory);
  const made: string | undefined = existsSync(dirname(directory)) ? undefined : firstMissing(dirname(directory));
  let beside: string | undefined;
  try {
    mkdirSync(dirname(directory), { recursive: true });
    beside = join(dirname(directory), `.${basename(directory)}.${process.pid}.tmp`);
    mkdirSync(beside);
    for (const [path, text] of files) {
      mkdirSync(dirname(join(beside, path)), { recursive: true });
      writeFileSync(join(beside, path), text);
    }
    // An empty folder that is there already: on some systems a rename does not replace it.
    if (existsSync(directory)) rmdirSync(directory);
    renameSync(beside, directory);
  } catch (error) {
    for (const left of [beside, made]) if (left !== undefined) rmSync(left, { recursive: true, force: true });
    const code = (error as NodeJS.ErrnoException).code;
    if (code === undefined) throw error;
    throw new Problem(`${directory} cannot be written (${code}). Nothing was written.`);
  }
}

function firstMissing(directory: string): string {
  return existsSync(dirname(directory)) ? directory : firstMissing(dirname(directory));
}
