import { isAscii } from "node:buffer";
import { fstatSync, readSync } from "node:fs";
import { createNeedle, type Needle } from "./needle.ts";
import type { Matcher } from "./pattern.ts";
import { QueryProblem } from "./problem.ts";
import { lineText } from "./shown-line.ts";

/** Where the search in one file goes on. */
export interface Resume {
  /** Lines before it; the next line is number `line + 1`. */
  readonly line: number;
  /** Matching lines among them. */
  readonly count: number;
  /** Byte offset of the next line; trusted only while the file's time of change is `mtimeMs`. */
  readonly offset?: number | undefined;
  readonly mtimeMs?: number | undefined;
}

/** A line near a match. */
export type ContextLine = readonly [line: number, text: string];

export interface ContentOptions {
  readonly matcher: Matcher;
  /** Lines around each match. */
  readonly context: number;
  /** Stop at the first matching line. */
  readonly firstOnly: boolean;
  /** Report lines; without it they are only counted. */
  readonly lines: boolean;
  /** Asked between blocks; true ends the search with a {@link Resume}. */
  shouldStop(): boolean;
  /** Called around work that may backtrack, so that a watcher can tell it from waiting. */
  timed(state: "start" | "alive" | "end"): void;
}

/** Takes a matching line; false ends the search behind it. */
export type LineSink = (line: number, text: string, context: readonly ContextLine[]) => boolean;

export type Outcome =
  | { readonly kind: "done"; readonly count: number }
  | { readonly kind: "stopped"; readonly resume: Resume }
  | { readonly kind: "binary" | "special" | "large" };

export interface ContentSearch {
  /** Searches an open file. Throws what reading throws, and {@link QueryProblem} for a regex V8 gives up on. */
  search(fd: number, resume: Resume | undefined, sink: LineSink): Outcome;
}

/** What one read takes at first: most files end within it. */
const FIRST_READ = 64 * 1024;
const WINDOW = 1024 * 1024;
/** Room behind the window for a copy of the needle, which ends every search of the buffer. */
const SLACK = 16 * 1024;
/** What two windows share where a line is longer than both; a longer match of a regex across them is missed. */
const OVERLAP = 4096;
/** UTF-16 is searched whole, as UTF-8. */
const MAX_UTF16 = 16 * 1024 * 1024;
const CONTEXT_REACH = 64 * 1024;
/** How much text one run of a regex sees: few enough characters that ordinary backtracking stays below the fallback. */
const CHUNK = 4096;

// One of each per thread: files are searched one after the other.
const scratch = Buffer.allocUnsafeSlow(WINDOW + SLACK);
let around: Buffer | undefined;

/** Thrown through the scan when a sink or `shouldStop` ends it; never leaves this module. */
const STOP = Symbol("stop");

export function contentSearch({
  matcher,
  context,
  firstOnly,
  lines,
  shouldStop,
  timed,
}: ContentOptions): ContentSearch {
  const literal = matcher.kind === "bytes" ? createNeedle(matcher.needle) : undefined;
  let fd = -1;
  let sink: LineSink = () => true;
  let regular = false;
  /** Lines before the block's first byte. */
  let line = 0;
  let count = 0;
  /** The unfinished line at the block's start was reported already. */
  let reported = false;
  /** The block that is searched: the lines in `bytes[0, end)`, of `filled` bytes that stand in the file at `base`. */
  let bytes = scratch;
  let end = 0;
  let filled = 0;
  let base = 0;
  /** The block is the whole file. */
  let whole = false;
  /** Up to here in the block, newlines are in `line`. */
  let counted = 0;

  function search(file: number, resume: Resume | undefined, to: LineSink): Outcome {
    fd = file;
    sink = to;
    regular = false;
    line = resume?.line ?? 0;
    count = resume?.count ?? 0;
    reported = false;
    bytes = scratch;
    base = 0;
    filled = readAll(bytes, 0, FIRST_READ, 0);
    if (filled === 0) return { kind: "done", count };
    const wide = wideEncoding(bytes, filled);
    if (wide) return searchWide(wide);
    bytes[filled] = 0;
    if (bytes.indexOf(0) < filled) return { kind: "binary" };
    let ended = filled < FIRST_READ;
    if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) {
      bytes.copyWithin(0, 3, filled);
      filled -= 3;
      base = 3;
    }
    const start = resume === undefined || ended ? undefined : resumeOffset(resume);
    if (start !== undefined || (resume !== undefined && resume.line > 0)) {
      const offset = start ?? skipLines(resume?.line ?? 0, ended);
      if (offset === undefined) return { kind: "done", count };
      base = offset;
      filled = readAll(bytes, 0, WINDOW, base);
      ended = filled < WINDOW;
    }
    if (!ended && !ensureRegular()) return { kind: "special" };
    try {
      for (;;) {
        if (!ended) {
          const read = readAll(bytes, filled, WINDOW - filled, base + filled);
          ended = read < WINDOW - filled;
          filled += read;
        }
        const lastBreak = ended ? -1 : bytes.lastIndexOf(10, filled - 1);
        end = ended || lastBreak < 0 ? filled : lastBreak + 1;
        counted = 0;
        whole = ended && base <= 3;
        scan();
        if (ended) return { kind: "done", count };
        countTo(end);
        // A line longer than the window is searched in pieces that overlap.
        const next = lastBreak < 0 ? filled - OVERLAP : end;
        if (lastBreak >= 0) reported = false;
        bytes.copyWithin(0, next, filled);
        base += next;
        filled -= next;
        // Inside a line that is longer than the window as well: a hole of many gigabytes is one.
        if (shouldStop()) return { kind: "stopped", resume: here(0) };
      }
    } catch (error) {
      if (error !== STOP) throw regexProblem(error);
      if (!regular) return { kind: "special" };
      return firstOnly && count > 0 ? { kind: "done", count } : { kind: "stopped", resume: here(counted) };
    }
  }

  function here(at: number): Resume {
    if (whole) return { line, count };
    return { line, count, offset: base + at, mtimeMs: fstatSync(fd).mtimeMs };
  }

  function scan(): void {
    let from = 0;
    if (reported) {
      const newline = bytes.indexOf(10);
      if (newline < 0 || newline >= end) return;
      from = newline + 1;
      reported = false;
    }
    if (matcher.kind !== "bytes") scanText(matcher, from);
    else if (literal) scanBytes(literal, from);
  }

  function scanBytes(needle: Needle, start: number): void {
    // Ends every search at the latest here, where stale bytes of an earlier file would follow.
    for (let i = 0; i < needle.bytes.length; i++) bytes[filled + i] = needle.bytes[i] ?? 0;
    for (let from = start; ;) {
      const at = needle.indexIn(bytes, from);
      if (at < 0 || at + needle.bytes.length > end) return;
      from = hit(at) + 1;
      if (from > end) return;
    }
  }

  function scanText({ kind, regex: usual, astral, needles }: Exclude<Matcher, { kind: "bytes" }>, start: number): void {
    const view = bytes.subarray(start, end);
    if (needles && !needles.some((needle) => view.includes(needle))) return;
    const ascii = isAscii(view);
    const text = view.toString(ascii ? "latin1" : "utf8");
    const regex = astral && !ascii && /[\ud800-\udfff]/.test(text) ? astral : usual;
    // Where the byte is that stands for a character: by counting lines, since a bad byte has no length of its own.
    let atChar = 0;
    let atByte = start;
    const toByte = (lineStart: number, index: number) => {
      if (ascii) return start + index;
      for (let next = text.indexOf("\n", atChar); next >= 0 && next < lineStart; next = text.indexOf("\n", atChar)) {
        atChar = next + 1;
        atByte = bytes.indexOf(10, atByte) + 1;
      }
      return atByte + Buffer.byteLength(text.slice(lineStart, index));
    };
    const found = (lineStart: number, index: number) => {
      const at = toByte(lineStart, index);
      // A bad byte counts as three above, and must not lead out of its line.
      const lineEnd = lineEndAfter(ascii ? at : atByte);
      hit(Math.min(at, lineEnd));
    };
    if (kind === "linear") {
      timed("start");
      for (let from = 0; from < text.length;) {
        const near = text.indexOf("\n", from + CHUNK);
        const to = near < 0 || from + CHUNK >= text.length ? text.length : near + 1;
        scanChunk(regex, from === 0 && to === text.length ? text : text.slice(from, to), (lineStart, index) =>
          found(from + lineStart, from + index),
        );
        from = to;
        timed("alive");
        if (from < text.length && shouldStop()) {
          // Up to the next line: everything before it has been searched.
          countTo(toByte(from, from));
          throw stopped();
        }
      }
      timed("end");
      return;
    }
    timed("start");
    for (let from = 0; from < text.length;) {
      const newline = text.indexOf("\n", from);
      const lineEnd = newline < 0 ? text.length : newline;
      regex.lastIndex = 0;
      timed("alive");
      const match = regex.exec(text.slice(from, text[lineEnd - 1] === "\r" ? lineEnd - 1 : lineEnd));
      if (match) found(from, from + match.index);
      from = lineEnd + 1;
      if (from < text.length && shouldStop()) {
        countTo(toByte(from, from));
        throw stopped();
      }
    }
    timed("end");
  }

  function stopped(): typeof STOP {
    timed("end");
    ensureRegular();
    return STOP;
  }

  function lineEndAfter(at: number): number {
    const newline = bytes.indexOf(10, at);
    return newline < 0 || newline > end ? end : newline;
  }

  /** Reports the line that holds the byte `at`; returns where the line ends. */
  function hit(at: number): number {
    const start = at === 0 ? 0 : bytes.lastIndexOf(10, at - 1) + 1;
    const lineEnd = lineEndAfter(at);
    if (!ensureRegular()) throw STOP;
    count++;
    countTo(start);
    if (lineEnd === end) reported = bytes[end - 1] !== 10;
    const text = lines ? lineText(bytes, start, lineEnd, at) : "";
    const near = lines && context > 0 ? surroundings(start, lineEnd) : [];
    const goOn = sink(line + 1, text, near) && !firstOnly;
    if (!goOn) {
      // The line itself is done.
      line++;
      counted = Math.min(lineEnd + 1, end);
      throw stopped();
    }
    return lineEnd;
  }

  function countTo(at: number): void {
    for (let i = counted; i < at; i++) if (bytes[i] === 10) line++;
    counted = Math.max(counted, at);
  }

  function ensureRegular(): boolean {
    regular ||= fstatSync(fd).isFile();
    return regular;
  }

  function surroundings(start: number, lineEnd: number): ContextLine[] {
    if (whole) return contextOf(bytes, filled, start, lineEnd);
    const buffer = (around ??= Buffer.allocUnsafeSlow(3 * CONTEXT_REACH));
    const from = Math.max(0, base + start - CONTEXT_REACH);
    const length = readAll(buffer, 0, buffer.length, from);
    const at = base + start - from;
    return contextOf(buffer, length, at, Math.min(length, at + (lineEnd - start)));
  }

  function contextOf(around: Buffer, length: number, start: number, lineEnd: number): ContextLine[] {
    const before: ContextLine[] = [];
    for (let to = start - 1, number = line; to >= 0 && before.length < context; number--) {
      const from = to === 0 ? 0 : around.lastIndexOf(10, to - 1) + 1;
      before.unshift([number, lineText(around, from, to)]);
      to = from - 1;
    }
    const after: ContextLine[] = [];
    for (let from = lineEnd + 1, number = line + 2; from < length && after.length < context; number++) {
      const newline = around.indexOf(10, from);
      const to = newline < 0 || newline > length ? length : newline;
      after.push([number, lineText(around, from, to)]);
      from = to + 1;
    }
    return [...before, ...after];
  }

  function searchWide(encoding: "utf-16le" | "utf-16be"): Outcome {
    if (!ensureRegular()) return { kind: "special" };
    const { size } = fstatSync(fd);
    if (size > MAX_UTF16) return { kind: "large" };
    const raw = Buffer.allocUnsafe(size);
    const text = new TextDecoder(encoding).decode(raw.subarray(0, readAll(raw, 0, size, 0)));
    if (text.includes("\0")) return { kind: "binary" };
    bytes = Buffer.allocUnsafe(Buffer.byteLength(text) + SLACK);
    filled = end = bytes.write(text);
    whole = true;
    const skip = line;
    line = 0;
    counted = 0;
    const given = sink;
    count = 0;
    if (skip > 0) sink = (number, ...rest) => number <= skip || given(number, ...rest);
    try {
      scan();
      return { kind: "done", count };
    } catch (error) {
      if (error !== STOP) throw regexProblem(error);
      return firstOnly && count > 0 ? { kind: "done", count } : { kind: "stopped", resume: { line, count } };
    }
  }

  /** The offset to go on at, or `undefined` when lines have to be counted: the file changed, or it was never known. */
  function resumeOffset({ offset, mtimeMs }: Resume): number | undefined {
    if (offset === undefined) return undefined;
    const stat = fstatSync(fd);
    return stat.mtimeMs === mtimeMs && offset <= stat.size ? offset : undefined;
  }

  /** Offset behind `skip` lines; `undefined` when the file has no more. */
  function skipLines(skip: number, ended: boolean): number | undefined {
    let left = skip;
    for (let last = ended; ;) {
      for (let i = 0; i < filled; i++) if (bytes[i] === 10 && --left === 0) return base + i + 1;
      if (last || shouldStop()) return undefined;
      base += filled;
      filled = readAll(bytes, 0, WINDOW, base);
      last = filled < WINDOW;
    }
  }

  function readAll(into: Buffer, at: number, length: number, position: number): number {
    let done = 0;
    while (done < length) {
      const read = readSync(fd, into, at + done, length - done, position + done);
      done += read;
      // Local files are short only at their end; where blocks come from elsewhere, a whole page may just be the first.
      if (read === 0 || (done < length && done % 4096 !== 0)) break;
    }
    return done;
  }

  return { search };
}

function wideEncoding(bytes: Buffer, filled: number): "utf-16le" | "utf-16be" | undefined {
  if (filled < 2) return undefined;
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return "utf-16le";
  return bytes[0] === 0xfe && bytes[1] === 0xff ? "utf-16be" : undefined;
}

// V8 compiles lazily: what is too big for it fails at the first run.
function regexProblem(error: unknown): unknown {
  return error instanceof SyntaxError ||
    (error instanceof RangeError && /stack|regular expression/i.test(error.message))
    ? new QueryProblem(
        "The regular expression is too large, or needs too much memory on one line.",
        "Use fewer or smaller repetitions.",
      )
    : error;
}

/** Runs a linear regex over whole lines, and reports the first match of each. */
function scanChunk(regex: RegExp, chunk: string, found: (lineStart: number, index: number) => void): void {
  regex.lastIndex = 0;
  for (let match = regex.exec(chunk); match; match = regex.exec(chunk)) {
    const { index } = match;
    const lineStart = index === 0 ? 0 : chunk.lastIndexOf("\n", index - 1) + 1;
    // Behind the last line break there is no line.
    if (lineStart >= chunk.length) return;
    // To V8 a line ends before CR and the next begins behind it: between CR and LF there is none.
    if (chunk[index] === "\n" && chunk[index - 1] === "\r") {
      regex.lastIndex = index + 1;
      continue;
    }
    found(lineStart, index);
    const lineEnd = chunk.indexOf("\n", index);
    if (lineEnd < 0) return;
    regex.lastIndex = lineEnd + 1;
  }
}
