import { ToolError } from "@mooring/core";
import type { Entry as Found, Place, Rights, Sandbox } from "../sandbox/sandbox.ts";
import { takeTurns, type Turns } from "../turns.ts";
import type { Keeper } from "./blobs.ts";
import { digestOf } from "./content.ts";
import { ABSENT, type State } from "./entry.ts";
import { stateError } from "./store.ts";

export interface Capture {
  readonly sandbox: Sandbox;
  /** Where contents are kept. Without it files are only described, by size and time. */
  readonly keeper?: Keeper | undefined;
  /** Looks at what a link leads to. */
  readonly follow?: boolean;
  readonly signal?: AbortSignal | undefined;
  /** The journal's own folder, which can neither be kept in itself nor go. */
  readonly journal?: { readonly dev: number; readonly ino: number } | undefined;
}

/**
 * What stands at a place, whole directories with everything in them; links are never descended.
 * Throws what the sandbox throws for a part that cannot be read, and the signal's reason.
 */
export async function capture(place: Place, { sandbox, keeper, follow = false, signal }: Capture): Promise<State> {
  const turns = takeTurns({ signal });

  async function look(at: Place, found: Found): Promise<State> {
    signal?.throwIfAborted();
    await turns();
    if (found.kind === "file") return file(at, found);
    if (found.kind === "link") return { kind: "link", target: sandbox.readLink(at, { raw: true }) ?? "" };
    if (found.kind !== "directory") return { kind: "special" };
    const entries: [string, State][] = [];
    for await (const entry of entriesOf(at, sandbox, turns))
      entries.push([entry.component, await look(sandbox.child(at, entry.component), entry)]);
    return { kind: "directory", ...rightsOf(found), entries };
  }

  async function file(at: Place, found: Found): Promise<State> {
    const described = fileAsFound(found);
    if (!keeper) return described;
    using open = sandbox.openFile(at);
    try {
      const { fd, entry } = open;
      return {
        ...described,
        ...(at === place ? await keeper.file(fd, entry.size) : await keeper.oneOfMany(fd, entry.size)),
      };
    } catch (error) {
      throw stateError(error);
    }
  }

  const found = find(place, sandbox, follow);
  return found ? look(place, found) : ABSENT;
}

/** A file without its content. */
export function fileAsFound(found: Found): Extract<State, { kind: "file" }> {
  return { kind: "file", size: found.size, ...rightsOf(found), mtimeMs: found.mtimeMs };
}

function rightsOf({ mode, uid, gid }: Found): Rights {
  return { mode: mode & 0o7777, uid, gid };
}

/** Entries looked at together: each look pins the directory once. */
const CHUNK = 256;

async function* entriesOf(place: Place, sandbox: Sandbox, turns: Turns): AsyncGenerator<Found> {
  const names = sandbox.readDirectory(place).entries.map(({ component }) => component);
  for (let at = 0; at < names.length; at += CHUNK) {
    await turns();
    // What has gone meanwhile is no entry any more.
    for (const found of sandbox.statEntries(place, names.slice(at, at + CHUNK))) if (found) yield found;
  }
}

/** The object at a place; `undefined` when there is none. */
export function find(place: Place, sandbox: Sandbox, follow = false): Found | undefined {
  // Cheaper than the error for a missing name, which looks for similar ones.
  if (!sandbox.exists(place)) return undefined;
  try {
    return sandbox.stat(place, { follow });
  } catch (error) {
    if (error instanceof ToolError && error.kind === "not_found") return undefined;
    throw error;
  }
}

/** Whether a place still looks as recorded: contents by their hash where it is known, else by size and time. */
export async function looksLike(
  place: Place,
  state: State,
  { sandbox, follow = false, signal }: Capture,
  turns: Turns = takeTurns({ signal }),
): Promise<boolean> {
  signal?.throwIfAborted();
  await turns();
  const found = find(place, sandbox, follow);
  if (!found || state.kind === "absent") return !found && state.kind === "absent";
  switch (state.kind) {
    case "file": {
      if (found.kind !== "file" || found.size !== state.size) return false;
      if (state.sha === undefined) return found.mtimeMs === state.mtimeMs;
      using open = sandbox.openFile(place);
      return (await digestOf(open.fd, open.entry.size)).sha === state.sha;
    }
    case "link":
      return found.kind === "link" && sandbox.readLink(place, { raw: true }) === state.target;
    case "special":
      return found.kind !== "file" && found.kind !== "directory" && found.kind !== "link";
    case "directory": {
      if (found.kind !== "directory") return false;
      const { entries } = sandbox.readDirectory(place);
      if (entries.length !== state.entries.length) return false;
      for (const [name, inner] of state.entries)
        if (!(await looksLike(sandbox.child(place, name), inner, { sandbox, signal }, turns))) return false;
      return true;
    }
  }
}

/** What a place holds, counted without reading it. */
export interface Measure {
  readonly files: number;
  readonly directories: number;
  readonly links: number;
  /** Pipes, sockets and devices. */
  readonly others: number;
  readonly bytes: number;
  /** False when there was more than `limit` entries. */
  readonly complete: boolean;
}

/** Counts a place and everything in it, up to `limit` entries. */
export async function measure(
  places: readonly Place[],
  { sandbox, signal, journal }: Capture,
  limit: number,
): Promise<Measure> {
  const total = { files: 0, directories: 0, links: 0, others: 0, bytes: 0, complete: true };
  const left: (readonly [Place, Found])[] = [];
  for (const place of places) {
    const found = find(place, sandbox);
    if (found) left.push([place, found]);
  }
  const turns = takeTurns({ signal });
  for (let next = left.pop(); next; next = left.pop()) {
    signal?.throwIfAborted();
    await turns();
    const [place, found] = next;
    if (found.kind === "file") {
      total.files++;
      total.bytes += found.size;
    } else if (found.kind === "directory") {
      if (journal && found.ino === journal.ino && found.dev === journal.dev)
        throw new ToolError(
          "denied",
          `${place.shown} is the server's own journal, without which nothing can be undone.`,
          { hint: "Name what is beside it." },
        );
      total.directories++;
      if (total.files + total.directories + total.links + total.others > limit) return { ...total, complete: false };
      for await (const entry of entriesOf(place, sandbox, turns))
        left.push([sandbox.child(place, entry.component), entry]);
    } else if (found.kind === "link") total.links++;
    else total.others++;
  }
  return total;
}
