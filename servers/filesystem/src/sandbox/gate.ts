import { lstatSync } from "node:fs";
import { ToolError } from "@mooring/core";
import { codeOf, failure, notDirectory, notFound, rootUnavailable } from "../errors.ts";
import type { DenyPolicy, Refusal } from "./deny.ts";
import { fromBytes, shownName, toBytes, toSystem } from "./names.ts";
import { at, type Pin, type PinnedRoot, type Pins, realOf } from "./pin.ts";
import type { Place } from "./sandbox.ts";

export type Action = "read" | "write";

/** A pinned directory and a name in it: what is written, replaced or removed. */
export interface Slot {
  readonly parent: Pin;
  readonly name: string;
}

/**
 * The one place where an object becomes usable: pinned, found inside a root, and not refused by policy.
 * Everything thrown is a ToolError that names the caller's path.
 */
export interface Gate {
  readonly pins: Pins;
  readonly roots: readonly PinnedRoot[];
  /** `action: undefined` looks only, and is not refused by the patterns for secrets. */
  open(place: Place, how: { follow: boolean; directory?: boolean; action?: Action | undefined }): Pin;
  /** The directory that holds the place, and its name there. Refuses the roots themselves. */
  slot(place: Place, action: Action): Slot;
  /** Root and components of where a pinned object really is. */
  locate(real: string): { root: PinnedRoot; components: string[] } | undefined;
  /** Throws when policy refuses the components of a root. */
  refuse(place: Place, components: readonly string[], action: Action): void;
  /** Throws when `source`, under the name that `place` is, would hold what policy refuses to change. */
  refuseBelow(place: Place, named: Slot, source: Slot): void;
  /** Turns the system's error into what may be said of this place. */
  fail(error: unknown, place: Place): unknown;
  denied(components: readonly string[], action: Action): string | undefined;
}

interface Admission {
  readonly components: readonly string[];
  readonly action: Action | undefined;
  readonly name?: string;
}

const MOST_REMEMBERED = 4_096;

export function createGate(pins: Pins, roots: readonly PinnedRoot[], policy: DenyPolicy): Gate {
  const byId = new Map(roots.map((root) => [root.root.id, root]));
  const innermostFirst = roots.toSorted((a, b) => b.real.length - a.real.length);

  function rootOf(place: Place): PinnedRoot {
    const root = byId.get(place.root.id);
    if (!root) throw rootUnavailable(shownName(place.root.path));
    return root;
  }

  function owner(real: string): PinnedRoot | undefined {
    for (const root of innermostFirst) if (real.startsWith(root.prefix) || real === root.real) return root;
    return undefined;
  }

  function locate(real: string) {
    const root = owner(real);
    if (!root) return undefined;
    const below = fromBytes(real.slice(root.prefix.length));
    return { root, components: below === "" ? [] : below.split(pins.separator) };
  }

  function refuse(place: Place, components: readonly string[], action: Action): void {
    const refusal = policy.refuses(components, action);
    if (refusal) throw deniedBy(refusal, place, action);
  }

  function refuseBelow(place: Place, { parent, name }: Slot, source: Slot): void {
    const above = locate(parent.real)?.components ?? [];
    for (const refusal of policy.refusesBelow([...above, name])) {
      const below = at(source.parent, [source.name, ...refusal.names].join("/"));
      if (lstatSync(below, { throwIfNoEntry: false })) throw deniedBy(refusal, place, "write");
    }
  }

  // Throws unless the object is inside a root and its real name, with what it is to be called there, is not refused.
  function admit(pin: Pin, root: PinnedRoot, place: Place, { components, action, name }: Admission): void {
    const asNamed = pin.real === expected(root, components, pins.separator);
    const found = asNamed ? undefined : locate(pin.real);
    if ((!asNamed && !found) || !isHere(pin)) throw notFound(place.shown);
    if (found && action !== undefined)
      refuse(place, name === undefined ? found.components : [...found.components, name], action);
  }

  /** What was found here, by its path: asking the kernel again would take longer than all the rest. */
  const here = new Map<string, { readonly dev: number; readonly ino: number }>();

  function isHere(pin: Pin): boolean {
    const { dev, ino } = pin.stats();
    const known = here.get(pin.real);
    if (known && known.ino === ino && known.dev === dev) return true;
    if (!pins.isHere(pin, roots)) return false;
    if (here.size >= MOST_REMEMBERED) here.clear();
    here.set(pin.real, { dev, ino });
    return true;
  }

  function open(place: Place, { follow, directory = false, action }: Parameters<Gate["open"]>[1]): Pin {
    if (action !== undefined) refuse(place, place.components, action);
    const root = rootOf(place);
    let pin: Pin | undefined;
    try {
      pin = pins.open(root, place.components, { follow, directory });
      admit(pin, root, place, { components: place.components, action });
      return pin;
    } catch (error) {
      pin?.close();
      throw fail(error, place, directory);
    }
  }

  function slot(place: Place, action: Action): Slot {
    const name = place.components.at(-1);
    if (name === undefined) throw isRoot(place);
    refuse(place, place.components, action);
    const root = rootOf(place);
    const components = place.components.slice(0, -1);
    let parent: Pin | undefined;
    try {
      parent = pins.open(root, components, { follow: true, directory: true });
      admit(parent, root, place, { components, action, name });
      if (roots.length > 1) refuseRoot(place, parent, name);
      return { parent, name };
    } catch (error) {
      parent?.close();
      throw fail(error, place);
    }
  }

  function refuseRoot(place: Place, parent: Pin, name: string): void {
    const real = realOf(parent, name, pins.separator);
    if (roots.some((root) => root.real === real)) throw isRoot(place);
  }

  function fail(error: unknown, place: Place, directory = false): unknown {
    const code = codeOf(error);
    const root = byId.get(place.root.id);
    if (code === undefined && !(error instanceof ToolError && error.kind === "not_found")) return error;
    if (root && !stillThere(pins, root)) return rootUnavailable(shownName(root.root.path));
    if (code === undefined || !root) return error;
    // What a link leads to must not be told by the kind of refusal.
    if ((code === "EACCES" || code === "EPERM") && throughLink(root, place)) return notFound(place.shown);
    if (code === "ENOTDIR" && directory && isThere(root, place)) return notDirectory(place.shown);
    return failure(error, place.shown);
  }

  const denied: Gate["denied"] = (components, action) => policy.refuses(components, action)?.pattern;
  return { pins, roots, open, slot, locate, refuse, refuseBelow, fail, denied };
}

function expected(root: PinnedRoot, components: readonly string[], separator: string): string {
  return components.length === 0 ? root.real : root.prefix + toBytes(components.join(separator));
}

function stillThere(pins: Pins, root: PinnedRoot): boolean {
  try {
    return pins.rootHolds(root);
  } catch {
    return false;
  }
}

// Only after a failure: whether any component that can be seen is a link.
function throughLink(root: PinnedRoot, { components }: Place): boolean {
  for (let length = 1; length <= components.length; length += 1)
    try {
      if (lstatSync(toSystem(`${root.base}/${components.slice(0, length).join("/")}`)).isSymbolicLink()) return true;
    } catch {
      return false;
    }
  return false;
}

function isThere(root: PinnedRoot, place: Place): boolean {
  if (throughLink(root, place)) return false;
  try {
    lstatSync(at({ path: root.base }, place.components.join("/")));
    return true;
  } catch {
    return false;
  }
}

function isRoot({ shown }: Place): ToolError {
  return new ToolError("denied", `${shown} is an allowed directory itself and cannot be changed.`, {
    hint: "Name what is in it.",
  });
}

function deniedBy({ pattern, liftable }: Refusal, place: Place, action: Action): ToolError {
  // A call that would change such a file mostly fails already when it looks at it.
  const what = action === "read" ? "such files are refused" : "changing such files is refused";
  return new ToolError("denied", `${place.shown} matches \`${pattern}\`, and ${what} by default.`, {
    hint: liftable
      ? `Only the person can lift this, by starting the server with \`--allow ${quoted(pattern)}\`.`
      : "It belongs to this server and its like: nothing lifts this.",
  });
}

function quoted(pattern: string): string {
  return /[*?]/.test(pattern) ? `'${pattern}'` : pattern;
}
