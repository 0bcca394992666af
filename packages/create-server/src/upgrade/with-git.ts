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
      "--no-renames",
      "--src-prefix=",
      "--dst-prefix=",
      "a",
      "b",
    ]).stdout;
  });
}

/** @throws Problem where the changes of an upgrade could not be told from others, or not be taken back */
export function refuseUncommitted(folder: string): void {
  const { status, stdout, stderr } = git(folder, ["status", "--porcelain", "--", "."]);
  if (status !== 0)
    throw new Problem(
      `--apply wants the project in git, so that it can be looked at and taken back, and git says: ${stderr.trim().split("\n")[0]}`,
    );
  if (stdout.trim() !== "")
    throw new Problem(
      "There are changes that are not committed. Commit them first, so that the upgrade can be looked at alone.",
    );
}

function git(cwd: string, args: readonly string[]) {
  const done = spawnSync("git", ["-c", "core.quotePath=false", "-c", "core.autocrlf=false", ...args], {
    cwd,
    encoding: "utf8",
    // A whole project may have changed.
    maxBuffer: 100_000_000,
  });
  if ((done.error as NodeJS.ErrnoException | undefined)?.code === "ENOENT")
    throw new Problem("--upgrade needs git to compare and merge: install it from https://git-scm.com.");
  if (done.error) throw done.error;
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
