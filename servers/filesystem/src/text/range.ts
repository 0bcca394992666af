import { ToolError } from "@mooring/core";

/** Which lines of a file are wanted; lines count from 1. */
export type LineRange =
  | { readonly kind: "all" }
  /** `last: Infinity` is to the end. */
  | { readonly kind: "from"; readonly first: number; readonly last: number }
  | { readonly kind: "tail"; readonly count: number };

/** Characters: the time to read a range grows with the fourth power of its spaces. */
const LONGEST = 40;

export const allLines: LineRange = { kind: "all" };

/** Reads `10-40`, `100-`, `-20`, `7`. Throws `invalid_input` for anything else, and for ranges that hold no line. */
export function parseRange(text: string): LineRange {
  const match = text.length > LONGEST ? null : /^\s*(\d{1,15})?\s*(-)?\s*(\d{1,15})?\s*$/.exec(text);
  const [, first, dash, last] = match ?? [];
  if (!match || (first === undefined && last === undefined) || (!dash && last !== undefined)) throw wrong(text);
  if (first === undefined) {
    if (Number(last) === 0) throw wrong(text);
    return { kind: "tail", count: Number(last) };
  }
  const from = Number(first);
  const to = dash ? (last === undefined ? Infinity : Number(last)) : from;
  if (from < 1 || to < from) throw wrong(text);
  return { kind: "from", first: from, last: to };
}

function wrong(text: string): ToolError {
  return new ToolError("invalid_input", `${JSON.stringify(text.slice(0, 40))} is not a range of lines.`, {
    hint: 'Lines count from 1: "10-40", "100-" (to the end), "-20" (the last 20) or "7".',
  });
}
