import { type Child, type ChildOptions, startChild } from "./child.ts";
import { type Message, parseMessage, toLine } from "./message.ts";

/** One version of the server: its process, and what it is asked in its own right. */
export interface Version {
  readonly child: Child;
  /** Milliseconds, `performance.now()`. */
  readonly startedAt: number;
  /** `starting`: has proved nothing yet. `old`: finishes what it has begun. */
  phase: "starting" | "serving" | "old";
  /** Confirmation rounds (2026: `requestState`) that only this version can go on with. */
  readonly rounds: Set<string>;
  send(line: Buffer): void;
  /** A request that the client knows nothing of. Stays open for ever when the process ends first. */
  ask(method: string, params: Message["params"]): Promise<Message>;
}

export interface VersionOptions extends Omit<ChildOptions, "onLine"> {
  /** Every line but the answers to {@link Version.ask}. */
  onLine(version: Version, line: Buffer, message: Message | undefined): void;
  /** stdin is full: nothing more should be read from the client, until `onDrain`. */
  onFull(): void;
}

let asked = 0;

export function startVersion(options: VersionOptions): Version {
  const waiting = new Map<unknown, (answer: Message) => void>();
  const child = startChild({
    ...options,
    onLine(line) {
      const message = parseMessage(line);
      const answer = message?.method === undefined ? waiting.get(message?.id) : undefined;
      if (!message || !answer) return options.onLine(version, line, message);
      waiting.delete(message.id);
      answer(message);
    },
  });
  const version: Version = {
    child,
    startedAt: performance.now(),
    phase: "starting",
    rounds: new Set(),
    send(line) {
      if (!child.send(line)) options.onFull();
    },
    ask(method, params = {}) {
      const id = `mooring-dev:${asked++}`;
      return new Promise((resolve) => {
        waiting.set(id, resolve);
        version.send(toLine({ id, method, params }));
      });
    },
  };
  return version;
}
