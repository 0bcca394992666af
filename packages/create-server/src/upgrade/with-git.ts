import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { Problem } from "../problem.ts";
import type { Files } from "../project/template.ts";

/** Lines that both sides have changed make it `undefined`. @throws Problem without git */
export function mergeWithGit(mine: string, base: string, theirs: string): string | undefined {
  return inFolder({ mine, base, theirs }, (folder) => {
    const { status, stdout } = git(folder, ["merge-file", "-p", "mine", "base", "theirs"]);
    return status === 0 ? stdout : undefined;
  });
}

/** A unified diff of two sets of files. @throws Problem without git */
export function diffWithGit(before: Files, after: Files): string {
  const changed = [...new Set([...before.keys(), ...after.keys()])].filter(
    (path) => before.get(path) !== after.get(path),
  );
  const side = (name: string, files: Files) =>
    changed.flatMap((path): [string, string][] => {
      const text = files.get(path);
      return text === undefined ? [] : [[`${name}/${path}`, text]];
    });
  return inFolder(Object.fromEntries([...side("a", before), ...side("b", after)]), (folder) => {
    for (const name of ["a", "b"]) mkdirSync(join(folder, name), { recursive: true });
    return git(folder, [
      "diff",
      "--no-index",
      "--no-color",
      "--no-ext-diff",
      "--src-prefix=",
      "--dst-prefix=",
      "a",
      "b",
    ]).stdout;
  });
}

/** Whether a project under version control has changes that an upgrade would mix with. */
export function hasUncommitted(folder: string): boolean {
  const { status, stdout } = git(folder, ["status", "--porcelain", "--", "."]);
  return status === 0 && stdout.trim() !== "";
}

function git(cwd: string, args: readonly string[]) {
  const done = spawnSync("git", ["-c", "core.quotePath=false", "-c", "core.autocrlf=false", ...args], {
    cwd,
    encoding: "utf8",
  });
  if (done.error) throw new Problem("--upgrade needs git to compare and merge: install it from https://git-scm.com.");
  return done;
}

function inFolder<T>(files: Readonly<Record<string, string>>, work: (folder: string) => T): T {
  const folder = mkdtempSync(join(tmpdir(), "mooring-upgrade-"));
  try {
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), text);
    }
    return work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
