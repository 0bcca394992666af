import { isAscii } from "node:buffer";
import { countInvisible, ToolError } from "@mooring/core";
import type { Pausing } from "../pausing.ts";
import type { OpenFile } from "../sandbox/sandbox.ts";
import { hashedUpTo, versionOf } from "../sandbox/version.ts";
import { decodeText, sniff, type TextFormat } from "./decode.ts";
import { countEols, countLines, type Eol, eolOf } from "./lines.ts";
import type { LineRange } from "./range.ts";
import type { ReadPosition } from "./read-cursor.ts";
import { cutPage, findLine, findTail, unitOf } from "./scan.ts";
import { fileSource, memorySource, readUpTo, type Source } from "./source.ts";

/** A file opened for looking at: what it is, and its bytes or a way to them. */
export interface Look {
  readonly version: string;
  /** Bytes. */
  readonly size: number;
  /** `undefined` for binary. */
  readonly format: TextFormat | undefined;
  readonly source: Source;
  /** All of it, when it is small. */
  readonly bytes: Buffer | undefined;
}

/** A part of a text. */
export interface TextView {
  readonly text: string;
  readonly encoding: string;
  readonly bom: boolean;
  readonly eol: Eol;
  /** Lines in all, where that is known without reading everything. */
  readonly lines: number | undefined;
  /** First and last line shown, from 1; 0 when not known. Left out when the whole file is shown. */
  readonly shown: { readonly first: number; readonly last: number; readonly part: boolean } | undefined;
  /** Where the next page starts. */
  readonly next: ReadPosition | undefined;
  readonly endsWithoutNewline: boolean;
  /** Characters in the part that a reader cannot see. */
  readonly invisible: number;
}

const SNIFFED = 65_536;

/** Reads small files whole and of large ones the beginning. */
export function look(file: OpenFile, encoding: string | undefined): Look {
  const bytes = readUpTo(file, hashedUpTo);
  if (bytes) {
    const format = sniff(bytes, { complete: true, fallback: encoding });
    return { version: versionOf(file, bytes), size: bytes.length, format, source: memorySource(bytes), bytes };
  }
  const source = fileSource(file);
  const head = source.read(0, SNIFFED);
  const format = sniff(head, { complete: head.length === source.size, fallback: encoding });
  return { version: versionOf(file), size: source.size, format, source, bytes: undefined };
}

/** The wanted part of a text, at most `budget` bytes of the file. Throws `invalid_input` for lines it does not have and bytes that are no text. */
export function* viewText(
  { source, bytes, format }: Look & { format: TextFormat },
  { range, from, budget }: { range: LineRange; from: ReadPosition | undefined; budget: number },
): Pausing<TextView> {
  const layout = { encoding: format.encoding, start: format.bom };
  if (bytes && !from && (range.kind === "all" ? bytes.length <= budget : bytes.length <= format.bom))
    return wholeText(bytes, format);
  const { offset, line, last } = from ?? (yield* start(source, layout, range));
  if (offset > source.size) throw pastEnd();
  const page = source.read(offset, Math.max(budget, 8));
  const atEnd = offset + page.length >= source.size;
  const wanted = line > 0 ? last - line + 1 : Infinity;
  const cut = cutPage(page, format.encoding, { lines: wanted, last: atEnd });
  const { text, length } = decodePage(page, cut.length, format.encoding, offset);
  const end = offset + length;
  const finished = end >= source.size || cut.feeds >= wanted;
  const whole = length > 0 && endsWithFeed(page.subarray(0, length), format.encoding);
  const lastLine = line === 0 ? 0 : line + cut.feeds - (whole || length === 0 ? 1 : 0);
  return {
    ...describe(text, format, bytes),
    shown: { first: line, last: lastLine, part: !whole && !finished },
    next: finished ? undefined : { offset: end, line: line === 0 ? 0 : line + cut.feeds, last },
    endsWithoutNewline: end >= source.size && length > 0 && !whole,
  };
}

function wholeText(bytes: Buffer, format: TextFormat): TextView {
  const ascii = format.encoding === "utf-8" && isAscii(bytes);
  const text = ascii ? bytes.toString("latin1") : decodeText(bytes.subarray(format.bom), format.encoding);
  if (text === undefined) throw notText(0);
  const invisible = ascii ? countControls(text) : countInvisible(text);
  const eols = countEols(text);
  const endsWithoutNewline = text.length > 0 && !text.endsWith("\n");
  return {
    text,
    encoding: format.encoding,
    bom: format.bom > 0,
    eol: eolOf(eols),
    lines: countLines(text, eols),
    shown: undefined,
    next: undefined,
    endsWithoutNewline,
    invisible,
  };
}

// Of ASCII only controls are invisible; most files have none.
function countControls(text: string): number {
  // oxlint-disable-next-line no-control-regex
  return /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/.test(text) ? countInvisible(text) : 0;
}

function describe(text: string, format: TextFormat, bytes: Buffer | undefined) {
  const all = bytes && decodeText(bytes.subarray(format.bom), format.encoding);
  const eols = countEols(all ?? text);
  return {
    text,
    encoding: format.encoding,
    bom: format.bom > 0,
    eol: eolOf(eols),
    lines: all === undefined ? undefined : countLines(all, eols),
    invisible: countInvisible(text),
  };
}

function* start(source: Source, layout: { encoding: string; start: number }, range: LineRange): Pausing<ReadPosition> {
  if (range.kind === "all") return { offset: layout.start, line: 1, last: Infinity };
  if (range.kind === "from") {
    const found = yield* findLine(source, layout, range.first);
    if ("offset" in found) return { offset: found.offset, line: range.first, last: range.last };
    const { lines } = found;
    throw new ToolError(
      "invalid_input",
      `The file has ${lines.toLocaleString("en")} ${lines === 1 ? "line" : "lines"}, so there is no line ${range.first.toLocaleString("en")}.`,
      {
        hint: lines > 0 ? 'Ask for lines it has; "-20" gives the last 20.' : undefined,
      },
    );
  }
  const offset = yield* findTail(source, layout, range.count);
  return { offset, line: yield* lineAt(source, layout, offset, range.count), last: Infinity };
}

// The number of a tail's first line, where counting the lines before it costs nothing to speak of.
function* lineAt(
  source: Source,
  layout: { encoding: string; start: number },
  offset: number,
  count: number,
): Pausing<number> {
  if (offset === layout.start) return 1;
  if (source.size > hashedUpTo) return 0;
  const found = yield* findLine(source, layout, Infinity);
  return "lines" in found ? found.lines - count + 1 : 0;
}

function decodePage(page: Buffer, length: number, encoding: string, offset: number): { text: string; length: number } {
  // Only encodings whose characters have several bytes and no mark of where they start can need another cut.
  const cuts = encoding === "utf-8" || unitOf(encoding) === 2 ? [0] : [0, 1, 2, 3];
  for (const cut of cuts) {
    const bytes = page.subarray(0, length - cut);
    const text = bytes.includes(0) && unitOf(encoding) === 1 ? undefined : decodeText(bytes, encoding);
    if (text !== undefined) return { text, length: bytes.length };
  }
  throw notText(offset);
}

function endsWithFeed(bytes: Buffer, encoding: string): boolean {
  if (unitOf(encoding) === 1) return bytes.at(-1) === 10;
  return bytes.length >= 2 && bytes.readUInt16LE(bytes.length - 2) === (encoding === "utf-16le" ? 0x000a : 0x0a00);
}

function notText(offset: number): ToolError {
  return new ToolError("invalid_input", `The bytes from offset ${offset.toLocaleString("en")} on are not text.`, {
    hint: 'Use `as: "hex"`.',
  });
}

/** The answer to a cursor behind the end. */
export function pastEnd(): ToolError {
  return new ToolError("conflict", "The file has become shorter than where the cursor points.", {
    hint: "Read it again without the cursor.",
  });
}
