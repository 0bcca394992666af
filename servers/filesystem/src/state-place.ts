import { realpathSync } from "node:fs";
import { dirname, isAbsolute, join, relative, resolve } from "node:path";
import { ConfigError } from "@mooring/core";

/**
 * Refuses a state folder that was put below a shared directory: what changes replaced is kept there, and a model could read
 * and change it. (The default place is refused by name, since a shared home directory holds it.)
 * @throws ConfigError
 */
export function refuseSharedState(stateDir: string, directories: readonly string[]): void {
  const state = real(resolve(stateDir));
  for (const directory of directories) {
    if (directory.trim() === "") continue;
    const way = relative(real(resolve(directory)), state);
    if (way.startsWith("..") || isAbsolute(way)) continue;
    throw new ConfigError([
      `--state-dir ${stateDir} lies in the shared directory ${directory}. Choose a place outside it.`,
    ]);
  }
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
