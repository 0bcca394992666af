import type { FSWatcher } from "chokidar";

// What chokidar's `atomic` takes for editors' temporary files, and never reports.
const UNREPORTED = /\..*\.sw[px]$|~$|\.subl.*\.tmp/;

export interface ExactFilesEvents {
  /** Something happened to the file of this path, its removal included. */
  readonly changed: (path: string) => void;
  /** The file of this path is gone, and with it its watch: add it again when it is back. */
  readonly gone: (path: string) => void;
  /** The file of this path cannot be watched; `error` when the system refused. */
  readonly failed: (path: string, error?: Error) => void;
}

/** Watches single files by absolute path, each added once. All that is known of chokidar stands here. */
export interface ExactFiles {
  add(path: string): void;
  delete(path: string): void;
}

export function createExactFiles({ changed, gone, failed }: ExactFilesEvents): ExactFiles {
  const wanted = new Set<string>();
  let watcher: Promise<FSWatcher> | undefined;

  async function start(): Promise<FSWatcher> {
    const chokidar = await import("chokidar");
    return chokidar
      .watch([], {
        ignoreInitial: true,
        followSymlinks: false,
        depth: 0,
        atomic: true,
        // Without this, the end of the only file in a directory makes it read and watch the whole directory.
        ignored: (path) => !wanted.has(path),
        // Non-persistent watchers have no error listener, and Windows reports removed directories as errors.
        persistent: process.platform === "win32",
      })
      .on("all", (event, path) => (event === "unlink" || event === "unlinkDir" ? gone(path) : changed(path)))
      .on("error", (error) => {
        const path = pathOf(error);
        if (error instanceof Error && path && wanted.has(path)) failed(path, error);
      });
  }

  /** Added together after this turn: each call to chokidar makes it forget what it had compiled. */
  const waiting = new Set<string>();

  async function addWaiting(): Promise<void> {
    while (waiting.size > 0 && wanted.size > 0) {
      const current = (watcher ??= start());
      const started = await current;
      // Ended meanwhile: what is waiting belongs to the next one.
      if (current !== watcher) continue;
      started.add([...waiting].filter((path) => wanted.has(path)));
      break;
    }
    waiting.clear();
  }

  return {
    add(path) {
      if (UNREPORTED.test(path)) return failed(path);
      wanted.add(path);
      if (waiting.size === 0) setImmediate(() => void addWaiting());
      waiting.add(path);
    },
    delete(path) {
      wanted.delete(path);
      const current = watcher;
      if (wanted.size > 0) return void current?.then((started) => started.unwatch(path));
      watcher = undefined;
      void current?.then((started) => started.close());
    },
  };
}

function pathOf(error: unknown): string | undefined {
  if (typeof error !== "object" || error === null) return undefined;
  if ("filename" in error && typeof error.filename === "string") return error.filename;
  return "path" in error && typeof error.path === "string" ? error.path : undefined;
}
