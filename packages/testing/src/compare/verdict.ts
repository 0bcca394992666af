import { changesetText, type Waiting } from "./changesets.ts";
import { bumpBetween, highest, isAtLeast, type Level, levels, neededAfter } from "./level.ts";
import type { Manifest, Release } from "./release.ts";
import type { Change } from "./rules.ts";
import { parseVersion, type Version } from "./version.ts";

/** What came out, for a person and for the exit status. */
export interface Verdict {
  readonly ok: boolean;
  readonly lines: readonly string[];
}

/**
 * Whether the next release is announced at the level that its changes need: by waiting changesets, or by the version that
 * they have already become.
 */
export function verdict(manifest: Manifest, release: Release, changes: readonly Change[], waiting: Waiting): Verdict {
  const { name, version } = manifest;
  const head = `${name} ${version}, compared with ${release.ref.replace("refs/tags/", "")}:`;
  const level = highest(changes.map((each) => each.level));
  const before = parseVersion(release.version);
  if (level === undefined || !before) return { ok: true, lines: [`${head} nothing changed that others can see.`] };
  const needed = neededAfter(before, level);
  const bumped = bumpBetween(release.version, version);
  const given = highest([bumped, waiting.level].filter((each) => each !== undefined));
  const ok = isAtLeast(given, needed);
  const why = needed === level ? "" : ` (before 1.0.0 a ${level} change is a ${needed} release)`;
  const found = given === undefined ? "nothing announces one" : `${whence(given, bumped, version)} only ${given}`;
  return {
    ok,
    lines: [
      head,
      ...sorted(changes).map((each) => `  ${each.level.padEnd(5)}  ${each.where}: ${each.what}`),
      ok
        ? `A ${needed} release is due${why}, and ${given} is announced.`
        : `A ${needed} release is due${why}, but ${found}.`,
      ...(ok ? [] : remedy(manifest, needed, before, changes, waiting)),
    ],
  };
}

function whence(given: Level, bumped: Level | undefined, version: string): string {
  return given === bumped ? `the version ${version} is` : "the waiting changesets ask for";
}

function remedy(
  { name }: Manifest,
  needed: Level,
  before: Version,
  changes: readonly Change[],
  { used }: Waiting,
): string[] {
  if (!used) return [`Set the version in package.json to ${next(before, needed)}, or take the change back.`];
  const lines = sorted(changes).map(({ where, what }) => `${where}: ${what}`);
  const file = `.changeset/${name.replace(/\W+/g, "-").replace(/^-/, "")}-surface.md`;
  return [
    `Take the change back, or add ${file} with this text, in your words:`,
    "",
    changesetText(name, needed, lines).trimEnd(),
  ];
}

function next({ major, minor, patch }: Version, level: Level): string {
  if (level === "major") return `${major + 1}.0.0`;
  return level === "minor" ? `${major}.${minor + 1}.0` : `${major}.${minor}.${patch + 1}`;
}

function sorted(changes: readonly Change[]): Change[] {
  return changes.toSorted((a, b) => levels.indexOf(b.level) - levels.indexOf(a.level));
}
