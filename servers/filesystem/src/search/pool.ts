import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import { createJob, type Job } from "./job.ts";
import type { Position, Range } from "./position.ts";
import { QueryProblem } from "./problem.ts";
import {
  ALIVE_WORD,
  FILES_WORD,
  type Found,
  type FromWorker,
  HUNGRY,
  IN_REGEX_WORD,
  type JobSpec,
  sharedSize,
  type Skipped,
  STOP_WORD,
  type ToWorker,
  wordsOf,
} from "./protocol.ts";
import type { SearchWorkerData } from "./worker.ts";

/** A regex that gets nowhere for this long is ended together with its thread, in milliseconds. */
const REGEX_STUCK_AFTER = 1000;
/** A thread that does not stop within this has its thread replaced, in milliseconds: a disk that does not answer. */
const LOST_AFTER = 5000;
/** How long an answer waits for stopped threads, in milliseconds. */
const STOP_GRACE = 300;
/** How long a search keeps a thread while others wait for one, in milliseconds. */
const TURN = 50;
const TICK = 25;
const MAX_THREADS = 4;
/** Slots in shared memory: threads that never came back keep theirs. */
const SLOTS = 64;

export interface PoolOptions {
  /** Default: one thread a core, at most four. */
  readonly threads?: number;
  /** Idle threads end after this many milliseconds. Default: 30,000. */
  readonly idleMs?: number;
  readonly log?: (message: string) => void;
}

export interface RunOptions {
  readonly ranges: readonly Range[];
  /** Results on the page. */
  readonly limit: number;
  readonly signal: AbortSignal;
  /** Milliseconds since the epoch at which what was found so far is the answer. */
  readonly stopAt: number;
  progress(entries: number): void;
  /** Called once, when no thread uses the job's descriptors any more; perhaps after the answer. */
  release(): void;
}

export interface RunResult {
  /** In order; everything before `next`. */
  readonly found: readonly Found[];
  /** Where the search has to go on; `undefined` when everything was searched. */
  readonly next: Position | undefined;
  readonly skipped: Skipped;
  /** Entries looked at. */
  readonly entries: number;
  /** It ended because of `stopAt`. */
  readonly late: boolean;
}

export interface Pool {
  /** Throws {@link QueryProblem}, {@link PoolFailure}, or the signal's reason. */
  run(spec: JobSpec, options: RunOptions): Promise<RunResult>;
  /** Threads alive, for tests. */
  threads(): number;
  close(): Promise<void>;
}

/** A thread ended that should not have; the same search may succeed. */
export class PoolFailure extends Error {
  override readonly name = "PoolFailure";
}

interface Thread {
  readonly worker: Worker;
  readonly slot: number;
  readonly known: Set<number>;
  /** Running since, on the clock of `performance`; `undefined` while it starts. */
  onlineAt: number | undefined;
  run: Run | undefined;
  startedAt: number;
  stopAskedAt: number | undefined;
  alive: number;
  aliveAt: number;
}

type Outcome = { readonly result: RunResult } | { readonly error: unknown };

interface Run {
  readonly job: Job;
  readonly options: RunOptions;
  entries: number;
  late: boolean;
  /** Answered or failed; its threads are only being waited for. */
  over: boolean;
  settle(outcome: Outcome): void;
}

/** The worker threads and their turns. Threads start with the first search, a second one only when it takes long. */
export function createPool({
  threads: size = Math.min(availableParallelism(), MAX_THREADS),
  idleMs = 30_000,
  log = () => {},
}: PoolOptions = {}): Pool {
  const shared = new SharedArrayBuffer(sharedSize(SLOTS));
  const words = new Int32Array(shared);
  const threads = new Set<Thread>();
  const lostSlots = new Set<number>();
  /** In turn order. */
  let runs: Run[] = [];
  let ticker: NodeJS.Timeout | undefined;
  let idleTimer: NodeJS.Timeout | undefined;
  let closed = false;

  const word = (thread: Thread, which: number) => wordsOf(thread.slot) + which;

  function run(spec: JobSpec, options: RunOptions): Promise<RunResult> {
    if (closed) return Promise.reject(new PoolFailure("The search was closed."));
    if (options.signal.aborted) {
      options.release();
      return Promise.reject(options.signal.reason as Error);
    }
    if (options.ranges.length === 0) throw new RangeError("There is nothing to search.");
    const { promise, resolve, reject } = Promise.withResolvers<RunResult>();
    const cancel = () => end(entry, { error: options.signal.reason });
    const late = setTimeout(() => stopLate(entry), Math.max(0, options.stopAt - Date.now()));
    const entry: Run = {
      job: createJob(spec, options.ranges),
      options,
      entries: 0,
      late: false,
      over: false,
      settle(outcome) {
        clearTimeout(late);
        options.signal.removeEventListener("abort", cancel);
        if ("result" in outcome) resolve(outcome.result);
        else reject(outcome.error as Error);
      },
    };
    options.signal.addEventListener("abort", cancel, { once: true });
    runs.push(entry);
    clearTimeout(idleTimer);
    ticker ??= setInterval(tick, TICK);
    schedule();
    return promise;
  }

  /** Answers or fails the run, and calls its threads back. */
  function end(run: Run, outcome: Outcome): void {
    if (run.over) return;
    run.over = true;
    run.settle(outcome);
    for (const thread of threads) if (thread.run === run) askToStop(thread);
    releaseIfFree(run);
    schedule();
  }

  function resultOf(run: Run): Outcome {
    const { job } = run;
    const { skipped } = job;
    return {
      result: { found: job.settled(), next: job.frontier(), skipped, entries: entriesOf(run), late: run.late },
    };
  }

  function stopLate(run: Run): void {
    run.late = true;
    for (const thread of threads) if (thread.run === run) askToStop(thread);
    if (run.job.active() === 0) end(run, resultOf(run));
    else setTimeout(() => end(run, resultOf(run)), STOP_GRACE).unref();
  }

  function askToStop(thread: Thread): void {
    Atomics.store(words, word(thread, STOP_WORD), 1);
    thread.stopAskedAt ??= performance.now();
  }

  function releaseIfFree(run: Run): void {
    for (const thread of threads) if (thread.run === run) return;
    const at = runs.indexOf(run);
    if (at < 0) return;
    runs.splice(at, 1);
    for (const thread of threads)
      if (thread.known.delete(run.job.spec.id)) post(thread, { type: "forget", job: run.job.spec.id });
    run.options.release();
    restIfIdle();
  }

  function restIfIdle(): void {
    if (runs.length > 0) return;
    clearInterval(ticker);
    ticker = undefined;
    clearTimeout(idleTimer);
    idleTimer = setTimeout(() => void endThreads(), idleMs).unref();
  }

  function post(thread: Thread, message: ToWorker): void {
    thread.worker.postMessage(message);
  }

  // Gives every idle thread the first part of the run whose turn it is.
  function schedule(): void {
    const idle = [...threads].filter((thread) => !thread.run);
    for (;;) {
      const next = runs.find((run) => !run.over && !run.late && run.job.waiting() > 0);
      if (!next) break;
      const thread = idle.pop() ?? (threads.size === 0 ? start() : undefined);
      if (!thread) break;
      const range = next.job.take(thread.slot);
      if (!range) break;
      runs = [...runs.filter((run) => run !== next), next];
      assign(thread, next, range);
    }
    const waiting = runs.reduce((sum, run) => sum + (run.over ? 0 : run.job.waiting()), 0);
    const hungry = idle.filter((thread) => thread.onlineAt !== undefined).length;
    Atomics.store(words, HUNGRY, Math.max(0, hungry - waiting));
  }

  function assign(thread: Thread, run: Run, range: Range): void {
    thread.run = run;
    thread.startedAt = performance.now();
    thread.stopAskedAt = undefined;
    Atomics.store(words, word(thread, STOP_WORD), 0);
    Atomics.store(words, word(thread, FILES_WORD), 0);
    thread.known.add(run.job.spec.id);
    thread.worker.ref();
    post(thread, { type: "run", job: run.job.spec, range });
  }

  function free(thread: Thread): Run | undefined {
    const { run } = thread;
    thread.run = undefined;
    thread.stopAskedAt = undefined;
    thread.worker.unref();
    if (run) run.entries += Atomics.exchange(words, word(thread, FILES_WORD), 0);
    return run;
  }

  function start(): Thread | undefined {
    const used = new Set([...lostSlots, ...[...threads].map(({ slot }) => slot)]);
    const slot = Array.from({ length: SLOTS }, (_, i) => i).find((i) => !used.has(i));
    if (slot === undefined) return undefined;
    const worker = new Worker(workerFile(), {
      name: "mooring-search",
      workerData: { shared, index: slot } satisfies SearchWorkerData,
      env: {},
      execArgv: [],
      resourceLimits: { maxOldGenerationSizeMb: 256 },
    });
    const now = performance.now();
    const thread: Thread = {
      worker,
      slot,
      known: new Set(),
      onlineAt: undefined,
      run: undefined,
      startedAt: now,
      stopAskedAt: undefined,
      alive: 0,
      aliveAt: now,
    };
    Atomics.store(words, word(thread, IN_REGEX_WORD), 0);
    worker.unref();
    worker.on("online", () => {
      thread.onlineAt = performance.now();
      // What was said before it ran does not last.
      if (!thread.run) worker.unref();
      schedule();
    });
    worker.on("message", (message: FromWorker) => receive(thread, message));
    worker.on("error", (error) => {
      log(`search thread failed: ${error.message}`);
    });
    worker.on("exit", () => gone(thread, new PoolFailure("A search thread ended unexpectedly.")));
    threads.add(thread);
    return thread;
  }

  function gone(thread: Thread, error: Error): void {
    if (!threads.delete(thread)) return;
    const run = free(thread);
    if (!run) return;
    end(run, { error });
    releaseIfFree(run);
    schedule();
  }

  function receive(thread: Thread, message: FromWorker): void {
    const { run } = thread;
    if (!run || !threads.has(thread) || run.job.spec.id !== message.job) return;
    const { job, options } = run;
    switch (message.type) {
      case "found":
        job.found(thread.slot, message.found, message.position);
        break;
      case "donated":
        job.donated(message.range);
        break;
      case "done":
        free(thread);
        job.done(thread.slot, message);
        break;
      case "problem":
        free(thread);
        end(run, { error: new QueryProblem(message.message, message.hint) });
        break;
      case "failed":
        log(`search failed: ${message.reason}`);
        free(thread);
        end(run, { error: new PoolFailure("The search failed.") });
        break;
    }
    if (job.useless(thread.slot)) askToStop(thread);
    if (!run.over && (job.complete(options.limit) || (run.late && job.active() === 0))) end(run, resultOf(run));
    if (run.over) releaseIfFree(run);
    schedule();
  }

  function tick(): void {
    const now = performance.now();
    for (const thread of threads) if (thread.run) watch(thread, thread.run, now);
    let oldest: Thread | undefined;
    for (const thread of threads)
      if (thread.run && thread.stopAskedAt === undefined && (!oldest || thread.startedAt < oldest.startedAt))
        oldest = thread;
    const starved = runs.some((run) => !run.over && !run.late && run.job.waiting() > 0 && run.job.active() === 0);
    // A search that is done in no time is not worth a second thread.
    const slow = [...threads].some(
      ({ run, startedAt, onlineAt }) => run && !run.over && now - Math.max(startedAt, onlineAt ?? now) >= TICK,
    );
    if (threads.size < size && (starved || slow)) {
      start();
      schedule();
    } else if (starved && oldest && now - oldest.startedAt > TURN) askToStop(oldest);
    for (const run of runs) if (!run.over) run.options.progress(entriesOf(run));
  }

  function entriesOf(run: Run): number {
    let { entries } = run;
    for (const thread of threads) if (thread.run === run) entries += Atomics.load(words, word(thread, FILES_WORD));
    return entries;
  }

  function watch(thread: Thread, run: Run, now: number): void {
    const alive = Atomics.load(words, word(thread, ALIVE_WORD));
    const inRegex = Atomics.load(words, word(thread, IN_REGEX_WORD)) === 1;
    if (alive !== thread.alive || !inRegex) {
      thread.alive = alive;
      thread.aliveAt = now;
    }
    const stuck = inRegex && now - thread.aliveAt > REGEX_STUCK_AFTER;
    const lost = thread.stopAskedAt !== undefined && now - thread.stopAskedAt > LOST_AFTER;
    if (!stuck && !(inRegex && run.over && now - thread.aliveAt > TICK) && !lost) return;
    if (lost && !inRegex) {
      // Blocked in the kernel: it cannot be ended, and its descriptors must stay open under it.
      log("a search thread does not answer; it is replaced");
      lostSlots.add(thread.slot);
      threads.delete(thread);
      thread.worker.unref();
      end(run, { error: new PoolFailure("The disk or network share does not answer.") });
      runs = runs.filter((other) => other !== run);
      restIfIdle();
    }
    void thread.worker.terminate();
    if (stuck)
      end(run, {
        error: new QueryProblem(
          "The regular expression takes too long on one of the lines.",
          "Look-around and back-references can take exponential time: write the pattern without them.",
        ),
      });
  }

  async function endThreads(): Promise<void> {
    const ending = [...threads];
    threads.clear();
    await Promise.all(ending.map(({ worker }) => worker.terminate()));
  }

  return {
    run,
    threads: () => threads.size,
    async close() {
      closed = true;
      clearTimeout(idleTimer);
      clearInterval(ticker);
      for (const run of runs.slice()) end(run, { error: new PoolFailure("The search was closed.") });
      await endThreads();
      for (const run of runs.splice(0)) run.options.release();
    },
  };
}

// From source the neighbour file, from a bundle the entry of its own.
function workerFile(): URL {
  const file = import.meta.url.endsWith(".ts") ? "worker.ts" : "search-worker.js";
  return new URL(`./${file}`, import.meta.url);
}
