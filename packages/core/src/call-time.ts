import type { Call } from "./call.ts";
import type { ToolError } from "./errors.ts";
import type { RuntimeOptions } from "./runtime.ts";
import type { Subject } from "./subject.ts";

const STANDARD = 60_000;
/** Node's timers take no more, and fire at once for what is longer: 24 days. */
const LONGEST = 2 ** 31 - 1;

/** How many milliseconds a call of this subject may take. */
export function callTime(subject: Subject, { timeout = STANDARD }: RuntimeOptions): number {
  const own = subject.kind === "tool" ? subject.tool.deadlineMs : undefined;
  return Math.min(own ?? timeout, LONGEST);
}

/** "60 s": how long that is, in words. */
export function inWords(ms: number): string {
  return ms < 1_000 ? `${ms} ms` : `${Math.round(ms / 1_000)} s`;
}

/** Runs one part of a call: after `ms` milliseconds it ends with `late()`, and whoever works hears of it through the call's signal. */
export function within<T>(call: Call, ms: number, late: () => ToolError, work: () => Promise<T>): Promise<T> {
  call.deadline = Date.now() + ms;
  return new Promise((resolve, reject) => {
    let timer: NodeJS.Timeout | undefined;
    let done = false;
    const end = () => {
      done = true;
      clearTimeout(timer);
    };
    const wait = () => {
      if (done) return;
      timer = setTimeout(() => {
        const error = late();
        call.abort(error);
        reject(error);
      }, ms);
    };
    work().then(
      (value) => {
        end();
        resolve(value);
      },
      (error: unknown) => {
        end();
        reject(error as Error);
      },
    );
    // Most reads end in this turn of the event loop: for those no timer is made.
    setImmediate(wait);
  });
}
