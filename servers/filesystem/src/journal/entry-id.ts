import { randomInt } from "node:crypto";

const LETTERS = 36;
const TIME_DIGITS = 9;
const RANDOM_DIGITS = 4;
let last = 0;

/** A new id: sorts by time, also within one millisecond of one process, and is random enough for several of them. */
export function newEntryId(now: number = Date.now()): { readonly id: string; readonly at: number } {
  last = Math.max(now, last + 1);
  const random = randomInt(LETTERS ** RANDOM_DIGITS).toString(LETTERS).padStart(RANDOM_DIGITS, "0");
  return { id: last.toString(LETTERS).padStart(TIME_DIGITS, "0") + random, at: last };
}

/** When an id was made, in milliseconds since the epoch; `undefined` for what is no id. */
export function timeOfEntryId(id: string): number | undefined {
  if (!/^[0-9a-z]{13}$/.test(id)) return undefined;
  return parseInt(id.slice(0, TIME_DIGITS), LETTERS);
}
