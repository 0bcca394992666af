import type { Entry, Sandbox } from "../sandbox/sandbox.ts";

/** What one completion request looks at and may answer. */
const MAX_ENTRIES = 5000;
const MAX_VALUES = 100;
const WINDOWS = process.platform === "win32";

/** Values of `{+path}` in `file:///{+path}` that begin with what was typed: names below the allowed directories only. */
export function completePath(sandbox: Sandbox, typed: string): string[] {
  return (belowRoot(sandbox, typed) ?? rootsFor(sandbox, typed)).slice(0, MAX_VALUES);
}

// Template values stand behind the third slash.
function valueOf(path: string): string {
  return WINDOWS ? path.replaceAll("\\", "/") : path.replace(/^\//, "");
}

function rootsFor({ roots }: Sandbox, typed: string): string[] {
  return roots.map(({ path }) => `${valueOf(path).replace(/\/$/, "")}/`).filter((value) => value.startsWith(typed));
}

function belowRoot(sandbox: Sandbox, typed: string): string[] | undefined {
  const cut = typed.lastIndexOf("/") + 1;
  const [directory, begin] = [typed.slice(0, cut), typed.slice(cut)];
  let entries: readonly Entry[];
  try {
    const place = sandbox.parse(WINDOWS ? directory : `/${directory}`);
    entries = sandbox.readDirectory(place, { limit: MAX_ENTRIES }).entries;
  } catch {
    return undefined;
  }
  return (
    entries
      // A name that is no UTF-8 has no text that a template could expand.
      .filter(({ component }) => component.startsWith(begin) && component.isWellFormed())
      .map(({ component, kind }) => directory + component + (kind === "directory" ? "/" : ""))
      .toSorted()
  );
}
