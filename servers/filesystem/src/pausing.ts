import { setImmediate as nextTurn } from "node:timers/promises";

/** Work that pauses now and then; whoever runs it decides whether to wait or to go straight on. */
export type Pausing<T> = Generator<void, T>;

/** Runs work to its end, and lets other calls have their turn at each pause. Throws the reason of the signal at the next one. */
export async function finish<T>(work: Pausing<T>, call: { readonly signal: AbortSignal }): Promise<T> {
  let step = work.next();
  while (!step.done) {
    await nextTurn();
    // Asked for only here: a signal is made on first use.
    if (call.signal.aborted) work.return(undefined as never);
    call.signal.throwIfAborted();
    step = work.next();
  }
  return step.value;
}
