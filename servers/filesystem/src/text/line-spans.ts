import type { Span } from "./draft.ts";

/** Numbers the lines of ascending positions, from 1, without counting any stretch twice. */
export function lineCounter(text: string): (position: number) => number {
  let line = 1;
  let at = text.indexOf("\n");
  return (position) => {
    for (; at !== -1 && at < position; at = text.indexOf("\n", at + 1)) line++;
    return line;
  };
}

/** Widens a span to whole lines, without the last line's end. */
export function wholeLines(text: string, { start, end }: Span): Span {
  // An end at the start of a line belongs to the line before it.
  const last = end > start && text[end - 1] === "\n" ? end - 1 : end;
  const stop = text.indexOf("\n", last);
  return { start: start === 0 ? 0 : text.lastIndexOf("\n", start - 1) + 1, end: stop === -1 ? text.length : stop };
}
