import { readdir, stat } from "node:fs/promises";
import { join, relative, resolve } from "node:path";

/** What tells one state of a file from another, by its path. */
export type Snapshot = ReadonlyMap<string, string>;

/** Of editors, of git and of installs: nothing that a server is made of. */
const FOREIGN = /^\.|~$|^node_modules$|^4913$|\.sw[a-z]$|\.tmp$|^#.*#$/u;

/** The files at and below the paths, as they are now. What is not there is left out, and is news once it is. */
export async function takeSnapshot(paths: readonly string[], cwd: string): Promise<Snapshot> {
  const files = new Map<string, string>();
  const visit = async (path: string) => {
    const found = await stat(path).catch(() => undefined);
    if (found?.isFile()) files.set(relative(cwd, path), `${found.mtimeMs} ${found.size} ${found.ino}`);
    if (!found?.isDirectory()) return;
    const entries = await readdir(path, { withFileTypes: true }).catch(() => []);
    const own = entries.filter((entry) => !FOREIGN.test(entry.name));
    await Promise.all(
      own.map((entry) => {
        const below = join(path, entry.name);
        // Links to folders may go round in circles.
        return entry.isSymbolicLink() ? link(below) : visit(below);
      }),
    );
  };
  const link = async (path: string) => {
    if ((await stat(path).catch(() => undefined))?.isFile()) await visit(path);
  };
  await Promise.all(paths.map((path) => visit(resolve(cwd, path))));
  return files;
}

/** Paths that are new, other or gone. */
export function differences(before: Snapshot, after: Snapshot): string[] {
  const changed = [...after].filter(([path, state]) => before.get(path) !== state).map(([path]) => path);
  const gone = [...before.keys()].filter((path) => !after.has(path));
  return [...changed, ...gone].sort();
}
