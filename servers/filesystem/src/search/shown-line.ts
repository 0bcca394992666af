import { fromBytes } from "../sandbox/names.ts";

/** The longest line shown whole, in bytes; longer ones are cut around the match. */
const MAX_LINE = 400;
const BEFORE_MATCH = 100;

/**
 * One line as text, bytes that are not UTF-8 as lone surrogates (see sandbox/names.ts), cut with `…` around the byte `focus`
 * when it is long. `end` stands before the line break.
 */
export function lineText(bytes: Buffer, start: number, end: number, focus = start): string {
  const to = end > start && bytes[end - 1] === 13 ? end - 1 : end;
  if (to - start <= MAX_LINE) return decode(bytes, start, to);
  const from = boundary(bytes, Math.max(start, Math.min(focus - BEFORE_MATCH, to - MAX_LINE)), start);
  const until = boundary(bytes, Math.min(to, from + MAX_LINE), start);
  return `${from > start ? "…" : ""}${decode(bytes, from, until)}${until < to ? "…" : ""}`;
}

function decode(bytes: Buffer, start: number, end: number): string {
  const text = bytes.toString("utf8", start, end);
  return text.includes("\ufffd") ? fromBytes(bytes.toString("latin1", start, end)) : text;
}

// Back to the first byte of a character.
function boundary(bytes: Buffer, at: number, lowest: number): number {
  let to = at;
  while (to > lowest && at - to < 3 && ((bytes[to] ?? 0) & 0xc0) === 0x80) to--;
  return ((bytes[to] ?? 0) & 0xc0) === 0x80 ? at : to;
}
