/** A semantic version; build metadata is left out. */
export interface Version {
  readonly major: number;
  readonly minor: number;
  readonly patch: number;
  /** `beta.1`; empty for a release that everybody gets. */
  readonly prerelease: string;
}

export function parseVersion(text: string): Version | undefined {
  const [, major, minor, patch, prerelease = ""] =
    /^(\d{1,9})\.(\d{1,9})\.(\d{1,9})(?:-([0-9A-Za-z.-]+))?(?:\+[0-9A-Za-z.-]+)?$/.exec(text) ?? [];
  if (patch === undefined) return undefined;
  return { major: Number(major), minor: Number(minor), patch: Number(patch), prerelease };
}

/** Of two prereleases of one version neither counts as newer: only whole releases are compared with. */
export function isNewer(a: Version, b: Version): boolean {
  for (const part of ["major", "minor", "patch"] as const) if (a[part] !== b[part]) return a[part] > b[part];
  return a.prerelease === "" && b.prerelease !== "";
}
