import type { Place, Sandbox } from "../sandbox/sandbox.ts";
import { isTemporaryOf } from "../sandbox/temporary.ts";
import { type Change, pathsOf } from "./entry.ts";
import { placeOf } from "./path.ts";
import type { DeadRun } from "./runs.ts";
import type { Recorded } from "./store.ts";

/** Entries of a run that are looked at, newest first: only its last calls can have left something. */
const ENTRIES = 100;
const DIRECTORIES = 200;

/** Removes the temporary files of processes that were killed while they wrote, from where they wrote. Never throws. */
export async function removeLeftovers(
  dead: readonly DeadRun[],
  entries: () => readonly Recorded[],
  sandbox: Sandbox,
): Promise<void> {
  for (const { run, since, forget } of dead)
    try {
      const theirs = entries()
        .filter(({ at }) => at >= since)
        .slice(0, ENTRIES);
      for (const directory of parents(theirs, sandbox)) await sweep(directory, run, sandbox);
      forget();
    } catch {
      // Looked for again by the next process.
    }
}

async function sweep(directory: Place, run: string, sandbox: Sandbox): Promise<void> {
  try {
    for (const { component } of sandbox.readDirectory(directory).entries)
      if (isTemporaryOf(component, run)) await sandbox.remove(sandbox.child(directory, component), { recursive: true });
  } catch {
    // Gone, or not ours any more.
  }
}

function parents(entries: readonly Recorded[], sandbox: Sandbox): Place[] {
  const found = new Map<string, Place>();
  for (const entry of entries)
    for (const path of changesOf(entry).flatMap(pathsOf))
      try {
        const [root, ...names] = path;
        if (found.size === DIRECTORIES) return [...found.values()];
        const place = placeOf([root, ...names.slice(0, -1)], sandbox);
        found.set(place.shown, place);
      } catch {
        // Outside the current roots.
      }
  return [...found.values()];
}

function changesOf(entry: Recorded): readonly Change[] {
  try {
    return entry.changes();
  } catch {
    return [];
  }
}
