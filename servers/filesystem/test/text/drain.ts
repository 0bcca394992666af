import type { Pausing } from "../../src/pausing.ts";

/** Runs work to its end without pausing. */
export function drain<T>(work: Pausing<T>): T {
  for (;;) {
    const step = work.next();
    if (step.done) return step.value;
  }
}
