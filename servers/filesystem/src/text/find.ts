import type { Span } from "./draft.ts";

/** Comparisons that the built-in search may need at worst, which it does within a second. */
const AFFORDABLE = 2e9;

/** As `includes`, in time that grows with the lengths and never with their product. */
export function contains(text: string, old: string): boolean {
  return indexOf(text, old) !== -1;
}

/** As `indexOf`, in time that grows with the lengths and never with their product. */
export function indexOf(text: string, old: string): number {
  return affordable(text, old) ? text.indexOf(old) : (search(text, old, 1, true)[0]?.start ?? -1);
}

/** Every match, overlapping ones too, up to `limit`: what "exactly once" is counted on. */
export function allMatches(text: string, old: string, limit: number): Span[] {
  return affordable(text, old) ? builtIn(text, old, limit, 1) : search(text, old, limit, true);
}

/** Matches from the left that share no character, up to `limit`: what "all" replaces. */
export function disjointMatches(text: string, old: string, limit: number): Span[] {
  return affordable(text, old) ? builtIn(text, old, limit, old.length) : search(text, old, limit, false);
}

function affordable(text: string, old: string): boolean {
  return text.length * old.length <= AFFORDABLE || old.length > text.length;
}

function builtIn(text: string, old: string, limit: number, step: number): Span[] {
  const found: Span[] = [];
  for (let at = text.indexOf(old); at !== -1 && found.length < limit; at = text.indexOf(old, at + step))
    found.push({ start: at, end: at + old.length });
  return found;
}

// Knuth, Morris and Pratt: the text is read once, whatever repeats in it. V8's own search takes hours for some megabytes.
function search(text: string, old: string, limit: number, overlapping: boolean): Span[] {
  const borders = bordersOf(old);
  const found: Span[] = [];
  let matched = 0;
  for (let at = 0; at < text.length && found.length < limit; at++) {
    const unit = text.charCodeAt(at);
    while (matched > 0 && unit !== old.charCodeAt(matched)) matched = borders[matched - 1] as number;
    if (unit === old.charCodeAt(matched)) matched++;
    if (matched < old.length) continue;
    found.push({ start: at + 1 - old.length, end: at + 1 });
    matched = overlapping ? (borders[matched - 1] as number) : 0;
  }
  return found;
}

// For each beginning of a text, the length of the longest shorter beginning that it ends with.
function bordersOf(text: string): Int32Array {
  const borders = new Int32Array(text.length);
  let length = 0;
  for (let at = 1; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    while (length > 0 && unit !== text.charCodeAt(length)) length = borders[length - 1] as number;
    if (unit === text.charCodeAt(length)) length++;
    borders[at] = length;
  }
  return borders;
}
