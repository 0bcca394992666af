import { setImmediate as nextTurn } from "node:timers/promises";

/** Milliseconds of work after which other calls get a turn. */
const SLICE = 15;

/** Waits for the others when it is their turn; `undefined` when it is not, so that most steps cost no wait. */
export type Turns = () => Promise<void> | undefined;

/**
 * For work in many small steps on the main thread: `await turns()` between them keeps other calls answered.
 * Throws the reason of the signal, which is asked for only when time has passed: making one costs more than most calls.
 */
export function takeTurns(call?: { readonly signal?: AbortSignal | undefined }): Turns {
  let sliceEnd = performance.now() + SLICE;
  return () => {
    if (performance.now() < sliceEnd) return undefined;
    call?.signal?.throwIfAborted();
    return nextTurn().then(() => void (sliceEnd = performance.now() + SLICE));
  };
}
