import { readSync } from "node:fs";
import { ToolError } from "@mooring/core";
import type { Place, Sandbox } from "../sandbox/sandbox.ts";
import { type IgnoreScope, type OwnRules, rootScope } from "./gitignore.ts";

const MAX_RULES = 1024 * 1024;

/** The ignore rules that each directory from the allowed one down to `place`, included, brings; outermost first. */
export function ignoreLevels(sandbox: Sandbox, place: Place): { readonly name: string; readonly own: OwnRules }[] {
  let at = sandbox.parse(place.root.path);
  const levels = [{ name: "", own: ownRules(sandbox, at) }];
  for (const name of place.components) {
    at = sandbox.child(at, name);
    levels.push({ name, own: ownRules(sandbox, at) });
  }
  return levels;
}

/** The rules in force for the entries of a directory. */
export function ignoreScopeAt(sandbox: Sandbox, place: Place): IgnoreScope {
  const [first, ...others] = ignoreLevels(sandbox, place);
  return others.reduce((scope, { name, own }) => scope.enter(name, own), rootScope(first?.own));
}

/** What one directory brings itself, for `scope.enter(name, ownRules(...))`. */
export function ownRules(sandbox: Sandbox, directory: Place): OwnRules {
  const gitignore = readText(sandbox, sandbox.child(directory, ".gitignore"));
  const git = sandbox.child(directory, ".git");
  if (!sandbox.exists(git)) return { gitignore };
  return {
    gitignore,
    repository: true,
    exclude: readText(sandbox, sandbox.child(sandbox.child(git, "info"), "exclude")),
  };
}

// Rules that cannot be read are no rules, as for git.
function readText(sandbox: Sandbox, place: Place): string | undefined {
  try {
    using file = sandbox.openFile(place);
    const bytes = Buffer.alloc(Math.min(file.entry.size, MAX_RULES));
    return bytes.toString("utf8", 0, readSync(file.fd, bytes, 0, bytes.length, 0));
  } catch (error) {
    if (error instanceof ToolError) return undefined;
    throw error;
  }
}
