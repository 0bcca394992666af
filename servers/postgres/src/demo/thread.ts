import { Worker } from "node:worker_threads";
import { createInFlight, received } from "./flow.ts";
import type { DemoWorkerData, FromWorker, Stage, ToWorker } from "./messages.ts";

/** Why a thread is not there any more. */
export type End = "cancelled" | "late" | "crashed" | "closed";

/** The thread was ended while something ran in it. */
export class ThreadEnded extends Error {
  override readonly name = "ThreadEnded";
  readonly end: End;
  constructor(end: End) {
    super(`The thread of the demo database was ended: ${end}.`);
    this.end = end;
  }
}

/** The database did not start. */
export class BootFailure extends Error {
  override readonly name = "BootFailure";
  /** PGlite is not installed. */
  readonly missing: boolean;
  constructor(reason: string, missing = false) {
    super(reason);
    this.missing = missing;
  }
}

export interface ThreadOptions extends Omit<DemoWorkerData, "inFlight"> {
  onStage(stage: Stage): void;
}

/** The embedded database in a thread of its own. */
export interface Thread {
  /**
   * Hands over bytes of the protocol; answers come through `onBytes`, which calls `read` when they were consumed. Ends the
   * thread when they take longer than `limitMs` (0: as long as they like). Resolves to whether the session goes on. Throws {@link ThreadEnded}.
   */
  run(type: "connect" | "run", bytes: Uint8Array, on: OnBytes, limitMs: number): Promise<boolean>;
  readonly busy: boolean;
  /** It takes no more work. */
  readonly ending: boolean;
  /** Resolves when it is gone. */
  readonly ended: Promise<End>;
  /** At once: what runs is lost, what was committed is not. */
  end(reason: End): Promise<void>;
  /** Stops the database properly, so that it starts quickly and remembers its statistics. */
  close(): Promise<void>;
}

export type OnBytes = (bytes: Uint8Array, read: () => void) => void;

/** What Node's timers take, in milliseconds. */
const LONGEST_TIMER = 2 ** 31 - 1;
/** A boot that takes longer has failed, in milliseconds. */
const BOOT_LIMIT = 60_000;
/** A shutdown that takes longer is cut short, in milliseconds: the database recovers at the next start. */
const CLOSE_LIMIT = 2_000;

/** Throws {@link BootFailure}. */
export function startThread({ directory, seed, onStage }: ThreadOptions): Promise<Thread> {
  const inFlight = createInFlight();
  const worker = new Worker(workerFile(), {
    name: "mooring-demo",
    workerData: { directory, seed, inFlight } satisfies DemoWorkerData,
    env: {},
    execArgv: [],
    // What PostgreSQL prints must not get into the stream that MCP runs on.
    stdout: true,
    stderr: true,
  });
  worker.stdout.resume();
  worker.stderr.resume();

  let ended: End | undefined;
  let running: { on: OnBytes; settle: (outcome: boolean | Error) => void } | undefined;
  const booted = Promise.withResolvers<Thread>();
  const gone = Promise.withResolvers<End>();
  const bootTimer = setTimeout(() => fail(new BootFailure("it took too long")), BOOT_LIMIT).unref();

  function fail(error: BootFailure): void {
    booted.reject(error);
    void end("crashed");
  }

  async function end(reason: End): Promise<void> {
    ended ??= reason;
    await worker.terminate();
  }

  const thread: Thread = {
    get busy() {
      return running !== undefined;
    },
    get ending() {
      return ended !== undefined;
    },
    ended: gone.promise,
    end,
    run(type, bytes, on, limitMs) {
      if (ended !== undefined) return Promise.reject(new ThreadEnded(ended));
      const { promise, resolve, reject } = Promise.withResolvers<boolean>();
      const timer = limitMs > 0 ? setTimeout(() => void end("late"), Math.min(limitMs, LONGEST_TIMER)) : undefined;
      worker.ref();
      running = {
        on,
        settle(outcome) {
          clearTimeout(timer);
          running = undefined;
          worker.unref();
          if (outcome instanceof Error) reject(outcome);
          else resolve(outcome);
        },
      };
      post({ type, bytes });
      return promise;
    },
    async close() {
      if (ended === undefined && !running) {
        worker.ref();
        post({ type: "close" });
        const timer = setTimeout(() => void end("closed"), CLOSE_LIMIT);
        await gone.promise;
        clearTimeout(timer);
      } else await end("closed");
    },
  };
  const post = (message: ToWorker) => worker.postMessage(message);

  const answer = (on: OnBytes, bytes: Uint8Array) => on(bytes, () => received(inFlight, bytes.length));

  worker.on("message", (message: FromWorker) => {
    switch (message.type) {
      case "stage":
        onStage(message.stage);
        break;
      case "ready":
        clearTimeout(bootTimer);
        worker.unref();
        booted.resolve(thread);
        break;
      case "missing":
        fail(new BootFailure("it is not installed", true));
        break;
      case "failed":
        fail(new BootFailure(message.reason));
        break;
      case "bytes":
        if (running) answer(running.on, message.bytes);
        break;
      case "done": {
        const { on, settle } = running ?? {};
        settle?.(!message.refused);
        if (on && message.bytes) answer(on, message.bytes);
        break;
      }
      case "closed":
        ended ??= "closed";
        break;
    }
  });
  worker.on("error", (error) => booted.reject(new BootFailure(error.message)));
  worker.on("exit", () => {
    clearTimeout(bootTimer);
    ended ??= "crashed";
    booted.reject(new BootFailure("its thread ended"));
    running?.settle(new ThreadEnded(ended));
    gone.resolve(ended);
  });
  return booted.promise;
}

// From source the neighbour file, from a bundle the entry of its own.
function workerFile(): URL {
  const file = import.meta.url.endsWith(".ts") ? "worker.ts" : "demo-worker.js";
  return new URL(`./${file}`, import.meta.url);
}
