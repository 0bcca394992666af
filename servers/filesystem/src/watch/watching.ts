import { realpathSync } from "node:fs";
import { join, relative, sep } from "node:path";
import { ToolError } from "@mooring/core";
import type { Entry, Place } from "../sandbox/sandbox.ts";
import { createBudget, exhausted } from "./budget.ts";
import { createExactFiles } from "./exact-files.ts";
import { createPolling } from "./polling.ts";
import { GONE, signature, signatureOf } from "./signature.ts";
import { type Tree, type TreeSettings, watchTree } from "./tree.ts";
import type { Watcher, WatcherSettings } from "./watcher.ts";

/** Changes are told once in this time, with what they came to. */
const QUIET_MS = 50;
/** A watch is placed a moment after its file was looked at: one look later covers the gap. */
const SETTLE_MS = 100;

interface FileWatch {
  readonly place: Place;
  readonly changed: () => void;
  /** Absolute name of the object, links resolved; what the kernel watches. */
  readonly path: string;
  readonly check: () => void;
  last: string;
  timer?: NodeJS.Timeout | undefined;
  closed: boolean;
}

export interface WatchingSettings extends WatcherSettings {
  /** Seams for tests. */
  readonly pollMs?: number;
  readonly watchDirectory?: TreeSettings["watchDirectory"];
}

/** The machinery behind {@link Watcher}, loaded with the first subscription. */
export function startWatching({
  sandbox,
  maxWatches,
  log,
  pollMs,
  watchDirectory: startWatch,
}: WatchingSettings): Watcher {
  const budget = createBudget(maxWatches, (message) => log.warn(message));
  const polling = createPolling(pollMs);
  /** Files by the path that is watched; several names may lead to one. */
  const files = new Map<string, Set<FileWatch>>();
  const watched = new Set<string>();
  const exact = createExactFiles({
    changed: touched,
    gone(path) {
      unwatch(path);
      touched(path);
    },
    failed: notWatched,
  });

  function touched(path: string): void {
    for (const file of files.get(path) ?? []) soon(file);
  }

  function soon(file: FileWatch): void {
    file.timer ??= setTimeout(() => {
      file.timer = undefined;
      file.check();
    }, QUIET_MS).unref();
  }

  function look(file: FileWatch): void {
    if (file.closed) return;
    const now = signature(sandbox, file.place, { follow: true });
    const differs = now !== file.last;
    file.last = now;
    // What is gone has lost its watch, and a link in its place must not lead the kernel outside.
    if (now === GONE || (isDirect(file) && isLink(file.place))) pollInstead(file.path);
    else watchAgain(file.path);
    if (differs) file.changed();
  }

  function isLink(place: Place): boolean {
    try {
      return sandbox.stat(place, { follow: false }).kind === "link";
    } catch {
      return true;
    }
  }

  function watchExactly(path: string): void {
    // A name that is no UTF-8 cannot be said to chokidar.
    if (watched.has(path) || !path.isWellFormed() || !budget.take()) return;
    watched.add(path);
    exact.add(path);
  }

  function unwatch(path: string): void {
    if (!watched.delete(path)) return;
    budget.give();
    exact.delete(path);
  }

  function pollInstead(path: string): void {
    unwatch(path);
    for (const file of files.get(path) ?? []) polling.add(file.check);
  }

  function watchAgain(path: string): void {
    watchExactly(path);
    if (!watched.has(path)) return;
    for (const file of files.get(path) ?? []) if (isDirect(file)) polling.delete(file.check);
  }

  function notWatched(path: string, error?: Error): void {
    const code = exhausted(error);
    if (code) budget.refused(code);
    pollInstead(path);
  }

  function watchFile(place: Place, entry: Entry, changed: () => void): () => void {
    const path = realName(place);
    // What may not be read may not be watched either; the sandbox says why.
    if (path !== nameOf(place) || sandbox.denied(place, "read")) sandbox.openFile(place)[Symbol.dispose]();
    const file: FileWatch = {
      place,
      changed,
      path,
      check: () => look(file),
      last: signatureOf(entry),
      closed: false,
    };
    const others = files.get(path) ?? new Set();
    files.set(path, others.add(file));
    watchExactly(path);
    if (!watched.has(path) || !isDirect(file)) polling.add(file.check);
    setTimeout(file.check, SETTLE_MS).unref();
    return () => {
      if (file.closed) return;
      file.closed = true;
      clearTimeout(file.timer);
      polling.delete(file.check);
      others.delete(file);
      if (others.size > 0) return;
      files.delete(path);
      unwatch(path);
    };
  }

  async function watchDirectory(place: Place, changed: () => void): Promise<() => void> {
    let timer: NodeJS.Timeout | undefined;
    let closed = false;
    let tree: Tree | undefined;
    const touched = () => {
      if (closed) return;
      timer ??= setTimeout(() => {
        timer = undefined;
        if (!tree) touched();
        else if (!closed && tree.changed()) changed();
      }, QUIET_MS).unref();
    };
    tree = await watchTree(place, {
      sandbox,
      budget,
      polling,
      touched,
      watchDirectory: startWatch,
    });
    return () => {
      if (closed) return;
      closed = true;
      clearTimeout(timer);
      tree?.close();
    };
  }

  return {
    async watch(place, changed) {
      const entry = sandbox.stat(place, { follow: true });
      const { kind } = entry;
      if (kind === "file") return watchFile(place, entry, changed);
      if (kind === "directory") {
        // What may not be listed may not be watched either; the sandbox says why.
        sandbox.pinDirectory(place)[Symbol.dispose]();
        return watchDirectory(place, changed);
      }
      throw new ToolError("not_found", `${place.shown} is neither a file nor a directory, so it cannot be watched.`, {
        hint: "Watch the directory that holds it.",
      });
    },
  };
}

/** Not reached by links, which can be turned elsewhere without the file noticing: such files are polled as well. */
function isDirect({ path, place }: FileWatch): boolean {
  return path === nameOf(place);
}

function nameOf(place: Place): string {
  return join(place.root.path, ...place.components);
}

/** Where the file really is, for the kernel; its own name when that would be outside. */
function realName(place: Place): string {
  const name = nameOf(place);
  try {
    const real = realpathSync.native(name);
    if (real === name) return name;
    const root = realpathSync.native(place.root.path);
    const below = relative(root, real);
    // A root that is itself reached by a link keeps the operator's name.
    return below === "" || below === ".." || below.startsWith(`..${sep}`) ? name : join(place.root.path, below);
  } catch {
    return name;
  }
}
