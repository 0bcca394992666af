// Holds what every server and library promises against its last release; the changesets must ask for a high enough level.
import { existsSync, globSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
// The source, since scripts run without a build; it needs nothing but Node.
import { CompareError } from "../packages/testing/src/compare/compare-error.ts";
import { compareProject, compareWithRelease } from "../packages/testing/src/compare/compare-project.ts";
import { type Change, change } from "../packages/testing/src/compare/rules.ts";
import type { Verdict } from "../packages/testing/src/compare/verdict.ts";
import { type Exports, libraryExports } from "./library-exports.ts";
import { root } from "./workspace.mjs";

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href)
  process.exitCode = compareWorkspace(root, (line) => process.stdout.write(`${line}\n`));

/** Compares all of a workspace. @returns 0; 1 when a higher level is needed; 2 when something cannot be compared */
export function compareWorkspace(workspace: string, say: (line: string) => void): number {
  let worst = 0;
  for (const { folder, compare } of [...servers(workspace), ...libraries(workspace)])
    try {
      const { ok, lines } = compare(join(workspace, folder));
      for (const line of lines) say(line);
      worst = Math.max(worst, ok ? 0 : 1);
    } catch (error) {
      if (!(error instanceof CompareError)) throw error;
      say(`${folder}: ${error.message}`);
      worst = 2;
    }
  return worst;
}

interface Compared {
  readonly folder: string;
  compare(folder: string): Verdict;
}

function servers(workspace: string): Compared[] {
  return folders(workspace, "servers/*/package.json").map((folder) => ({
    folder,
    compare: (path) => compareProject({ folder: path }),
  }));
}

function libraries(workspace: string): Compared[] {
  return folders(workspace, "packages/*/package.json")
    .map((folder) => ({ folder, compare: compareLibrary }))
    .filter(({ folder }) => exportsIn(join(workspace, folder)).size > 0);
}

function folders(workspace: string, pattern: string): string[] {
  return globSync(pattern, { cwd: workspace })
    .map((file) => dirname(file))
    .sort();
}

function compareLibrary(folder: string): Verdict {
  return compareWithRelease({ folder }, "exports", (git, { ref }) => {
    const before = libraryExports((path) => git.show(ref, path));
    return before.size === 0 ? undefined : compareExports(before, exportsIn(folder));
  });
}

function exportsIn(folder: string): Exports {
  return libraryExports((path) => {
    const file = join(folder, path);
    return existsSync(file) ? readFileSync(file, "utf8") : undefined;
  });
}

/** The differences between two lists of exports. A type that becomes a value can still be used as a type. */
export function compareExports(before: Exports, after: Exports): Change[] {
  const asType = (name: string) => name.replace(": value ", ": type ");
  const asValue = (name: string) => name.replace(": type ", ": value ");
  return [
    ...[...before]
      .filter((name) => !after.has(name) && !after.has(asValue(name)))
      .map((name) => change("exportRemoved", name, after.has(asType(name)) ? "is only a type now" : "is gone")),
    ...[...after]
      .filter((name) => !before.has(name) && !before.has(asValue(name)))
      .map((name) => change("exportAdded", name, before.has(asType(name)) ? "is a value now" : "is new")),
  ].toSorted((a, b) => (a.where < b.where ? -1 : 1));
}
