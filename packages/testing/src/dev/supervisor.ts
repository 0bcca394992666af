import type { Readable, Writable } from "node:stream";
import type { Exit } from "./child.ts";
import { readLines, withEnd } from "./lines.ts";
import { parseMessage } from "./message.ts";
import { type Described, described, unheard } from "./opening.ts";
import { reasonLines, shortReason } from "./reason.ts";
import { createRelay } from "./relay.ts";
import { startVersion, type Version } from "./version.ts";
import { watchFiles } from "./watch.ts";

export interface DevOptions {
  /** What Node runs, relative to `cwd`. */
  readonly entry: string;
  readonly args: readonly string[];
  readonly cwd: string;
  /** Files and folders whose change starts a new version. */
  readonly watch: readonly string[];
  /** The client. */
  readonly input: Readable;
  readonly output: Writable;
  /** A line for the person. */
  say(text: string): void;
  /** Ends everything. */
  readonly signal: AbortSignal;
}

/** How long a version may take to answer. */
const START_MS = 15_000;
/** What an old version has begun may take so long. */
const DRAIN_MS = 5_000;
/** How long requests wait for a server that does not start. */
const PATIENCE_MS = 10_000;
/** A server that ends so often within {@link CRASH_WINDOW_MS} waits for a save. */
const MOST_CRASHES = 3;
const CRASH_WINDOW_MS = 10_000;

/** Serves a client through ever new versions of a server, until the client goes or `signal` says so. Leaves no process behind. */
export async function superviseServer(options: DevOptions): Promise<void> {
  const { entry, args, cwd, watch, input, output, say, signal } = options;
  const alive = new Set<Version>();
  const full = new Set<Version>();
  let starting: { readonly version: Version; readonly since: number; readonly changed: readonly string[] } | undefined;
  let serving: Version | undefined;
  let heard: Described | undefined;
  let failure: string | undefined;
  let patience: NodeJS.Timeout | undefined;
  let crashes: number[] = [];
  let over = false;
  const ended = Promise.withResolvers<void>();

  const relay = createRelay({
    client: toClient,
    say,
    onWaiting: beImpatient,
    onIdle: (version) => version.phase === "old" && version.child.end(),
  });

  function toClient(line: Buffer): void {
    if (output.write(withEnd(line))) return;
    for (const { child } of alive) child.pause();
  }

  function start(changed: readonly string[], since = performance.now()): void {
    starting?.version.child.kill();
    clearTimeout(patience);
    patience = undefined;
    const version = startVersion({
      entry,
      args,
      cwd,
      onLine: relay.fromServer,
      onFull() {
        full.add(version);
        input.pause();
      },
      onDrain() {
        full.delete(version);
        if (full.size === 0) input.resume();
      },
      onExit: (exit) => onExit(version, exit),
    });
    alive.add(version);
    starting = { version, since, changed };
    if (output.writableNeedDrain) version.child.pause();
    void prove(version);
  }

  async function prove(version: Version): Promise<void> {
    const { opening } = relay;
    const answer = await withinTime(version.ask(opening.method, opening.params));
    if (starting?.version !== version) return;
    // The client has opened the connection in the meantime.
    if (relay.opening !== opening) return prove(version);
    if (opening.method === "initialize" && !answer?.result) {
      version.child.showStderr();
      const how = answer?.error
        ? `refuses it: ${answer.error.message}`
        : `has not answered it within ${START_MS / 1_000} s`;
      return fail(version, { how: `initialize: the server ${how}`, stderr: "" });
    }
    switchTo(version, answer && described(answer));
  }

  function switchTo(version: Version, description: Described | undefined): void {
    const { since, changed } = starting ?? { since: version.startedAt, changed: [] };
    const previous = serving;
    starting = undefined;
    failure = undefined;
    serving = version;
    version.child.showStderr();
    relay.switchTo(version);
    if (previous) retire(previous);
    if (changed.length > 0) say(`restarted in ${Math.round(performance.now() - since)} ms: ${named(changed)}`);
    const line = heard && description && unheard(heard, description);
    if (line !== undefined) say(line);
    heard = description ?? heard;
  }

  function retire(version: Version): void {
    if (relay.isIdle(version)) return version.child.end();
    setTimeout(() => {
      if (!alive.has(version)) return;
      relay.abandon(
        version,
        `The server was restarted, and its old version did not finish this within ${DRAIN_MS / 1_000} s. Call it again.`,
      );
      version.child.end();
    }, DRAIN_MS).unref();
  }

  function fail(version: Version, exit: Exit): void {
    starting = undefined;
    failure = shortReason(exit);
    version.child.kill();
    say(
      serving
        ? "the new version does not start; the old one goes on. The next save tries again."
        : "the server does not start. The next save tries again.",
    );
    for (const line of reasonLines(exit)) say(`  ${line}`);
    beImpatient();
  }

  function onExit(version: Version, exit: Exit): void {
    alive.delete(version);
    if (over) return void (alive.size === 0 && ended.resolve());
    if (starting?.version === version) return fail(version, exit);
    relay.abandon(version, `The server ended (${exit.how}) while it worked on this. See its stderr.`);
    if (version !== serving) return;
    serving = undefined;
    const now = performance.now();
    crashes = [...crashes.filter((then) => now - then < CRASH_WINDOW_MS), now];
    if (starting) return say(`the server ended (${exit.how}); its next version is being started.`);
    if (crashes.length < MOST_CRASHES) {
      say(`the server ended (${exit.how}); it is started again.`);
      return start([]);
    }
    failure = `it ended ${MOST_CRASHES} times within ${CRASH_WINDOW_MS / 1_000} s (${exit.how})`;
    say(`the server ended (${exit.how}), ${MOST_CRASHES} times by now. The next save tries again.`);
  }

  /** Requests do not wait for ever for somebody to mend the server. */
  function beImpatient(): void {
    if (starting || serving || relay.waiting === 0) return;
    patience ??= setTimeout(() => {
      patience = undefined;
      relay.refuse(
        `The server does not start: ${failure ?? "unknown reason"}. Mend it and save; it is tried again then.`,
      );
    }, PATIENCE_MS);
  }

  function end(): void {
    if (over) return;
    over = true;
    watcher.close();
    clearTimeout(patience);
    for (const { child } of alive) child.end();
    if (alive.size === 0) ended.resolve();
  }

  const watcher = await watchFiles({
    paths: watch,
    cwd,
    onChange: (changed, since) => {
      crashes = [];
      start(changed, since);
    },
  });
  readLines(input, (line) => relay.fromClient(line, parseMessage(line)));
  for (const event of ["end", "close", "error"]) input.on(event, end);
  output.on("error", end);
  output.on("drain", () => {
    for (const { child } of alive) child.resume();
  });
  signal.addEventListener("abort", end);
  start([]);
  await ended.promise;
}

function withinTime<T>(promise: Promise<T>): Promise<T | undefined> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, START_MS, undefined).unref();
    void promise.then((value) => {
      clearTimeout(timer);
      resolve(value);
    });
  });
}

function named([first = "", ...others]: readonly string[]): string {
  return others.length === 0 ? first : `${first} and ${others.length} more`;
}
