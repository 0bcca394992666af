import type { Pausing } from "../pausing.ts";
import { utf8Boundary } from "./decode.ts";
import type { Source } from "./source.ts";

const BLOCK = 262_144;
/** Bytes after which a search lets other calls run. */
const PAUSE = 8_388_608;

/** Bytes a character unit takes: line feeds are found on unit boundaries. */
export type Unit = 1 | 2;

/** How text is laid out in its bytes, as far as finding lines needs. */
export interface Layout {
  readonly encoding: string;
  /** Where the text starts, after a byte order mark. */
  readonly start: number;
}

export function unitOf(encoding: string): Unit {
  return encoding === "utf-16le" || encoding === "utf-16be" ? 2 : 1;
}

/** The offset of the next line feed's first byte, or -1. `bytes` must start on a unit boundary. */
function nextFeed(bytes: Buffer, from: number, encoding: string): number {
  if (unitOf(encoding) === 1) return bytes.indexOf(10, from);
  const low = encoding === "utf-16le" ? 0 : 1;
  for (let at = bytes.indexOf(10, from); at !== -1; at = bytes.indexOf(10, at + 1)) {
    const first = at - low;
    if (first >= from && first % 2 === 0 && bytes[first + 1 - low] === 0) return first;
  }
  return -1;
}

/** The offset of the last line feed that starts before `before`, or -1. */
function lastFeed(bytes: Buffer, before: number, encoding: string): number {
  if (before <= 0) return -1;
  if (unitOf(encoding) === 1) return bytes.lastIndexOf(10, before - 1);
  const low = encoding === "utf-16le" ? 0 : 1;
  for (
    let at = bytes.lastIndexOf(10, before - 1 + low);
    at !== -1;
    at = at === 0 ? -1 : bytes.lastIndexOf(10, at - 1)
  ) {
    const first = at - low;
    if (first >= 0 && first < before && first % 2 === 0 && bytes[first + 1 - low] === 0) return first;
  }
  return -1;
}

/** The offset at which line `wanted` (from 1) starts, or how many lines there are when it is past the end. */
export function* findLine(
  source: Source,
  { encoding, start }: Layout,
  wanted: number,
): Pausing<{ offset: number } | { lines: number }> {
  const unit = unitOf(encoding);
  let line = 1;
  let lineStart = start;
  if (wanted === 1 && start < source.size) return { offset: start };
  for (let at = start; at < source.size;) {
    const block = source.read(at, BLOCK);
    if (block.length === 0) break;
    for (let feed = nextFeed(block, 0, encoding); feed !== -1; feed = nextFeed(block, feed + unit, encoding)) {
      line += 1;
      lineStart = at + feed + unit;
      if (line === wanted && lineStart < source.size) return { offset: lineStart };
    }
    at += block.length;
    if (at % PAUSE < BLOCK) yield;
  }
  // A line feed at the end starts no further line.
  return { lines: lineStart >= source.size ? line - 1 : line };
}

/** The offset at which the last `count` lines start; a final line feed ends the last line and starts none. */
export function* findTail(source: Source, { encoding, start }: Layout, count: number): Pausing<number> {
  const unit = unitOf(encoding);
  let missing = count;
  // Blocks keep the parity of the start, so that units of two bytes are not split.
  for (let end = source.size; end > start;) {
    const from = Math.max(start, end - BLOCK - ((end - BLOCK - start) % unit));
    const block = source.read(from, end - from);
    let before = block.length;
    if (end === source.size && lastFeed(block, before, encoding) === before - unit) before -= unit;
    for (let feed = lastFeed(block, before, encoding); feed !== -1; feed = lastFeed(block, feed, encoding)) {
      missing -= 1;
      if (missing === 0) return from + feed + unit;
    }
    end = from;
    if ((source.size - end) % PAUSE < BLOCK) yield;
  }
  return start;
}

/** How much of a page is shown: whole lines where possible, otherwise whole characters. */
export interface Cut {
  /** Bytes. */
  readonly length: number;
  /** Line feeds in them. */
  readonly feeds: number;
}

/** Cuts after `lines` lines or at the end of the page, whichever comes first. `last` says that the text ends with the page. */
export function cutPage(page: Buffer, encoding: string, { lines, last }: { lines: number; last: boolean }): Cut {
  const unit = unitOf(encoding);
  let feeds = 0;
  let end = 0;
  for (let feed = nextFeed(page, 0, encoding); feed !== -1; feed = nextFeed(page, end, encoding)) {
    feeds += 1;
    end = feed + unit;
    if (feeds === lines) return { length: end, feeds };
  }
  if (last) return { length: page.length, feeds };
  return end > 0 ? { length: end, feeds } : { length: characterBoundary(page, encoding), feeds: 0 };
}

function characterBoundary(page: Buffer, encoding: string): number {
  if (encoding === "utf-8") return utf8Boundary(page, page.length - 1) || page.length;
  if (unitOf(encoding) === 1) return page.length;
  const even = page.length - (page.length % 2);
  const high = page[encoding === "utf-16le" ? even - 1 : even - 2] ?? 0;
  // The first half of a surrogate pair waits for the second.
  return (high & 0xfc) === 0xd8 && even > 2 ? even - 2 : even;
}
