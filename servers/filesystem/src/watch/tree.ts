import { type FSWatcher, watch as watchDirectory } from "node:fs";
import { setImmediate as nextTurn } from "node:timers/promises";
import type { Entry, Place, Sandbox } from "../sandbox/sandbox.ts";
import { type IgnoreScope, rootScope } from "../patterns/gitignore.ts";
import { ownRules, scopeOf } from "../patterns/ignore-files.ts";
import { exhausted, type WatchBudget } from "./budget.ts";
import type { Polling } from "./polling.ts";
import { signature } from "./signature.ts";

const MAX_DEPTH = 64;
/** Directories a tree may have that are polled, since no watch was left for them. */
const MAX_POLLED = 10_000;
const MAX_REMEMBERED = 1024;
const SLICE_MS = 15;

export interface TreeSettings {
  readonly sandbox: Sandbox;
  readonly budget: WatchBudget;
  readonly polling: Polling;
  /** Something below (or the directory itself) may have changed; ask {@link Tree.changed} a little later. */
  readonly touched: () => void;
  /** Seam for tests: the kernel's watch of one directory. */
  readonly watchDirectory?: typeof watchDirectory | undefined;
}

/** One `fs.watch` a directory: 17 MB where one watch a file takes 1 GB. Ignored directories are left out, as by git. */
export interface Tree {
  /** Whether anything differs since the last question. */
  changed(): boolean;
  close(): void;
}

interface Directory {
  readonly place: Place;
  readonly depth: number;
  readonly children: Map<string, Directory>;
  /** Device and inode. */
  readonly object: string;
  /** Rules for its entries; a changed .gitignore counts from the next subscription on. */
  scope: IgnoreScope;
  watcher?: FSWatcher | undefined;
  poll?: (() => void) | undefined;
}

/** Watches a directory and what is below it; resolves when all of it is watched. */
export async function watchTree(top: Place, settings: TreeSettings): Promise<Tree> {
  const { sandbox, budget, polling, touched } = settings;
  const startWatch = settings.watchDirectory ?? watchDirectory;
  const known = new Map<string, string>();
  const suspects = new Map<string, Place>();
  let root: Directory | undefined;
  let overflow = false;
  let polled = 0;
  let closed = false;

  /** Watches one directory, then looks into it, so that nothing falls between; `undefined` when that cannot be. */
  function open(place: Place, above: Directory | undefined): { directory: Directory; inside: string[] } | undefined {
    try {
      using pin = sandbox.pinDirectory(place);
      const object = `${pin.entry.dev}:${pin.entry.ino}`;
      const depth = above ? above.depth + 1 : 0;
      const directory: Directory = { place, depth, object, children: new Map(), scope: rootScope() };
      // Through the pin's own name, so that the directory that was checked is the one that is watched.
      attach(directory, pin.path);
      const entries = entriesOf(place);
      directory.scope = scopeOf(sandbox, place, ownRules(sandbox, place, entries), above?.scope);
      return { directory, inside: directoriesIn(entries) };
    } catch {
      return undefined; // gone again, unreadable or led outside: its parent tells when that changes
    }
  }

  function attach(directory: Directory, path: string): void {
    if (budget.take()) {
      try {
        directory.watcher = startWatch(path, { persistent: false }, (event, name) => onEvent(directory, event, name));
        directory.watcher.on("error", () => {
          detach(directory);
          poll(directory);
        });
        return;
      } catch (error) {
        budget.give();
        const code = exhausted(error);
        if (code) budget.refused(code);
      }
    }
    poll(directory);
  }

  function poll(directory: Directory): void {
    if (closed || polled >= MAX_POLLED) return;
    polled++;
    let last = signature(sandbox, directory.place, { follow: false });
    directory.poll = () => {
      const now = signature(sandbox, directory.place, { follow: false });
      if (now === last) return;
      last = now;
      suspect(directory.place);
      void enterAll(directory, directoriesIn(entriesOf(directory.place)));
    };
    polling.add(directory.poll);
  }

  function detach(directory: Directory): void {
    if (directory.watcher) {
      directory.watcher.close();
      directory.watcher = undefined;
      budget.give();
    }
    if (directory.poll) {
      polling.delete(directory.poll);
      directory.poll = undefined;
      polled--;
    }
  }

  function drop(directory: Directory): void {
    detach(directory);
    for (const child of directory.children.values()) drop(child);
    directory.children.clear();
  }

  function suspect(place: Place): void {
    if (suspects.size < MAX_REMEMBERED) suspects.set(place.components.join("/"), place);
    else overflow = true;
    touched();
  }

  function onEvent(directory: Directory, event: string, name: string | null): void {
    if (closed) return;
    const place = name === null ? undefined : childOf(directory.place, name);
    // What is ignored is still listed: that it comes and goes counts, what is in it does not.
    if (event === "change" && name !== null && directory.scope.ignores(name, false)) return;
    suspect(place ?? directory.place);
    if (event !== "rename") return;
    // The directory's own end is told under a name that is none of its entries.
    if (directory === root) reopenWhenBack();
    if (name !== null && place) void renamed(directory, name, place);
  }

  async function renamed(directory: Directory, name: string, place: Place): Promise<void> {
    const before = directory.children.get(name);
    const now = directoryAt(place);
    if (before && before.object === now) return;
    if (before) {
      drop(before);
      directory.children.delete(name);
    }
    if (now) await enterAll(directory, [name]);
  }

  /** Device and inode of the directory that this name is now, links not followed. */
  function directoryAt(place: Place): string | undefined {
    try {
      const { kind, dev, ino } = sandbox.stat(place, { follow: false });
      return kind === "directory" ? `${dev}:${ino}` : undefined;
    } catch {
      return undefined;
    }
  }

  function childOf(place: Place, name: string): Place | undefined {
    try {
      return sandbox.child(place, name);
    } catch {
      return undefined;
    }
  }

  /** Watches these subdirectories and everything below them. */
  async function enterAll(start: Directory, names: readonly string[]): Promise<void> {
    const pending: [Directory, readonly string[]][] = [[start, names]];
    let sliceEnd = performance.now() + SLICE_MS;
    for (let next = pending.pop(); next && !closed; next = pending.pop()) {
      const [parent, inside] = next;
      if (parent.depth >= MAX_DEPTH) continue;
      for (const name of inside) {
        if (parent.children.has(name) || parent.scope.ignores(name, true)) continue;
        const place = childOf(parent.place, name);
        const child = place && open(place, parent);
        if (!child) continue;
        parent.children.set(name, child.directory);
        pending.push([child.directory, child.inside]);
        if (performance.now() < sliceEnd) continue;
        await nextTurn();
        if (closed) return;
        sliceEnd = performance.now() + SLICE_MS;
      }
    }
  }

  function entriesOf(place: Place): readonly Entry[] {
    try {
      return sandbox.readDirectory(place).entries;
    } catch {
      return [];
    }
  }

  async function openTop(): Promise<void> {
    const opened = open(top, undefined);
    if (!opened) return;
    root = opened.directory;
    await enterAll(root, opened.inside);
  }

  let returning: (() => void) | undefined;
  function reopenWhenBack(): void {
    if (returning || (root && directoryAt(top) === root.object)) return;
    if (root) drop(root);
    root = undefined;
    returning = () => {
      if (!returning || !directoryAt(top)) return;
      polling.delete(returning);
      returning = undefined;
      suspect(top);
      void openTop();
    };
    polling.add(returning);
    returning();
  }

  /** Compares what was touched with what it was when last asked. */
  function changed(): boolean {
    let differs = overflow;
    overflow = false;
    for (const [key, place] of suspects) {
      const now = signature(sandbox, place, { follow: false });
      if (now !== known.get(key)) differs = true;
      known.set(key, now);
    }
    suspects.clear();
    if (known.size > MAX_REMEMBERED) known.clear();
    return differs;
  }

  await openTop();
  // Between the caller's look and ours it went away: what follows is its return.
  if (!root) reopenWhenBack();

  return {
    changed,
    close() {
      closed = true;
      if (returning) polling.delete(returning);
      if (root) drop(root);
    },
  };
}

function directoriesIn(entries: readonly Entry[]): string[] {
  return entries.filter(({ kind }) => kind === "directory").map(({ component }) => component);
}
