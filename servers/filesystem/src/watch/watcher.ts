import type { Place, Sandbox } from "../sandbox/sandbox.ts";

/** Tells when a file, or anything below a directory, changed. */
export interface Watcher {
  /**
   * Calls `changed` after changes of what the place names, at most once in 50 ms, until the returned function is called.
   * Throws a `not_found` ToolError for what is missing, outside, or neither a file nor a directory.
   */
  watch(place: Place, changed: () => void): Promise<() => void>;
}

export interface WatcherSettings {
  readonly sandbox: Sandbox;
  /** The most kernel watches held at once; what is above them is polled. */
  readonly maxWatches: number;
  readonly log: WatchLog;
}

/** The part of the server's log that watching needs. */
export interface WatchLog {
  warn(message: string): void;
}

/** A façade that loads nothing until the first subscription. */
export function createWatcher(settings: WatcherSettings): Watcher {
  let watching: Promise<Watcher> | undefined;
  return {
    async watch(place, changed) {
      watching ??= import("./watching.ts").then(({ startWatching }) => startWatching(settings));
      return (await watching).watch(place, changed);
    },
  };
}
