import type { CallContext } from "@mooring/core";

/** Milliseconds between two signs of life. */
const EVERY = 1_000;

/** Tells whoever waits, each second, for how long the work has been going on. What it will take nobody knows. */
export async function ticking<T>(progress: CallContext["progress"], what: string, work: () => Promise<T>): Promise<T> {
  let seconds = 0;
  const timer = setInterval(() => {
    seconds += 1;
    progress(seconds, undefined, `${what} for ${seconds} s`);
  }, EVERY);
  try {
    return await work();
  } finally {
    clearInterval(timer);
  }
}
