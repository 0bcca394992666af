import { type FSWatcher, statSync, watch } from "node:fs";
import { basename, dirname, resolve } from "node:path";
import { differences, type Snapshot, takeSnapshot } from "./snapshot.ts";

export interface WatchOptions {
  /** Files and folders, relative to `cwd`; they need not be there yet. */
  readonly paths: readonly string[];
  readonly cwd: string;
  /** Paths relative to `cwd`, and when the first sign of it was seen (`performance.now()`). */
  onChange(changed: readonly string[], since: number): void;
  /** Whether the system is asked for events. Default: yes, where it can tell. */
  readonly events?: boolean;
}

/** Editors write a file in several steps, tools many files at once. */
const QUIET_MS = 60;
const AT_MOST_MS = 400;
/** Without events. */
const POLL_MS = 250;
/** Besides events: they miss what is saved on another machine or outside a container, and folders that come and go. */
const POLL_ALSO_MS = 1_000;

/**
 * Tells of files that were saved, made, renamed or deleted. Events only say that it is time to look: what has changed is told
 * by comparing, so saving by renaming, temporary files and doubled events need no rules of their own.
 */
export async function watchFiles({ paths, cwd, onChange, events = true }: WatchOptions): Promise<{ close(): void }> {
  let known: Snapshot = new Map();
  let timer: NodeJS.Timeout | undefined;
  let poll: NodeJS.Timeout | undefined;
  let since: number | undefined;
  let looking = false;
  let closed = false;

  const touched = () => {
    if (closed) return;
    since ??= performance.now();
    if (timer && performance.now() - since > AT_MOST_MS) return;
    clearTimeout(timer);
    timer = setTimeout(() => void look(), QUIET_MS);
  };

  async function look(): Promise<void> {
    timer = undefined;
    if (looking) return touched();
    looking = true;
    const first = since ?? performance.now();
    since = undefined;
    const now = await takeSnapshot(paths, cwd);
    looking = false;
    const changed = differences(known, now);
    known = now;
    if (changed.length > 0 && !closed) onChange(changed, first);
  }

  async function lookAgain(everyMs: number): Promise<void> {
    const busy = looking || timer !== undefined;
    if (!busy && differences(known, await takeSnapshot(paths, cwd)).length > 0) touched();
    if (!closed) poll = setTimeout(() => void lookAgain(everyMs), everyMs);
  }

  const watchers = events ? paths.map((path) => watchPath(resolve(cwd, path), touched)) : [];
  const deaf = watchers.length === 0 || watchers.some((watcher) => watcher === undefined);
  known = await takeSnapshot(paths, cwd);
  poll = setTimeout(() => void lookAgain(deaf ? POLL_MS : POLL_ALSO_MS), deaf ? POLL_MS : POLL_ALSO_MS);
  return {
    close() {
      closed = true;
      clearTimeout(timer);
      clearTimeout(poll);
      for (const watcher of watchers) watcher?.close();
    },
  };
}

/** @returns nothing where the system cannot watch */
function watchPath(path: string, touched: () => void): FSWatcher | undefined {
  try {
    // A file is watched through its folder: one that is saved by renaming is another file.
    const isFolder = statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
    const name = basename(path);
    const watcher = isFolder
      ? watch(path, { recursive: true }, touched)
      : watch(dirname(path), (_, file) => void ((file === null || file === name) && touched()));
    watcher.on("error", () => watcher.close());
    return watcher;
  } catch {
    return undefined;
  }
}
