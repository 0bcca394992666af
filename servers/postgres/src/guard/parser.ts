import { Worker } from "node:worker_threads";
import { ToolError, untrusted } from "@mooring/core";
import type { Answered, Answers, Asked, Question } from "./answer.ts";

/** Bytes of SQL that are parsed; nobody writes more by hand, and the parser's memory grows with it. */
export const maxSqlBytes = 262_144;
/** Nested as deep as the parser's stack allows: with 1 MB of it 9,600 terms of a sum break the instance. */
const STACK_MB = 64;
/**
 * Bytes of SQL that are parsed here, without a thread: half the time of a call. Whatever stands in so short a text, the parser
 * needs less than a quarter of the stack for it (`test/guard/parser.test.ts` measures it).
 */
export const shortSqlBytes = 2_000;
/** A text that is parsed longer than this has its thread replaced, in milliseconds. */
const PARSE_TIMEOUT = 5_000;

/** PostgreSQL's own parser (libpg_query, grammar of 18): long texts in a thread, which may run out of its stack. */
export interface Parser {
  /** Throws `invalid_input` for what is no SQL or too long, `unavailable` when the thread broke. */
  ask<Q extends Question>(question: Q, sql: string): Promise<Answers[Q]>;
  /** Loads the parser, so that the first statement need not wait for it. */
  warm(): void;
  close(): Promise<void>;
}

interface Waiting {
  readonly question: Question;
  /** It was asked of a thread before, which another text broke. */
  readonly again: boolean;
  readonly resolve: (answer: never) => void;
  readonly reject: (error: ToolError) => void;
  readonly sql: string;
}

interface Thread {
  readonly worker: Worker;
  readonly waiting: Map<number, Waiting>;
  watchdog: NodeJS.Timeout | undefined;
}

export function createParser(): Parser {
  let thread: Thread | undefined;
  let closed = false;
  let last = 0;
  /** The instance of this thread; `null` when it broke, which then is never asked again. */
  let own: Promise<typeof import("./answer.ts") | null> | undefined;
  let ready: typeof import("./answer.ts") | null | undefined;

  function load() {
    return (own ??= import("./answer.ts").then(
      async (loaded) => {
        await loaded.load();
        return (ready = loaded);
      },
      () => (ready = null),
    ));
  }

  /** `undefined`: to be asked of the thread. */
  function here(instance: typeof import("./answer.ts"), question: Question, sql: string): Answered | undefined {
    const answered = instance.answer({ id: 0, question, sql });
    if (answered.broken === undefined) return answered;
    ready = null;
    own = Promise.resolve(null);
    return undefined;
  }

  function start(): Thread {
    const worker = new Worker(workerFile(), {
      name: "mooring-parser",
      env: {},
      execArgv: [],
      resourceLimits: { stackSizeMb: STACK_MB, maxOldGenerationSizeMb: 512 },
    });
    const started: Thread = { worker, waiting: new Map(), watchdog: undefined };
    worker.on("message", (text: string) => settle(started, JSON.parse(text) as Answered));
    worker.on("messageerror", (error) => replace(started, error.message));
    worker.on("error", (error) => replace(started, error.message));
    worker.on("exit", () => replace(started, "the thread ended"));
    worker.unref();
    return started;
  }

  function settle(from: Thread, { id, answer, syntax, broken }: Answered): void {
    const waiting = from.waiting.get(id);
    from.waiting.delete(id);
    watch(from);
    if (syntax) waiting?.reject(syntaxError(syntax, waiting.sql));
    else if (broken !== undefined) {
      waiting?.reject(tooDeep());
      replace(from, broken, false);
    } else waiting?.resolve(answer as never);
  }

  // A thread that broke may answer anything: it is dropped. What waited for it is asked once more, but for the text that it was
  // busy with, which is the first.
  function replace(old: Thread, why: string, busy = true): void {
    clearTimeout(old.watchdog);
    if (thread === old) thread = undefined;
    const left = [...old.waiting.values()];
    old.waiting.clear();
    old.worker.unref();
    void old.worker.terminate();
    for (const [at, waiting] of left.entries())
      if (closed || waiting.again || (busy && at === 0))
        waiting.reject(
          new ToolError("unavailable", "The SQL parser had to be started again.", { hint: "Try again.", cause: why }),
        );
      else post({ ...waiting, again: true });
  }

  function post(waiting: Waiting): void {
    const current = (thread ??= start());
    const id = ++last;
    current.waiting.set(id, waiting);
    if (current.waiting.size === 1) watch(current);
    current.worker.postMessage({ id, question: waiting.question, sql: waiting.sql } satisfies Asked);
  }

  // Also what keeps the process alive exactly as long as somebody waits.
  function watch(current: Thread): void {
    clearTimeout(current.watchdog);
    current.watchdog = undefined;
    if (current.waiting.size === 0) {
      current.worker.unref();
      return;
    }
    current.worker.ref();
    current.watchdog = setTimeout(() => replace(current, "parsing took too long"), PARSE_TIMEOUT);
  }

  return {
    async ask<Q extends Question>(question: Q, sql: string): Promise<Answers[Q]> {
      const bytes = refuseUnparsable(sql);
      if (closed) throw new ToolError("unavailable", "The server is stopping.");
      if (bytes <= shortSqlBytes) {
        const instance = ready === undefined ? await load() : ready;
        const answered = instance && here(instance, question, sql);
        if (answered?.syntax) throw syntaxError(answered.syntax, sql);
        if (answered) return answered.answer as Answers[Q];
      }
      return new Promise<Answers[Q]>((resolve, reject) =>
        post({ question, sql, again: false, resolve: resolve as Waiting["resolve"], reject }),
      );
    },
    warm() {
      if (!closed) void load();
    },
    async close() {
      closed = true;
      await thread?.worker.terminate();
    },
  };
}

// What the parser and the server might not read alike never reaches either.
function refuseUnparsable(sql: string): number {
  if (sql.includes("\0"))
    throw new ToolError("invalid_input", "The SQL holds a NUL character.", { hint: "Remove it." });
  if (!sql.isWellFormed())
    throw new ToolError("invalid_input", "The SQL is not valid Unicode: half of a surrogate pair stands in it.", {
      hint: "Write the character whole.",
    });
  const bytes = Buffer.byteLength(sql);
  if (bytes > maxSqlBytes)
    throw new ToolError("too_large", `The SQL has ${bytes} bytes; ${maxSqlBytes} are the most.`, {
      hint: "Pass long values as params, or split the work.",
    });
  if (sql.trim() === "") throw new ToolError("invalid_input", "The SQL is empty.", { hint: "Give one statement." });
  return bytes;
}

function syntaxError({ message, at }: { readonly message: string; readonly at: number }, sql: string): ToolError {
  const before = sql.slice(0, at).split("\n");
  const where = `line ${before.length}, column ${(before.at(-1)?.length ?? 0) + 1}`;
  return new ToolError("invalid_input", `PostgreSQL's parser refuses the SQL at ${where}: ${untrusted(message)}`, {
    hint: "Correct it. The grammar is that of PostgreSQL 18.",
  });
}

function tooDeep(): ToolError {
  return new ToolError("invalid_input", "The SQL is nested too deeply to be parsed.", { hint: "Write it flatter." });
}

function workerFile(): URL {
  const file = import.meta.url.endsWith(".ts") ? "parse-worker.ts" : "parse-worker.js";
  return new URL(`./${file}`, import.meta.url);
}
