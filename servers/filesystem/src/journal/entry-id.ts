import { randomInt } from "node:crypto";

const LETTERS = 36;
const TIME_DIGITS = 9;
const RANDOM_DIGITS = 4;
let last = 0;

/** A new id: sorts by time, also within one millisecond and when the clock is set back, and is random for several processes. */
export function newEntryId(now: number = Date.now()): { readonly id: string; readonly at: number } {
  last = Math.max(now, last + 1);
  const random = randomInt(LETTERS ** RANDOM_DIGITS)
    .toString(LETTERS)
    .padStart(RANDOM_DIGITS, "0");
  return { id: last.toString(LETTERS).padStart(TIME_DIGITS, "0") + random, at: now };
}
