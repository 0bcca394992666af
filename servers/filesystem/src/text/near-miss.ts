import { indexOf } from "./find.ts";
import { type Difference, differences } from "./line-difference.ts";
import { withoutOuterNewlines } from "./lines.ts";
import { skeleton } from "./skeleton.ts";

/** The part of a text that is most like what was looked for. */
export interface NearMiss {
  /** Numbered from 1. */
  readonly firstLine: number;
  readonly lastLine: number;
  readonly text: string;
  /** What differs, a line each, at most five. */
  readonly differences: readonly Difference[];
}

/** Milliseconds and characters after which a search for similar text stops with what it has. */
const BUDGET = { milliseconds: 150, characters: 8_000_000 };

/** Finds the region of `text` that `old` most likely meant; both folded to LF. `undefined` when nothing is alike. */
export function nearMiss(text: string, old: string): NearMiss | undefined {
  if (text.trim().length === 0 || old.trim().length === 0) return undefined;
  const lines = text.slice(0, BUDGET.characters).split("\n");
  const wanted = withoutOuterNewlines(old).split("\n");
  const skeletons = lines.map(skeleton);
  const wantedSkeletons = wanted.map(skeleton);
  const region =
    sameSkeleton(skeletons, wantedSkeletons) ??
    mostVotes(skeletons, wantedSkeletons) ??
    mostAlike(skeletons, wantedSkeletons);
  if (!region) return undefined;
  const [first, last] = region;
  const found = lines.slice(first, last + 1);
  return {
    firstLine: first + 1,
    lastLine: last + 1,
    text: found.join("\n"),
    differences: differences(found, wanted, first + 1),
  };
}

type Region = readonly [first: number, last: number];

// The same characters, but for whitespace, line breaks, case, quotes and invisible ones.
function sameSkeleton(lines: readonly string[], wanted: readonly string[]): Region | undefined {
  const needle = wanted.join("");
  if (needle.length === 0) return undefined;
  const start = indexOf(lines.join(""), needle);
  if (start === -1) return undefined;
  const end = start + needle.length;
  let at = 0;
  let first = -1;
  for (const [index, line] of lines.entries()) {
    at += line.length;
    if (first === -1 && at > start) first = index;
    if (at >= end) return [first, index];
  }
  return undefined;
}

// Each line that occurs votes for where the whole would start; long lines say more than short ones.
function mostVotes(lines: readonly string[], wanted: readonly string[]): Region | undefined {
  const places = new Map<string, number[]>();
  for (const [index, line] of wanted.entries()) if (line.length > 2 && !places.has(line)) places.set(line, [index]);
  const votes = new Map<number, number>();
  const seen = new Map<string, number>();
  for (const [index, line] of lines.entries()) {
    const at = places.get(line)?.[0];
    if (at === undefined) continue;
    const times = (seen.get(line) ?? 0) + 1;
    seen.set(line, times);
    // What stands everywhere says nothing about the place.
    if (times > 200) continue;
    const start = index - at;
    votes.set(start, (votes.get(start) ?? 0) + Math.min(line.length, 40));
  }
  let best: number | undefined;
  for (const [start, weight] of votes) if (best === undefined || weight > (votes.get(best) ?? 0)) best = start;
  return best === undefined ? undefined : window(best, wanted.length, lines.length);
}

// No line is the same: the line whose three-letter groups are most like those of the longest wanted one.
function mostAlike(lines: readonly string[], wanted: readonly string[]): Region | undefined {
  let longest = 0;
  for (const [index, line] of wanted.entries()) if (line.length > (wanted[longest] as string).length) longest = index;
  const target = trigrams((wanted[longest] as string).slice(0, 300));
  if (target.size === 0) return undefined;
  const until = performance.now() + BUDGET.milliseconds;
  let best = 0.4;
  let place: number | undefined;
  for (const [index, line] of lines.entries()) {
    if ((index & 255) === 0 && performance.now() > until) break;
    // The score can be no better than the lengths allow.
    if (line.length < 3 || (2 * Math.min(line.length, target.size)) / (line.length + target.size) <= best) continue;
    const score = likeness(target, line.slice(0, 600));
    if (score > best) {
      best = score;
      place = index;
    }
  }
  return place === undefined ? undefined : window(place - longest, wanted.length, lines.length);
}

function trigrams(text: string): Set<string> {
  const found = new Set<string>();
  for (let at = 0; at + 3 <= text.length; at++) found.add(text.slice(at, at + 3));
  return found;
}

// Dice's coefficient over the sets of trigrams.
function likeness(target: ReadonlySet<string>, line: string): number {
  const own = trigrams(line);
  let shared = 0;
  for (const group of own) if (target.has(group)) shared++;
  return (2 * shared) / (target.size + own.size);
}

function window(start: number, length: number, lines: number): Region {
  const first = Math.max(0, start);
  return [first, Math.max(first, Math.min(start + length, lines) - 1)];
}
