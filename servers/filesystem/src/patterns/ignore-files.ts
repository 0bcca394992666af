import { readSync } from "node:fs";
import { ToolError } from "@mooring/core";
import type { Entry, Place, Sandbox } from "../sandbox/sandbox.ts";
import { type IgnoreScope, mostRules, type OwnRules, rootScope } from "./gitignore.ts";

/** The rules that each directory brings, from the allowed one down to the one above `place`; none for an allowed one. */
export function rulesAbove(sandbox: Sandbox, place: Place): { readonly name: string; readonly own: OwnRules }[] {
  if (place.components.length === 0) return [];
  let at = sandbox.parse(place.root.path);
  const levels = [{ name: "", own: ownRules(sandbox, at) }];
  for (const name of place.components.slice(0, -1)) {
    at = sandbox.child(at, name);
    levels.push({ name, own: ownRules(sandbox, at) });
  }
  return levels;
}

/** The scope of a directory with what it brings itself; of one at which a walk starts, under what the ones above it bring. */
export function scopeOf(sandbox: Sandbox, directory: Place, own: OwnRules, above?: IgnoreScope): IgnoreScope {
  const name = directory.components.at(-1);
  if (name === undefined) return rootScope(own);
  if (above) return above.enter(name, own);
  const [first, ...others] = rulesAbove(sandbox, directory);
  const outer = others.reduce((scope, level) => scope.enter(level.name, level.own), rootScope(first?.own));
  return outer.enter(name, own);
}

/** What one directory brings itself; what its `entries` do not show is not looked for. */
export function ownRules(sandbox: Sandbox, directory: Place, entries?: readonly Entry[]): OwnRules {
  const has = (name: string) => entries?.some(({ component }) => component === name) ?? true;
  const gitignore = has(".gitignore") ? readText(sandbox, sandbox.child(directory, ".gitignore")) : undefined;
  const git = sandbox.child(directory, ".git");
  if (!has(".git") || (!entries && !sandbox.exists(git))) return { gitignore };
  return {
    gitignore,
    repository: true,
    exclude: readText(sandbox, sandbox.child(sandbox.child(git, "info"), "exclude")),
  };
}

// Rules that cannot be read, or stand behind a link, are no rules, as for git.
function readText(sandbox: Sandbox, place: Place): string | undefined {
  try {
    if (sandbox.stat(place).kind !== "file") return undefined;
    using file = sandbox.openFile(place);
    const bytes = Buffer.alloc(Math.min(file.entry.size, mostRules));
    return bytes.toString("utf8", 0, readSync(file.fd, bytes, 0, bytes.length, 0));
  } catch (error) {
    if (error instanceof ToolError) return undefined;
    throw error;
  }
}
