import { CompareError } from "./compare-error.ts";
import type { Git } from "./git.ts";
import { isNewer, parseVersion, type Version } from "./version.ts";

/** The state to compare with. */
export interface Release {
  /** What git calls it. */
  readonly ref: string;
  readonly version: string;
}

/** The facts of package.json that count here. */
export interface Manifest {
  readonly name: string;
  readonly version: string;
}

/**
 * The last release that the checked-out commit builds on, by its tag: `<name>@<version>`, in a repository of one package
 * also `v<version>`. Prereleases do not count, since their changesets wait for the release proper. `undefined` before the first.
 * @throws CompareError where a shallow clone hides the tags
 */
export function lastRelease(git: Git, name: string): Release | undefined {
  const prefixes = git.isTop ? [`${name}@`, "v"] : [`${name}@`];
  let last: (Release & { readonly parsed: Version }) | undefined;
  for (const ref of git.tags())
    for (const prefix of prefixes) {
      const version = ref.startsWith(prefix) ? ref.slice(prefix.length) : "";
      const parsed = parseVersion(version);
      if (parsed?.prerelease === "" && (!last || isNewer(parsed, last.parsed)))
        last = { ref: `refs/tags/${ref}`, version, parsed };
    }
  if (!last && git.isShallow)
    throw new CompareError(
      "This clone is shallow, so the tags of releases are not in it: check out with fetch-depth: 0, or run git fetch --unshallow --tags.",
    );
  return last && { ref: last.ref, version: last.version };
}

/** Another commit instead, with the version that package.json has there. @throws CompareError when there is no such commit */
export function releaseAt(git: Git, ref: string): Release {
  if (!git.has(ref)) throw new CompareError(`git knows no commit "${ref}": fetch it, or correct --since.`);
  const text = git.show(ref, "package.json");
  if (text === undefined)
    throw new CompareError(`There is no package.json in this folder at ${ref}: name a later commit.`);
  return { ref, version: parseManifest(text, `package.json at ${ref}`).version };
}

/** @throws CompareError for what is no manifest with a name and a version */
export function parseManifest(text: string, place: string): Manifest {
  let manifest: Partial<Manifest> | null = null;
  try {
    manifest = JSON.parse(text) as Partial<Manifest> | null;
  } catch {
    // said below
  }
  const { name, version } = manifest ?? {};
  if (typeof name !== "string" || typeof version !== "string" || !parseVersion(version))
    throw new CompareError(`${place} has no name or no version such as 1.2.3.`);
  return { name, version };
}
