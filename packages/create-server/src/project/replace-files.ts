import { existsSync, mkdirSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";

/** Puts texts in place of files, by path: all of them are written beside their places before the first one moves there. */
export function replaceFiles(texts: ReadonlyMap<string, string>): void {
  const beside = [...texts].map(([path, text]) => ({ path, text, temporary: `${path}.${process.pid}.tmp` }));
  try {
    for (const { path, text, temporary } of beside) {
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(temporary, text, existsSync(path) ? { mode: statSync(path).mode } : {});
    }
    for (const { path, temporary } of beside) renameSync(temporary, path);
  } finally {
    for (const { temporary } of beside) rmSync(temporary, { force: true });
  }
}
