import { parentPort, workerData } from "node:worker_threads";
import { type DenyPolicy, denyPolicy } from "../sandbox/deny.ts";
import { type ContentSearch, contentSearch } from "./content.ts";
import { compileGlob, type Glob } from "./glob.ts";
import { enableLinearRegex } from "./linear-regex.ts";
import { checkedOpener, pinnedOpener } from "./open.ts";
import { compilePattern } from "./pattern.ts";
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
  nothingSkipped,
  packNames,
  STOP_WORD,
  type ToWorker,
  wordsOf,
} from "./protocol.ts";
import { walk } from "./walk.ts";

/** How long found things wait for more before they are sent, in milliseconds. */
const FLUSH_AFTER = 25;
const FLUSH_AT = 512;

export interface SearchWorkerData {
  readonly shared: SharedArrayBuffer;
  readonly index: number;
}

interface Compiled {
  readonly policy: DenyPolicy;
  readonly glob: Glob | undefined;
  readonly content: ContentSearch | undefined;
}

const port = parentPort;
if (port) {
  enableLinearRegex();
  const { shared, index } = workerData as SearchWorkerData;
  const words = new Int32Array(shared);
  const own = wordsOf(index);
  const compiled = new Map<number, Compiled>();
  const send = (message: FromWorker) => port.postMessage(message);
  const shouldStop = () => Atomics.load(words, own + STOP_WORD) === 1;

  port.on("message", (message: ToWorker) => {
    if (message.type === "forget") {
      compiled.delete(message.job);
      return;
    }
    const { job, range } = message;
    try {
      let ready = compiled.get(job.id);
      if (!ready) compiled.set(job.id, (ready = compile(job)));
      run(job, range, ready);
    } catch (error) {
      Atomics.store(words, own + IN_REGEX_WORD, 0);
      if (error instanceof QueryProblem)
        send({ type: "problem", job: job.id, message: error.message, hint: error.hint });
      else send({ type: "failed", job: job.id, reason: error instanceof Error ? error.message : String(error) });
    }
  });

  function compile({ query, allow }: JobSpec): Compiled {
    const { glob, pattern, ignoreCase, context, mode } = query;
    return {
      policy: denyPolicy(allow),
      // Ignoring case is about what is looked for: the names, or with a pattern the contents.
      glob:
        glob === undefined
          ? undefined
          : pattern === undefined
            ? compileGlob(glob, { ignoreCase })
            : compileGlob(filesOf(glob)),
      content:
        pattern === undefined
          ? undefined
          : contentSearch({
              matcher: compilePattern(pattern, query),
              context,
              firstOnly: mode === "files",
              lines: mode === "lines",
              shouldStop,
              timed(state) {
                Atomics.store(words, own + IN_REGEX_WORD, state === "end" ? 0 : 1);
                if (state === "alive") Atomics.add(words, own + ALIVE_WORD, 1);
              },
            }),
    };
  }

  function run(job: JobSpec, range: Range, { policy, glob, content }: Compiled): void {
    const root = job.roots[range.root];
    const skipped = nothingSkipped();
    let batch: Found[] = [];
    let sent = performance.now();
    if (!root) throw new Error("The job has no such directory.");
    const pack = () => (content ? batch : packNames(batch));
    const found = (one: Found, position: () => Position) => {
      batch.push(one);
      const now = batch.length >= FLUSH_AT ? Infinity : performance.now();
      if (now - sent < FLUSH_AFTER) return;
      send({ type: "found", job: job.id, found: pack(), position: position() });
      batch = [];
      sent = performance.now();
    };
    const { left, capped } = walk(
      {
        query: job.query,
        glob,
        content,
        opener: job.pinned ? pinnedOpener : checkedOpener,
        policy,
        hardlinks: job.hardlinks,
        enough: job.enough,
        skipped,
        shouldStop,
        wanted: () => Atomics.load(words, HUNGRY) > 0,
        donate: (part) => {
          Atomics.sub(words, HUNGRY, 1);
          send({ type: "donated", job: job.id, range: part });
        },
        saw: (entries) => void Atomics.add(words, own + FILES_WORD, entries),
        found,
      },
      root,
      range,
    );
    send({ type: "done", job: job.id, found: pack(), skipped, left, capped });
  }
}

// With a pattern, `docs/` means the files in there.
function filesOf(glob: string): string {
  if (!glob.endsWith("/")) return glob;
  return glob.slice(0, -1).includes("/") ? `${glob}**` : `**/${glob}**`;
}
