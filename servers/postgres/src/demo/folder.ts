import { readdirSync } from "node:fs";
import { rename, rm, utimes } from "node:fs/promises";
import { join } from "node:path";
import { type Log, makeFolder, withLock } from "@mooring/core";
import { SEED_VERSION } from "./seed/fill.ts";

/** How long another process that is just ending is waited for, in milliseconds. */
const WAIT = 300;
/** A holder on another machine shows every so many milliseconds that it lives. */
const BEAT = 15_000;

/** Where the demo's data is kept between runs; held by one process at a time, since PGlite's directories are. */
export interface Folder {
  /** The data directory. It exists only when it is complete. */
  readonly data: string;
  readonly exists: boolean;
  /** Makes it: `build` fills a directory beside it, which then takes its place. Removes that of other releases. */
  make(build: (directory: string) => Promise<void>): Promise<void>;
  remove(): Promise<void>;
  release(): Promise<void>;
}

/** `undefined`, with a line in the log, where another process holds it or nothing can be written. */
export async function takeFolder(stateDir: string, log: Log): Promise<Folder | undefined> {
  const folder = join(stateDir, "demo");
  const data = join(folder, String(SEED_VERSION));
  const hold = await takeLock(`${data}.lock`).catch((error: unknown) => error as Error);
  if (hold instanceof Error) {
    log.warn("The demo database is in memory, and what is written to it is gone when the server ends.", {
      error: hold,
    });
    return undefined;
  }

  async function removeOthers(): Promise<void> {
    for (const name of readdirSync(folder)) {
      const other = join(folder, name);
      if (!/^\d+$/.test(name) || other === data) continue;
      const held = await takeLock(`${other}.lock`).catch(() => undefined);
      await held?.with(() => rm(other, { recursive: true, force: true }));
    }
  }

  return {
    data,
    get exists() {
      return readdirSync(folder).includes(String(SEED_VERSION));
    },
    async make(build) {
      const fresh = `${data}.new`;
      await rm(fresh, { recursive: true, force: true });
      makeFolder(fresh);
      await build(fresh);
      await rename(fresh, data);
      await removeOthers();
    },
    remove: () => rm(data, { recursive: true, force: true }),
    release: () => hold.release(),
  };
}

interface Hold {
  with(work: () => Promise<void>): Promise<void>;
  release(): Promise<void>;
}

async function takeLock(path: string): Promise<Hold> {
  const taken = Promise.withResolvers<void>();
  const done = Promise.withResolvers<void>();
  const lock = withLock(
    path,
    () => {
      taken.resolve();
      return done.promise;
    },
    // The signal is for the line within this process, which has no limit of its own.
    { waitMs: WAIT, signal: AbortSignal.timeout(2 * WAIT) },
  );
  await Promise.race([taken.promise, lock]);
  const now = () => new Date();
  const beat = setInterval(() => void utimes(path, now(), now()).catch(() => {}), BEAT).unref();
  const release = async () => {
    clearInterval(beat);
    done.resolve();
    await lock.catch(() => {});
  };
  return {
    async with(work) {
      try {
        await work();
      } finally {
        await release();
      }
    },
    release,
  };
}
