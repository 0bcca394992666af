import { type Draft, pieceLength } from "./draft.ts";
import { countNewlines, type Folded } from "./folding.ts";

/** A unified diff without file headers, and its totals. */
export interface Diff {
  readonly text: string;
  readonly added: number;
  readonly removed: number;
}

interface Change {
  /** Folded positions in the original and in the draft: what was replaced, by what. */
  start: number;
  end: number;
  newStart: number;
  newEnd: number;
}

const CONTEXT = 3;

/**
 * What a draft changes, from where its pieces came: proportional to the edited text, whatever the file's size.
 * `maxLength` cuts the text (characters); the totals stay whole.
 */
export function unifiedDiff(original: Folded, draft: Draft, maxLength: number): Diff {
  const before = original.text;
  const after = draft.text;
  const line = lineFinder(before);
  const hunks = grouped(
    changes(before, draft).map((change) => byLines(before, after, change, line)),
    before,
  );
  const out: string[] = [];
  let length = 0;
  let added = 0;
  let removed = 0;
  let oldLine = 1;
  let newLine = 1;
  let oldAt = 0;
  let newAt = 0;
  let cut = 0;
  for (const hunk of hunks) {
    const first = hunk[0] as Change;
    const last = hunk.at(-1) as Change;
    const head = linesBefore(before, first.start, CONTEXT);
    const tail = linesAfter(before, last.end, CONTEXT);
    oldLine += countNewlines(before, oldAt, head);
    newLine += countNewlines(after, newAt, first.newStart - (first.start - head));
    oldAt = head;
    newAt = first.newStart - (first.start - head);
    const body: string[] = [];
    let at = head;
    let minus = 0;
    let plus = 0;
    for (const change of hunk) {
      pushLines(body, " ", before, at, change.start);
      minus += pushLines(body, "-", before, change.start, change.end);
      plus += pushLines(body, "+", after, change.newStart, change.newEnd);
      at = change.end;
    }
    pushLines(body, " ", before, at, tail);
    const kept = body.filter((line) => line.startsWith(" ")).length;
    added += plus;
    removed += minus;
    const header = `@@ -${range(oldLine, kept + minus)} +${range(newLine, kept + plus)} @@`;
    for (const line of [header, ...body]) {
      length += line.length + 1;
      if (length <= maxLength) out.push(line);
      else cut++;
    }
  }
  if (cut > 0) out.push(`… ${cut} more lines of the diff`);
  return { text: out.join("\n"), added, removed };
}

function range(line: number, count: number): string {
  return count === 1 ? String(line) : `${count === 0 ? line - 1 : line},${count}`;
}

function changes(before: string, draft: Draft): Change[] {
  const found: Change[] = [];
  let oldAt = 0;
  let newAt = 0;
  let open: Change | undefined;
  const change = (): Change => {
    if (!open) found.push((open = { start: oldAt, end: oldAt, newStart: newAt, newEnd: newAt }));
    return open;
  };
  for (const piece of draft.pieces) {
    const length = pieceLength(piece);
    if (piece.kind === "inserted") {
      change().newEnd = newAt + length;
    } else {
      if (piece.start > oldAt) change().end = piece.start;
      open = undefined;
      oldAt = piece.end;
    }
    newAt += length;
  }
  if (oldAt < before.length) change().end = before.length;
  return found;
}

// Widened to whole lines: the same stretch on both sides, since everything around a change is kept.
function byLines(before: string, after: string, change: Change, line: LineFinder): Change {
  const { start } = line(change.start);
  const head = change.start - start;
  const whole = atLineStart(before, change.end) && atLineStart(after, change.newEnd) && head === 0;
  const tail = whole ? 0 : line(change.end).end - change.end;
  return { start, end: change.end + tail, newStart: change.newStart - head, newEnd: change.newEnd + tail };
}

function grouped(all: readonly Change[], before: string): Change[][] {
  const merged: Change[] = [];
  for (const change of all) {
    const last = merged.at(-1);
    // Two changes of one line; the later one ends at or behind the earlier one's line.
    if (last && change.start < last.end) {
      last.end = change.end;
      last.newEnd = change.newEnd;
    } else merged.push({ ...change });
  }
  const hunks: Change[][] = [];
  for (const change of merged) {
    const hunk = hunks.at(-1);
    const last = hunk?.at(-1);
    if (last && countNewlines(before, last.end, change.start) <= 2 * CONTEXT) hunk?.push(change);
    else hunks.push([change]);
  }
  return hunks;
}

type LineFinder = (position: number) => { readonly start: number; readonly end: number };

// The line at a position; many changes of one long line look for it once.
function lineFinder(text: string): LineFinder {
  let found = { start: 0, end: -1 };
  return (position) => {
    if (position < found.start || position >= found.end)
      found = { start: lineStart(text, position), end: lineEnd(text, position) };
    return found;
  };
}

function atLineStart(text: string, position: number): boolean {
  return position === 0 || text[position - 1] === "\n";
}

function lineStart(text: string, position: number): number {
  return position === 0 ? 0 : text.lastIndexOf("\n", position - 1) + 1;
}

/** Behind the line's LF, or the end of the text. */
function lineEnd(text: string, position: number): number {
  const at = text.indexOf("\n", position);
  return at === -1 ? text.length : at + 1;
}

function linesBefore(text: string, position: number, count: number): number {
  let at = position;
  for (let line = 0; line < count && at > 0; line++) at = lineStart(text, at - 1);
  return at;
}

function linesAfter(text: string, position: number, count: number): number {
  let at = position;
  for (let line = 0; line < count && at < text.length; line++) at = lineEnd(text, at);
  return at;
}

function pushLines(into: string[], sign: string, text: string, start: number, end: number): number {
  if (start === end) return 0;
  const stretch = text.slice(start, end);
  const complete = stretch.endsWith("\n");
  const found = (complete ? stretch.slice(0, -1) : stretch).split("\n");
  for (const line of found) into.push(sign + line);
  if (!complete && end === text.length) into.push("\\ No newline at end of file");
  return found.length;
}
