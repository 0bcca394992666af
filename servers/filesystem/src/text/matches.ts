import type { Span } from "./draft.ts";

/** Every match, overlapping ones too, up to `limit`: what "exactly once" is counted on. */
export function allMatches(text: string, old: string, limit: number): Span[] {
  return matches(text, old, limit, 1);
}

/** Matches from the left that share no character, up to `limit`: what "all" replaces. */
export function disjointMatches(text: string, old: string, limit: number): Span[] {
  return matches(text, old, limit, old.length);
}

function matches(text: string, old: string, limit: number, step: number): Span[] {
  const found: Span[] = [];
  for (let at = text.indexOf(old); at !== -1 && found.length < limit; at = text.indexOf(old, at + step))
    found.push({ start: at, end: at + old.length });
  return found;
}

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
