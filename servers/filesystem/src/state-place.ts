import { realpathSync } from "node:fs";
import { dirname, isAbsolute, join, relative, resolve, sep } from "node:path";
import { ConfigError } from "@mooring/core";
import { denyPolicy } from "./sandbox/deny.ts";

/**
 * Refuses a state folder that a model could read and change: what changes replaced is kept there, also what other directories
 * held. One below a shared directory is fine where its names are refused (the default place in a shared home directory).
 * @throws ConfigError
 */
export function refuseSharedState(stateDir: string, directories: readonly string[]): void {
  const journal = real(resolve(stateDir, "journal"));
  for (const directory of directories) {
    if (directory.trim() === "") continue;
    const shared = real(resolve(directory));
    const names = below(shared, journal);
    const hidden = names && denyPolicy([]).refuses(names, "read");
    if (hidden || (!names && !below(journal, shared))) continue;
    throw new ConfigError([
      names
        ? `The state folder ${stateDir} lies in the shared directory ${directory}. Name a place outside it with --state-dir.`
        : `The shared directory ${directory} lies in the state folder ${stateDir}, which keeps what changes replaced. Share another.`,
    ]);
  }
}

// The names from a directory down to a path; `undefined` when it is not below.
function below(directory: string, path: string): string[] | undefined {
  const way = relative(directory, path);
  if (way === ".." || way.startsWith(`..${sep}`) || isAbsolute(way)) return undefined;
  return way === "" ? [] : way.split(sep);
}

// The part that exists is resolved; the rest is made later.
function real(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    const parent = dirname(path);
    return parent === path ? path : join(real(parent), relative(parent, path));
  }
}
