import type { Log } from "@mooring/core";
import { type Folder, takeFolder } from "./folder.ts";
import type { Stage } from "./messages.ts";
import { BootFailure, startThread, type Thread } from "./thread.ts";

export interface EngineOptions {
  readonly stateDir: string;
  readonly log: Log;
  /** Without a client for so long, the database stops and gives its memory back, in milliseconds. Default: 5 minutes. */
  readonly idleMs?: number;
}

/** Runs the embedded database while somebody uses it. */
export interface Engine {
  /** Starts it unless it runs. Throws {@link BootFailure}. */
  start(onStage?: (stage: Stage) => void): Promise<Thread>;
  /** Resolves when it is the caller's turn, since there is one session only; the caller calls what it gets when it leaves. */
  enter(): Promise<() => void>;
  /** Ends what runs. */
  cancel(): void;
  /** What is written stays when the server ends; `undefined` before the first start. */
  readonly kept: boolean | undefined;
  close(): Promise<void>;
}

export function createEngine({ stateDir, log, idleMs = 300_000 }: EngineOptions): Engine {
  const listeners = new Set<(stage: Stage) => void>();
  let folder: Folder | undefined;
  let kept: boolean | undefined;
  let starting: Promise<Thread> | undefined;
  let thread: Thread | undefined;
  let clients = 0;
  let tail = Promise.resolve();
  let idle: NodeJS.Timeout | undefined;

  const onStage = (stage: Stage) => listeners.forEach((listener) => listener(stage));
  const run = (directory: string | undefined, seed: boolean) => startThread({ directory, seed, onStage });

  async function start(listener: (stage: Stage) => void = () => {}): Promise<Thread> {
    listeners.add(listener);
    try {
      // Two at once would write the same files.
      if (thread?.ending === true) await thread.ended;
      return await (starting ??= boot());
    } finally {
      listeners.delete(listener);
    }
  }

  async function boot(): Promise<Thread> {
    try {
      const booted = (await inFolder()) ?? (await run(undefined, true));
      kept = folder !== undefined;
      thread = booted;
      void booted.ended.then((end) => {
        thread = undefined;
        starting = undefined;
        if (end === "crashed") log.warn("The demo database has crashed; it starts again with the next call.");
      });
      return booted;
    } catch (error) {
      starting = undefined;
      await leaveFolder();
      throw error;
    }
  }

  /** `undefined`: not there. */
  async function inFolder(): Promise<Thread | undefined> {
    folder ??= await takeFolder(stateDir, log);
    if (!folder) return undefined;
    try {
      return (await fromFolder(folder)) ?? (await afresh(folder));
    } catch (error) {
      if (error instanceof BootFailure && error.missing) throw error;
      log.warn("The demo database cannot be kept in the state folder; it is in memory.", { error });
      await leaveFolder();
      return undefined;
    }
  }

  async function fromFolder({ data, exists, remove }: Folder): Promise<Thread | undefined> {
    if (!exists) return undefined;
    try {
      return await run(data, false);
    } catch (error) {
      if (error instanceof BootFailure && error.missing) throw error;
      log.warn("The demo database's data is damaged; it is made anew.", { error });
      await remove();
      return undefined;
    }
  }

  // By a thread of its own: creating a cluster takes memory that a thread never gives back.
  async function afresh(place: Folder): Promise<Thread> {
    await place.make(async (directory) => await (await run(directory, true)).close());
    return await run(place.data, false);
  }

  async function leaveFolder(): Promise<void> {
    const left = folder;
    folder = undefined;
    await left?.release();
  }

  async function stop(): Promise<void> {
    clearTimeout(idle);
    await starting?.then(
      (running) => running.close(),
      () => {},
    );
    await leaveFolder();
  }

  async function enter(): Promise<() => void> {
    clearTimeout(idle);
    clients++;
    const before = tail;
    const turn = Promise.withResolvers<void>();
    tail = turn.promise;
    await before;
    let left = false;
    return () => {
      if (left) return;
      left = true;
      turn.resolve();
      if (--clients === 0) idle = setTimeout(() => void stop(), idleMs).unref();
    };
  }

  return {
    start,
    enter,
    cancel() {
      // Like a server, it takes no notice of a cancellation that comes too late.
      if (thread?.busy === true) void thread.end("cancelled");
    },
    get kept() {
      return kept;
    },
    close: stop,
  };
}
