import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { waitingChangesets } from "./changesets.ts";
import { CompareError } from "./compare-error.ts";
import { compareSurfaces } from "./compare-surfaces.ts";
import { type Git, openGit } from "./git.ts";
import { lastRelease, parseManifest, type Release, releaseAt } from "./release.ts";
import type { Change } from "./rules.ts";
import { readSurface, SERVER_FILE, type Surface, SURFACE_FOLDER } from "./surface.ts";
import { type Verdict, verdict } from "./verdict.ts";

export interface CompareOptions {
  /** The project's: where its package.json is. */
  readonly folder: string;
  /** A commit to compare with instead of the last release. */
  readonly since?: string | undefined;
}

/** What changed since a release; `undefined` when the release has nothing of the kind. */
export type Difference = (git: Git, release: Release) => readonly Change[] | undefined;

/**
 * Compares a server's surface with its last release, and that with what announces the next one.
 * @throws CompareError where nothing can be compared: no snapshots, no git, no history
 */
export function compareProject(options: CompareOptions): Verdict {
  const folder = resolve(options.folder);
  return compareWithRelease(options, SURFACE_FOLDER, (git, release) => {
    const now = surfaceIn(folder);
    const before = surfaceAt(git, release);
    if (!before) return undefined;
    if (before.server && !now.server)
      throw new CompareError(`${SURFACE_FOLDER}/${SERVER_FILE} is gone: a test writes it with serverSurface().`);
    return compareSurfaces(before, now);
  });
}

/**
 * The same for anything else that a package promises.
 * @param what is compared, for a person: `test/__surface__`, `exports`
 * @throws CompareError
 */
export function compareWithRelease({ folder, since }: CompareOptions, what: string, difference: Difference): Verdict {
  const path = resolve(folder);
  const file = join(path, "package.json");
  if (!existsSync(file)) throw new CompareError(`There is no package.json in ${path}: name the project with --folder.`);
  const manifest = parseManifest(readFileSync(file, "utf8"), file);
  const git = openGit(path);
  const release = since === undefined ? lastRelease(git, manifest.name) : releaseAt(git, since);
  if (!release)
    return {
      ok: true,
      lines: [`${manifest.name} has no release yet (no tag ${manifest.name}@…): nothing to compare with.`],
    };
  const changes = difference(git, release);
  if (!changes)
    return { ok: true, lines: [`${manifest.name}: ${release.version} has no ${what}: nothing to compare with.`] };
  return verdict(manifest, release, changes, waitingChangesets(manifest.name, [path, git.top]));
}

function surfaceIn(folder: string): Surface {
  const path = join(folder, SURFACE_FOLDER);
  const files = existsSync(path) ? readdirSync(path).filter((name) => name.endsWith(".json")) : [];
  if (files.length === 0)
    throw new CompareError(
      `There are no snapshots in ${path}: let a test write surface(tool) of each tool and serverSurface() there.`,
    );
  return readSurface(new Map(files.sort().map((name) => [name, readFileSync(join(path, name), "utf8")])), path);
}

function surfaceAt(git: Git, { ref, version }: Release): Surface | undefined {
  const files = git.list(ref, SURFACE_FOLDER).filter((name) => name.endsWith(".json"));
  if (files.length === 0) return undefined;
  const read = (name: string) => git.show(ref, `${SURFACE_FOLDER}/${name}`) ?? "";
  return readSurface(new Map(files.map((name) => [name, read(name)])), `release ${version}`);
}
