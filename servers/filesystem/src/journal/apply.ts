import { ToolError } from "@mooring/core";
import type { Entry as Found, Place, Sandbox } from "../sandbox/sandbox.ts";
import { readRange } from "../descriptor.ts";
import { changedMeanwhile } from "../errors.ts";
import { sha256 } from "./content.ts";
import { capture, find, looksLike } from "./capture.ts";
import { ABSENT, type Change, type Kept, type State } from "./entry.ts";
import { takeTurns, type Turns } from "../turns.ts";
import { placeOf } from "./path.ts";

/** What carrying out a change needs. */
export interface Workplace {
  readonly sandbox: Sandbox;
  /** Throws when it is not kept. */
  content(kept: Kept): Uint8Array;
}

/** A change that is about to happen, with the file that was looked at while it was planned. */
export interface Planned {
  readonly change: Change;
  /** Refuses to replace any other file than this one. */
  readonly seen?: Found | undefined;
}

export interface Applying {
  /** Ends copying. */
  readonly signal?: AbortSignal | undefined;
  /** Takes back what stopped half way: in directories only what is missing is made, the rest is as it was or somebody else's. */
  readonly onlyMissing?: boolean;
}

/** Carries out one change; answers with it, completed by what is known only now. Throws with the change undone or half done. */
export async function apply(
  { change, seen }: Planned,
  { sandbox, content }: Workplace,
  { signal, onlyMissing = false }: Applying = {},
): Promise<Change> {
  const at = "at" in change ? placeOf(change.at, sandbox) : undefined;
  switch (change.do) {
    case "set":
      await putState(
        at as Place,
        change.after,
        { sandbox, content },
        { seen, through: change.through === true, instead: change.before, onlyMissing },
      );
      return change;
    case "move": {
      const [from, to] = [placeOf(change.from, sandbox), placeOf(change.to, sandbox)];
      const { kind, size, mtimeMs } = await sandbox.move(from, to, {
        overwrite: change.replaced !== undefined,
        copy: false,
        mayReplace: (there) => isWhat(there, change.replaced ?? ABSENT),
        signal,
      });
      return { ...change, moved: { kind, size, mtimeMs } };
    }
    case "unmove": {
      const from = placeOf(change.from, sandbox);
      await sandbox.move(from, placeOf(change.to, sandbox), { overwrite: false, copy: false });
      if (change.restore) await putState(from, change.restore, { sandbox, content });
      return change;
    }
    case "copy": {
      const to = placeOf(change.to, sandbox);
      await sandbox.move(placeOf(change.from, sandbox), to, {
        overwrite: change.replaced.kind !== "absent",
        copy: true,
        mayReplace: (there) => isWhat(there, change.replaced),
        signal,
      });
      return { ...change, after: await capture(to, { sandbox }) };
    }
    case "append":
      await sandbox.appendFile(at as Place, content({ sha: change.sha, size: change.length }), (file) => {
        if (file?.entry.size !== change.size) throw changedMeanwhile((at as Place).shown);
      });
      return change;
    case "truncate":
      await sandbox.truncateFile(at as Place, change.size, (file) => {
        if (file?.entry.size !== change.size + change.length) throw changedMeanwhile((at as Place).shown);
      });
      return change;
    case "make":
      sandbox.makeDirectories(at as Place);
      return change;
    case "unmake":
      await removeIfEmpty(at as Place, sandbox);
      return change;
  }
}

interface Putting {
  readonly seen?: Found | undefined;
  readonly through?: boolean;
  /** What may be there instead, and go. */
  readonly instead?: State;
  /** Wait for the disk. */
  readonly sync?: boolean;
  readonly onlyMissing?: boolean;
  readonly turns?: Turns;
}

/** Makes a place look as recorded. What stands in a directory besides is left alone. */
async function putState(
  place: Place,
  state: State,
  { sandbox, content }: Workplace,
  { seen, through = false, instead = ABSENT, sync = true, onlyMissing = false, turns = takeTurns() }: Putting = {},
): Promise<void> {
  const found = find(place, sandbox, through);
  // Only what was looked at, and so was kept, may go.
  if (found && found.kind !== state.kind && !isWhat(found, instead)) throw changedMeanwhile(place.shown);
  const remove = () => sandbox.remove(place, { recursive: true, mayGo: recorded(instead) });
  if (state.kind === "absent") {
    if (found) await remove();
    return;
  }
  if (state.kind === "special") return;
  if (found && found.kind !== state.kind) await remove();
  const kept = found?.kind === state.kind ? found : undefined;
  switch (state.kind) {
    case "file":
      if (kept && !seen && (await looksLike(place, state, { sandbox, follow: through }))) return;
      sandbox.writeFile(place, content(known(state)), {
        expect: seen ? "present" : kept ? "any" : "absent",
        // A file that stays keeps the rights it has today; one that comes back gets its own again.
        rights: state.mtimeMs > 0 ? state : undefined,
        sync,
        check: (file) => {
          if (seen && (!file || !isSame(file.entry, seen))) throw changedMeanwhile(place.shown);
        },
      });
      if (!kept && state.mtimeMs > 0) sandbox.setMetadata(place, { mtimeMs: state.mtimeMs });
      return;
    case "link":
      if (kept) await sandbox.remove(place, { recursive: false });
      sandbox.makeLink(place, state.target);
      return;
    case "directory":
      if (!kept) {
        sandbox.makeDirectories(place);
        // Nobody looks in while it fills who could not look in before.
        sandbox.setMetadata(place, { rights: { mode: state.mode | 0o700 } });
      }
      for (const [name, inner] of state.entries) {
        await turns();
        const child = sandbox.child(place, name);
        if (onlyMissing && inner.kind !== "directory" && sandbox.exists(child)) continue;
        await putState(child, inner, { sandbox, content }, { sync: false, onlyMissing, turns });
      }
      // Last: a directory may be read-only.
      if (!kept) sandbox.setMetadata(place, { rights: state });
  }
}

function known(state: Extract<State, { kind: "file" }>): Kept {
  if (state.sha === undefined)
    throw new ToolError("not_found", "What was there is not kept.", {
      hint: "Call `undo` without `id` to see what can still be undone.",
    });
  return state;
}

function isWhat({ kind, size, mtimeMs }: Found, state: State): boolean {
  if (state.kind === "special") return kind !== "file" && kind !== "directory" && kind !== "link";
  if (kind !== state.kind) return false;
  return state.kind !== "file" || state.mtimeMs === 0 || (size === state.size && mtimeMs === state.mtimeMs);
}

// What a record shows, all the way down; nothing else was kept.
function recorded(state: State): (below: readonly string[], entry: Found) => boolean {
  const inside = new Map<State, ReadonlyMap<string, State>>();
  const entriesOf = (directory: State): ReadonlyMap<string, State> => {
    const known = inside.get(directory);
    if (known) return known;
    const entries = new Map(directory.kind === "directory" ? directory.entries : []);
    inside.set(directory, entries);
    return entries;
  };
  return (below, entry) => {
    const there = below.reduce<State | undefined>((at, name) => at && entriesOf(at).get(name), state);
    return there !== undefined && isWhat(entry, there);
  };
}

function isSame(a: Found, b: Found): boolean {
  return a.ino === b.ino && a.dev === b.dev && a.size === b.size && a.mtimeMs === b.mtimeMs;
}

/** Whether everything is as the change found it: then it has not happened, or was taken back. */
export async function isBefore(change: Change, sandbox: Sandbox): Promise<boolean> {
  switch (change.do) {
    case "set":
      return looksLike(placeOf(change.at, sandbox), change.before, { sandbox, follow: change.through === true });
    case "move":
    case "unmove": {
      const found = find(placeOf(change.from, sandbox), sandbox);
      if (!found || (change.moved && !isIdentity(found, change.moved))) return false;
      const there = change.do === "move" ? change.replaced : undefined;
      return looksLike(placeOf(change.to, sandbox), there ?? { kind: "absent" }, { sandbox });
    }
    case "copy":
      return looksLike(placeOf(change.to, sandbox), change.replaced, { sandbox });
    case "append":
      return find(placeOf(change.at, sandbox), sandbox, true)?.size === change.size;
    case "truncate": {
      const at = placeOf(change.at, sandbox);
      if (find(at, sandbox, true)?.size !== change.size + change.length) return false;
      using file = sandbox.openFile(at);
      return sha256(readRange(file.fd, change.size, change.length)) === change.sha;
    }
    case "make":
      return find(placeOf(change.at, sandbox), sandbox) === undefined;
    case "unmake":
      return find(placeOf(change.at, sandbox), sandbox) !== undefined;
  }
}

// A directory's size and time change with its entries, which move along.
function isIdentity(found: Found, { kind, size, mtimeMs }: { kind: string; size: number; mtimeMs: number }): boolean {
  return (
    found.kind === kind && (kind === "directory" || (found.size === size && Math.abs(found.mtimeMs - mtimeMs) < 1))
  );
}

async function removeIfEmpty(place: Place, sandbox: Sandbox): Promise<void> {
  if (find(place, sandbox)?.kind !== "directory") return;
  if (sandbox.readDirectory(place, { limit: 1 }).entries.length > 0) return;
  await sandbox.remove(place, { recursive: true, mayGo: (below) => below.length === 0 });
}
