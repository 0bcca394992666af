import { isNewer, parseVersion, type Version } from "./version.ts";

/** How much a release asks of its users, least first. */
export const levels = ["patch", "minor", "major"] as const;
export type Level = (typeof levels)[number];

/** The highest of some levels; `undefined` for none. */
export function highest(some: Iterable<Level>): Level | undefined {
  const present = new Set(some);
  return levels.findLast((level) => present.has(level));
}

export function isAtLeast(level: Level | undefined, least: Level): boolean {
  return level !== undefined && levels.indexOf(level) >= levels.indexOf(least);
}

/** What a change of some level needs after that version: before 1.0.0 breaking needs minor, all else patch. */
export function neededAfter(version: Version, level: Level): Level {
  if (version.major > 0) return level;
  return level === "major" ? "minor" : "patch";
}

/** The level by which a version is above another; `undefined` when it is not. */
export function bumpBetween(before: string, after: string): Level | undefined {
  const [a, b] = [parseVersion(before), parseVersion(after)];
  if (!a || !b || !isNewer(b, a)) return undefined;
  return a.major !== b.major ? "major" : a.minor !== b.minor ? "minor" : "patch";
}
