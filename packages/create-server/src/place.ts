import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** The root of the Mooring workspace that a folder is in; `undefined` elsewhere. */
export function workspaceRoot(from: string): string | undefined {
  for (let folder = from; ; folder = dirname(folder)) {
    if (existsSync(join(folder, "pnpm-workspace.yaml")) && nameOf(join(folder, "package.json")) === "mooring")
      return folder;
    if (dirname(folder) === folder) return undefined;
  }
}

function nameOf(manifest: string): unknown {
  try {
    return (JSON.parse(readFileSync(manifest, "utf8")) as { name?: unknown }).name;
  } catch {
    return undefined;
  }
}
