import type { Entry, Place, Sandbox } from "../sandbox/sandbox.ts";
import { readWhole } from "../resources/read-whole.ts";
import { type IgnoreScope, type OwnRules, rootScope } from "../search/gitignore.ts";

const MAX_RULES_BYTES = 100_000;

/** What a directory brings to the rules; it is only looked for where the listing shows it. */
export function ownRules(sandbox: Sandbox, place: Place, entries: readonly Entry[]): OwnRules {
  const has = (name: string) => entries.some(({ component }) => component === name);
  return { gitignore: has(".gitignore") ? rulesText(sandbox, place) : undefined, repository: has(".git") };
}

/** The rules in force in the directory above a place, from the allowed directory down; `undefined` for that itself. */
export function scopeAbove(sandbox: Sandbox, place: Place): IgnoreScope | undefined {
  if (place.components.length === 0) return undefined;
  let at: Place = { ...place, components: [], shown: place.root.path };
  let scope = rootScope(peek(sandbox, at));
  for (const name of place.components.slice(0, -1)) {
    at = sandbox.child(at, name);
    scope = scope.enter(name, peek(sandbox, at));
  }
  return scope;
}

// Above the watched directory two names are asked for, whatever else is there.
function peek(sandbox: Sandbox, place: Place): OwnRules {
  return { gitignore: rulesText(sandbox, place), repository: sandbox.exists(sandbox.child(place, ".git")) };
}

function rulesText(sandbox: Sandbox, place: Place): string | undefined {
  try {
    return readWhole(sandbox, sandbox.child(place, ".gitignore"), MAX_RULES_BYTES).toString("utf8");
  } catch {
    return undefined;
  }
}
