/** Counts running calls of each principal against one cap. */
export interface Slots {
  /** Takes a slot; `undefined` when none is free. Call what it returns once, when the call has ended. */
  take(principal: string): (() => void) | undefined;
}

/** `cap` 0 lifts the limit. */
export function createSlots(cap: number): Slots {
  const running = new Map<string, number>();
  const release = (principal: string) => {
    const left = (running.get(principal) ?? 1) - 1;
    if (left > 0) running.set(principal, left);
    else running.delete(principal);
  };
  const nothing = () => {};
  return {
    take(principal) {
      if (cap === 0) return nothing;
      const count = running.get(principal) ?? 0;
      if (count >= cap) return undefined;
      running.set(principal, count + 1);
      return () => release(principal);
    },
  };
}
