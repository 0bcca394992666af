import { ToolError } from "@mooring/core";
import type { Entry, EntryKind, Place, Sandbox } from "../sandbox/sandbox.ts";
import { shownName } from "../sandbox/names.ts";
import type { IgnoreScope } from "../patterns/gitignore.ts";
import { ownRules, scopeOf } from "../patterns/ignore-files.ts";
import { takeTurns } from "../turns.ts";
import { openTrail, sealTrail, type Trail } from "./trail.ts";

export type Sort = "name" | "size" | "mtime";

/** One line of a listing. */
export interface Listed {
  /** 0 for entries of the listed directory itself. */
  readonly depth: number;
  /** Escaped. */
  readonly name: string;
  readonly kind: EntryKind;
  readonly size: number;
  readonly mtimeMs: number;
  /** Of a link that stays inside, escaped. */
  readonly target?: string | undefined;
  /** Refused by the patterns for secrets. */
  readonly secret: boolean;
  /** A directory that could not be read. */
  readonly unreadable: boolean;
}

export interface Listing {
  readonly path: string;
  readonly entries: readonly Listed[];
  /** Entries of the listed directory itself that are shown on some page. */
  readonly total: number;
  /** Entries left out by .gitignore, in the directories read. */
  readonly ignored: number;
  readonly cursor: string | undefined;
}

export interface ListRequest {
  readonly depth: number;
  readonly sort: Sort;
  readonly all: boolean;
  readonly limit: number;
  readonly cursor?: string | undefined;
}

/**
 * Lists a directory and what is below it, sorted within each directory, at most `limit` entries; work is bounded by what is
 * shown. Throws what the sandbox throws for the directory, `invalid_input` for a foreign cursor, and the signal's reason.
 */
export async function listTree(
  sandbox: Sandbox,
  place: Place,
  request: ListRequest,
  call?: { readonly signal: AbortSignal },
): Promise<Listing> {
  const { depth: deepest, sort, all, limit } = request;
  const after = request.cursor === undefined ? [] : openTrail(request.cursor);
  const turns = takeTurns(call);
  const found: Listed[] = [];
  let ignored = 0;
  let stopped: Trail | undefined;

  async function children(directory: Place, above?: IgnoreScope): Promise<Children> {
    const { entries } = sandbox.readDirectory(directory, { stat: sort !== "name" });
    if (all) return { entries: sorted(entries, sort), scope: undefined };
    const scope = scopeOf(sandbox, directory, ownRules(sandbox, directory, entries), above);
    const kept: Entry[] = [];
    for (const entry of entries) {
      if (!scope.ignores(entry.component, entry.kind === "directory")) kept.push(entry);
      const wait = turns();
      if (wait) await wait;
    }
    ignored += entries.length - kept.length;
    return { entries: sorted(kept, sort), scope };
  }

  // Fills the page; false when it is full.
  async function walk(directory: Place, { entries, scope }: Children, trail: Trail, resume: Trail): Promise<boolean> {
    const [last, ...deeper] = resume;
    const from = last ? entries.findIndex((entry) => compare(entry, asEntry(last), sort) >= 0) : 0;
    if (from === -1) return true;
    for (let at = from; at < entries.length; at += CHUNK) {
      const chunk = entries.slice(at, at + CHUNK);
      const details =
        sort === "name"
          ? sandbox.statEntries(
              directory,
              chunk.map(({ component }) => component),
            )
          : chunk;
      for (const [index, bare] of chunk.entries()) {
        await turns();
        const entry = details[index];
        // Gone since the directory was read.
        if (!entry) continue;
        const resumed = at + index === from && last !== undefined && entry.component === last[0];
        const here: Trail = [...trail, [entry.component, keyOf(bare, sort)]];
        if (!resumed && found.length >= limit) return false;
        const inside = sandbox.child(directory, entry.component);
        if (!(await visit(inside, entry, scope, here, resumed ? deeper : undefined))) return false;
      }
    }
    return true;
  }

  async function visit(
    place: Place,
    entry: Entry,
    scope: IgnoreScope | undefined,
    trail: Trail,
    resume: Trail | undefined,
  ): Promise<boolean> {
    const isNew = resume === undefined;
    const descends = entry.kind === "directory" && trail.length < deepest;
    const below = descends ? await tryChildren(place, scope) : undefined;
    if (isNew) {
      found.push(describe(sandbox, place, entry, trail.length - 1, below === "unreadable"));
      stopped = trail;
    }
    return below === undefined || below === "unreadable" || walk(place, below, trail, resume ?? []);
  }

  async function tryChildren(directory: Place, scope: IgnoreScope | undefined): Promise<Children | "unreadable"> {
    try {
      return await children(directory, scope);
    } catch (error) {
      call?.signal.throwIfAborted();
      if (error instanceof ToolError && error.kind !== "unavailable") return "unreadable";
      throw error;
    }
  }

  const top = await children(place);
  const complete = await walk(place, top, [], after);
  return {
    path: place.shown,
    entries: found,
    total: top.entries.length,
    ignored,
    cursor: complete || !stopped ? undefined : sealTrail(stopped),
  };
}

interface Children {
  readonly entries: Entry[];
  readonly scope: IgnoreScope | undefined;
}

// Entries looked at together: each look pins the directory once.
const CHUNK = 256;

function describe(sandbox: Sandbox, place: Place, entry: Entry, depth: number, unreadable: boolean): Listed {
  const { name, kind, size, mtimeMs } = entry;
  const target = kind === "link" ? linkTarget(sandbox, place) : undefined;
  const secret = sandbox.denied(place, "read") !== undefined;
  return { depth, name, kind, size, mtimeMs, target, unreadable: unreadable && !secret, secret };
}

function linkTarget(sandbox: Sandbox, place: Place): string | undefined {
  try {
    const target = sandbox.readLink(place);
    return target === undefined ? undefined : shownName(target);
  } catch {
    return undefined;
  }
}

function sorted(entries: Entry[], sort: Sort): Entry[] {
  return entries.sort((a, b) => compare(a, b, sort));
}

interface Sortable {
  readonly component: string;
  readonly kind?: EntryKind;
  readonly size: number;
  readonly mtimeMs: number;
}

// Largest and newest first; names decide between equals, so that the order is total and pages fit together.
function compare(a: Sortable, b: Sortable, sort: Sort): number {
  const difference = keyOf(b, sort) - keyOf(a, sort);
  if (difference !== 0) return difference;
  return a.component < b.component ? -1 : a.component > b.component ? 1 : 0;
}

function keyOf({ kind, size, mtimeMs }: Sortable, sort: Sort): number {
  if (sort === "mtime") return mtimeMs;
  // What a directory says of its size is about its table of names.
  return sort === "name" || kind === "directory" ? 0 : size;
}

function asEntry([component, key]: Trail[number]): Sortable {
  return { component, size: key, mtimeMs: key };
}
