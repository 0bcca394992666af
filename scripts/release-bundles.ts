// Servers bundle what they name as devDependencies, and changesets never releases a package because one of those changed
// (changesets#921). So whenever a bundled package is released, this adds a changeset for every package that bundles it.
import { execFileSync } from "node:child_process";
import { globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { root } from "./workspace.mjs";

interface Manifest {
  readonly name: string;
  readonly devDependencies?: Readonly<Record<string, string>>;
}

/** A changeset file to write: its name below `.changeset/`, and its text. */
export interface BundleRelease {
  readonly file: string;
  readonly text: string;
}

/**
 * The changesets still missing: one for each bundling package that is not released itself while something in it is.
 * `released`: names of the packages that the waiting changesets release.
 */
export function bundleReleases(released: ReadonlySet<string>, bundling: readonly Manifest[]): BundleRelease[] {
  return bundling.flatMap(({ name, devDependencies = {} }) => {
    const bundled = Object.keys(devDependencies).filter((dependency) => released.has(dependency));
    if (released.has(name) || bundled.length === 0) return [];
    const file = `bundled-${name.replace(/\W+/g, "-").replace(/^-/, "")}.md`;
    return [{ file, text: `---\n"${name}": patch\n---\n\nBundles the new ${bundled.join(", ")}.\n` }];
  });
}

/** Names of the packages that the waiting changesets release. */
function releasedPackages(workspace: string): Set<string> {
  const folder = mkdtempSync(join(tmpdir(), "mooring-release-"));
  const output = join(folder, "status.json");
  try {
    execFileSync(join(root, "node_modules/.bin/changeset"), ["status", "--output", output], {
      cwd: workspace,
      stdio: "inherit",
      shell: process.platform === "win32",
    });
    const { releases } = JSON.parse(readFileSync(output, "utf8")) as { releases: { name: string; type: string }[] };
    return new Set(releases.filter(({ type }) => type !== "none").map(({ name }) => name));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function bundlingPackages(workspace: string): Manifest[] {
  return globSync(["servers/*/package.json", "packages/{create-server,cli}/package.json"], { cwd: workspace })
    .sort()
    .map((file) => JSON.parse(readFileSync(join(workspace, file), "utf8")) as Manifest);
}

/** Adds the missing changesets to a workspace and returns their file names. */
export function addBundleReleases(workspace: string): string[] {
  const missing = bundleReleases(releasedPackages(workspace), bundlingPackages(workspace));
  for (const { file, text } of missing) writeFileSync(join(workspace, ".changeset", file), text);
  return missing.map(({ file }) => file);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href)
  for (const file of addBundleReleases(root)) console.error(`Added .changeset/${file}`);
