import { accessSync, constants, closeSync } from "node:fs";
import { resolve } from "node:path";
import { codeOf } from "../errors.ts";
import type { PinnedRoot, Pins } from "./pin.ts";
import type { Root, Sandbox } from "./sandbox.ts";

/** Opens the directories of the command line; those that cannot be used are said with the reason, and the rest is served. */
export function openRoots(
  directories: readonly string[],
  pins: Pins,
): { readonly roots: PinnedRoot[]; readonly unusable: Sandbox["unusable"] } {
  const roots: PinnedRoot[] = [];
  const unusable: { path: string; reason: string }[] = [];
  for (const [id, directory] of directories.entries()) {
    if (directory.trim() === "") {
      unusable.push({ path: '""', reason: "it is empty; the host did not fill in its variable" });
      continue;
    }
    const root: Root = { id, path: resolve(directory) };
    try {
      const opened = pins.openRoot(root);
      if (roots.some(({ real }) => real === opened.real)) close(opened);
      else if (readable(opened)) roots.push(opened);
      else {
        close(opened);
        unusable.push({ path: root.path, reason: "it may not be read by the server's user" });
      }
    } catch (error) {
      unusable.push(unusableBecause(directory, root.path, error));
    }
  }
  return { roots, unusable };
}

function readable(root: PinnedRoot): boolean {
  try {
    accessSync(`${root.base}/.`, constants.R_OK | constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function close(root: PinnedRoot): void {
  if (root.fd !== -1) closeSync(root.fd);
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: "it does not exist",
  ENOTDIR: "it is not a directory",
  EACCES: "it may not be read by the server's user",
  EPERM: "it may not be read by the server's user",
  ELOOP: "its links lead in a circle",
  ENAMETOOLONG: "its name is too long",
};

// Hosts hand over their configuration as it stands; what a shell would have made of it is the usual mistake.
function unusableBecause(directory: string, path: string, error: unknown): { path: string; reason: string } {
  if (/^~(?:[\\/]|$)/.test(directory))
    return { path: directory, reason: "`~` is not expanded here; write the whole path" };
  if (directory.includes("${")) return { path: directory, reason: "the host did not fill in its variable" };
  if (/^file:/i.test(directory)) return { path: directory, reason: "it is a URI; write the plain path" };
  const code = codeOf(error) ?? "unknown error";
  return { path, reason: REASONS[code] ?? `it cannot be opened (${code})` };
}
