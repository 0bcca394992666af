import { type FSWatcher, watch as watchDirectory } from "node:fs";
import { join } from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import type { Place, Sandbox } from "../sandbox/sandbox.ts";
import { exhausted, type WatchBudget } from "./budget.ts";
import type { Polling } from "./polling.ts";
import { signature } from "./signature.ts";

const MAX_DEPTH = 64;
/** Directories a tree may have that are polled, since no watch was left for them. */
const MAX_POLLED = 10_000;
const MAX_REMEMBERED = 1024;
const SLICE_MS = 15;

/** Decides which directories below a watched one are watched too. */
export type DirectoryFilter = (parent: Place, name: string) => boolean;

export interface TreeSettings {
  readonly sandbox: Sandbox;
  readonly budget: WatchBudget;
  readonly polling: Polling;
  readonly enter: DirectoryFilter;
  /** Something below (or the directory itself) may have changed; ask {@link Tree.changed} a little later. */
  readonly touched: () => void;
  /** Seam for tests: the kernel's watch of one directory. */
  readonly watchDirectory?: typeof watchDirectory;
}

/** One `fs.watch` a directory: 17 MB where one watch a file takes 1 GB. */
export interface Tree {
  /** Whether anything differs since the last question. */
  changed(): boolean;
  close(): void;
}

interface Directory {
  readonly place: Place;
  readonly depth: number;
  readonly children: Map<string, Directory>;
  object: string;
  watcher?: FSWatcher | undefined;
  poll?: (() => void) | undefined;
}

/** Watches a directory and what is below it; resolves when all of it is watched. */
export async function watchTree(top: Place, settings: TreeSettings): Promise<Tree> {
  const { sandbox, budget, polling, enter, touched } = settings;
  const startWatch = settings.watchDirectory ?? watchDirectory;
  // Through the pin's own name, so that the directory that was checked is the one that is watched.
  const byDescriptor = sandbox.mode === "pinned" && process.platform === "linux";
  const known = new Map<string, string>();
  const suspects = new Map<string, Place>();
  let overflow = false;
  let polled = 0;
  let closed = false;

  function open(place: Place, depth: number): Directory | undefined {
    try {
      using pin = sandbox.pinDirectory(place);
      const directory: Directory = { place, depth, children: new Map(), object: `${pin.entry.dev}:${pin.entry.ino}` };
      const path = byDescriptor ? `/proc/self/fd/${pin.fd}` : join(place.root.path, ...place.components);
      attach(directory, path);
      return directory;
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
      void descend(directory);
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
    if (name === null) return suspect(directory.place);
    const place = childOf(directory.place, name);
    suspect(place ?? directory.place);
    // The directory's own end is told under a name that is none of its entries.
    if (directory === root && event === "rename") reopenWhenBack();
    if (event === "rename" && place) void renamed(directory, name, place);
  }

  async function renamed(directory: Directory, name: string, place: Place): Promise<void> {
    const before = directory.children.get(name);
    const now = directoryAt(place);
    if (before && before.object === now) return;
    if (before) {
      drop(before);
      directory.children.delete(name);
    }
    if (now) await enterChild(directory, name);
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

  async function enterChild(parent: Directory, name: string): Promise<void> {
    if (closed || parent.depth >= MAX_DEPTH || parent.children.has(name) || !enter(parent.place, name)) return;
    const place = childOf(parent.place, name);
    const child = place && open(place, parent.depth + 1);
    if (!child) return;
    parent.children.set(name, child);
    await descend(child);
  }

  async function descend(start: Directory): Promise<void> {
    const pending = [start];
    let sliceEnd = performance.now() + SLICE_MS;
    for (let directory = pending.pop(); directory && !closed; directory = pending.pop()) {
      for (const name of subdirectories(directory.place)) {
        if (directory.depth >= MAX_DEPTH || directory.children.has(name) || !enter(directory.place, name)) continue;
        const place = childOf(directory.place, name);
        const child = place && open(place, directory.depth + 1);
        if (!child) continue;
        directory.children.set(name, child);
        pending.push(child);
      }
      if (performance.now() > sliceEnd) {
        await nextTurn();
        sliceEnd = performance.now() + SLICE_MS;
      }
    }
  }

  function subdirectories(place: Place): string[] {
    try {
      const { entries } = sandbox.readDirectory(place);
      return entries.filter(({ kind }) => kind === "directory").map(({ name }) => name);
    } catch {
      return [];
    }
  }

  let returning: (() => void) | undefined;
  function reopenWhenBack(): void {
    if (returning || directoryAt(top) === root.object) return;
    drop(root);
    suspect(top);
    const comeBack = () => {
      if (!directoryAt(top)) return;
      polling.delete(comeBack);
      returning = undefined;
      const again = open(top, 0);
      if (!again) return;
      root = again;
      suspect(top);
      void descend(root);
    };
    returning = comeBack;
    polling.add(comeBack);
    comeBack();
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

  const opened = open(top, 0);
  // Between the caller's look and ours it went away: what follows is its return.
  let root: Directory = opened ?? { place: top, depth: 0, children: new Map(), object: "" };
  if (!opened) reopenWhenBack();
  await descend(root);

  return {
    changed,
    close() {
      closed = true;
      if (returning) polling.delete(returning);
      drop(root);
    },
  };
}
