/** How lines end: Unix, Windows, or classic Mac (only in files without a single LF). */
export type Eol = "\n" | "\r\n" | "\r";

/** Text with every line ending as LF, and the way back to the original. */
export interface Folded {
  readonly text: string;
  /** Where a boundary of the folded text stands in the original, in UTF-16 code units. */
  original(index: number): number;
  /** The one ending used between two folded positions; `undefined` when there is none, or several. */
  eolBetween(start: number, end: number): Eol | undefined;
  /** The ending most lines have; `undefined` in a text of one line. */
  readonly dominant: Eol | undefined;
}

/** Folds CRLF to LF. A lone CR is a line ending only where no LF exists; elsewhere it is a character like others. */
export function fold(text: string): Folded {
  if (!text.includes("\r")) return uniform(text, "\n");
  if (!text.includes("\n")) return uniform(text.replaceAll("\r", "\n"), "\r");
  return mixed(text);
}

/** Folds a pattern or a replacement the way a file was folded, so that both compare. */
export function foldLike(text: string, { dominant }: Folded): string {
  return dominant === "\r" ? text.replace(/\r\n?/g, "\n") : text.replaceAll("\r\n", "\n");
}

function uniform(text: string, eol: Eol): Folded {
  const hasEol = text.includes("\n");
  return {
    text,
    original: (index) => index,
    eolBetween: (start, end) => (hasNewline(text, start, end) ? eol : undefined),
    dominant: hasEol ? eol : undefined,
  };
}

function mixed(original: string): Folded {
  // Folded positions of the LFs that were CRLF, ascending.
  const crlf: number[] = [];
  for (let at = original.indexOf("\r\n"); at !== -1; at = original.indexOf("\r\n", at + 2)) crlf.push(at - crlf.length);
  const text = original.replaceAll("\r\n", "\n");
  const total = countNewlines(text, 0, text.length);
  const dominant =
    total === 0 ? undefined : crlf.length * 2 > total ? "\r\n" : crlf.length * 2 < total ? "\n" : firstOf(text, crlf);
  return {
    text,
    original: (index) => index + below(crlf, index),
    eolBetween(start, end) {
      const windows = below(crlf, end) - below(crlf, start);
      const all = countNewlines(text, start, end);
      if (all === 0) return undefined;
      return windows === all ? "\r\n" : windows === 0 ? "\n" : undefined;
    },
    dominant,
  };
}

function firstOf(text: string, crlf: readonly number[]): Eol {
  return text.indexOf("\n") === crlf[0] ? "\r\n" : "\n";
}

function hasNewline(text: string, start: number, end: number): boolean {
  const at = text.indexOf("\n", start);
  return at !== -1 && at < end;
}

/** How many LFs stand in `[start, end)`. */
export function countNewlines(text: string, start: number, end: number): number {
  let count = 0;
  for (let at = text.indexOf("\n", start); at !== -1 && at < end; at = text.indexOf("\n", at + 1)) count++;
  return count;
}

// How many of the ascending numbers are below the limit.
function below(ascending: readonly number[], limit: number): number {
  let low = 0;
  let high = ascending.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((ascending[middle] as number) < limit) low = middle + 1;
    else high = middle;
  }
  return low;
}
