import type { Eol, Folded } from "./folding.ts";

/** A part of an edited text: kept from the original (folded positions), or inserted (LF inside, written with `eol`). */
export type Piece =
  | { readonly kind: "kept"; readonly start: number; readonly end: number }
  | { readonly kind: "inserted"; readonly text: string; readonly eol: Eol };

/** A folded text while it is edited, and where its parts come from: what is kept is never rewritten. */
export interface Draft {
  readonly text: string;
  readonly pieces: readonly Piece[];
}

export interface Span {
  readonly start: number;
  readonly end: number;
}

export function draftOf({ text }: Folded): Draft {
  return { text, pieces: text.length === 0 ? [] : [{ kind: "kept", start: 0, end: text.length }] };
}

/** Replaces ascending, disjoint spans; what a replacement has in common with the replaced text at either end is kept. */
export function replaceSpans(draft: Draft, original: Folded, spans: readonly Span[], replacement: string): Draft {
  const texts: string[] = [];
  const pieces: Piece[] = [];
  const source = pieceReader(draft.pieces);
  let at = 0;
  for (const span of spans) {
    const { head, tail } = common(draft.text.slice(span.start, span.end), replacement);
    texts.push(draft.text.slice(at, span.start), replacement);
    source.take(span.start - at, pieces);
    const before = source.taken(head);
    const removed = source.taken(span.end - span.start - head - tail);
    const after = source.taken(tail);
    for (const piece of before) append(pieces, piece);
    const text = replacement.slice(head, replacement.length - tail);
    if (text.length > 0) {
      // A line is added next to the lines that the whole match had, not only to those that differ.
      const around = () => eolOf([...before, ...removed, ...after], original);
      const eol = text.includes("\n") ? (eolOf(removed, original) ?? around() ?? original.dominant) : undefined;
      pieces.push({ kind: "inserted", text, eol: eol ?? "\n" });
    }
    for (const piece of after) append(pieces, piece);
    at = span.end;
  }
  texts.push(draft.text.slice(at));
  source.take(draft.text.length - at, pieces);
  return { text: texts.join(""), pieces };
}

function eolOf(pieces: readonly Piece[], original: Folded): Eol | undefined {
  let found: Eol | undefined;
  for (const piece of pieces) {
    if (lacksNewline(piece, original)) continue;
    const eol = piece.kind === "kept" ? original.eolBetween(piece.start, piece.end) : piece.eol;
    if (eol === undefined || (found !== undefined && found !== eol)) return undefined;
    found = eol;
  }
  return found;
}

function lacksNewline(piece: Piece, original: Folded): boolean {
  if (piece.kind === "inserted") return !piece.text.includes("\n");
  const at = original.text.indexOf("\n", piece.start);
  return at === -1 || at >= piece.end;
}

// Hands out pieces by length, splitting where a boundary falls inside one.
function pieceReader(pieces: readonly Piece[]) {
  let index = 0;
  let used = 0;
  const take = (length: number, into: Piece[]): void => {
    for (let left = length; left > 0;) {
      const piece = pieces[index] as Piece;
      const whole = pieceLength(piece);
      const part = Math.min(left, whole - used);
      append(into, piece.kind === "kept" ? kept(piece.start + used, part) : inserted(piece, used, part));
      left -= part;
      used += part;
      if (used === whole) {
        index++;
        used = 0;
      }
    }
  };
  const taken = (length: number): Piece[] => {
    const into: Piece[] = [];
    take(length, into);
    return into;
  };
  return { take, taken };
}

export function pieceLength(piece: Piece): number {
  return piece.kind === "kept" ? piece.end - piece.start : piece.text.length;
}

function kept(start: number, length: number): Piece {
  return { kind: "kept", start, end: start + length };
}

function inserted({ text, eol }: { text: string; eol: Eol }, from: number, length: number): Piece {
  return { kind: "inserted", text: text.slice(from, from + length), eol };
}

function append(pieces: Piece[], piece: Piece): void {
  const last = pieces.at(-1);
  if (last?.kind === "kept" && piece.kind === "kept" && last.end === piece.start)
    pieces[pieces.length - 1] = { kind: "kept", start: last.start, end: piece.end };
  else pieces.push(piece);
}

function common(a: string, b: string): { head: number; tail: number } {
  const shorter = Math.min(a.length, b.length);
  let head = 0;
  while (head < shorter && a.charCodeAt(head) === b.charCodeAt(head)) head++;
  // Half of a surrogate pair is no character, and UTF-8 could not hold it.
  if (head > 0 && isHigh(a.charCodeAt(head - 1))) head--;
  let tail = 0;
  while (tail < shorter - head && a.charCodeAt(a.length - 1 - tail) === b.charCodeAt(b.length - 1 - tail)) tail++;
  if (tail > 0 && isLow(a.charCodeAt(a.length - tail))) tail--;
  return { head, tail };
}

function isHigh(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdbff;
}

function isLow(unit: number): boolean {
  return unit >= 0xdc00 && unit <= 0xdfff;
}
