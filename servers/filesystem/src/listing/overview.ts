import { ToolError } from "@mooring/core";
import type { Sandbox } from "../sandbox/sandbox.ts";
import { shownName } from "../sandbox/names.ts";
import { noRoots } from "../sandbox/path.ts";

/** What is shared and how: the answer to `list` without a path. */
export interface Overview {
  readonly directories: readonly { readonly path: string; readonly problem: string | undefined }[];
  readonly unusable: Sandbox["unusable"];
  readonly mode: Sandbox["mode"];
  readonly access: string | undefined;
  /** Whether changes can be undone. */
  readonly journal: boolean;
}

/** Throws `unavailable` when no directory is shared. */
export function overview(sandbox: Sandbox, access: string | undefined, journal: boolean): Overview {
  if (sandbox.roots.length === 0) throw noRoots(sandbox.unusable);
  const directories = sandbox.roots.map(({ path }) => ({ path: shownName(path), problem: problemOf(sandbox, path) }));
  return { directories, unusable: sandbox.unusable, mode: sandbox.mode, access, journal };
}

function problemOf(sandbox: Sandbox, path: string): string | undefined {
  try {
    sandbox.stat(sandbox.parse(path));
    return undefined;
  } catch (error) {
    // The whole error would say the path again.
    if (error instanceof ToolError && error.kind === "unavailable")
      return "unavailable: moved, replaced or removed since the start; put it back, or ask the person to restart the server";
    return error instanceof Error ? error.message : "it cannot be used";
  }
}

const ACCESS: Readonly<Record<string, string>> = {
  read: "Access: read only. The person can start the server with `--access write` (changes that can be undone) or `full`.",
  write: "Access: write. Deleting and overwriting need the server to be started with `--access full`.",
  full: "Access: full.",
};

export function overviewText({ directories, unusable, mode, access, journal }: Overview): string {
  return [
    "Allowed directories (relative paths start at the first):",
    ...directories.map(({ path, problem }) => (problem === undefined ? path : `${path} (${problem})`)),
    ...unusable.map(({ path, reason }) => `Not usable: ${shownName(path)}: ${reason}.`),
    ...(access === undefined ? [] : [ACCESS[access] ?? ""]),
    ...(journal || access === "read" ? [] : ["Journal: off, so changes cannot be undone."]),
    mode === "pinned"
      ? "Sandbox: pinned (race-free, by descriptors)."
      : "Sandbox: checked (paths are verified after opening; a hostile local program could still win a race).",
    "Limits: 50 files and 1,000,000 bytes a `read`, 5,000 entries a `list`. Files that usually hold secrets are refused.",
  ].join("\n");
}
