import { accessSync, chmodSync, constants, statSync } from "node:fs";
import { join } from "node:path";
import { makeFolder, ToolError, withLock } from "@mooring/core";
import { codeOf } from "../errors.ts";
import { inBytes } from "../sandbox/describe.ts";
import { type Blobs, createBlobs, type Keeper } from "./blobs.ts";
import { type Change, contentsOf, type Entry } from "./entry.ts";
import { writeProblem } from "./folder.ts";
import { createSegments } from "./segments.ts";

/** An entry as it lies in the store; its changes are read when they are needed. */
export interface Recorded {
  readonly id: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly tool: string;
  readonly undoes: string | undefined;
  /** Throws when they cannot be read any more. */
  changes(): readonly Change[];
}

export interface StoreLimits {
  /** Bytes that kept contents may take together. */
  readonly quotaBytes: number;
  readonly maxAgeMs: number;
}

/**
 * Entries and contents in one folder of the state folder, shared by several processes: the index is only appended to,
 * contents are added and removed under a lock file. The folder holds what files contained, so it is open to its owner only
 * (0700, files 0600). Nothing touches the disk before the first call.
 */
export interface Store {
  readonly blobs: Blobs;
  /** Entries that can be taken back, newest first. */
  entries(): Recorded[];
  /** Makes the folder, closed to others, and says which it is. Throws a {@link JournalError} when it cannot be written. */
  prepare(): { readonly dev: number; readonly ino: number };
  /** Why the folder cannot be written, as the system's code, from a look without making anything. */
  problem(): string | undefined;
  /** Runs while no other process adds or removes contents. */
  exclusive<T>(work: () => Promise<T>): Promise<T>;
  /**
   * Makes room for this many bytes, inside {@link exclusive}: drops what is too old, then the oldest entries, but none in
   * `keep`. Throws `too_large` when it can never fit.
   */
  reserve(bytes: number, keep?: ReadonlySet<string>): void;
  /** Takes in contents, inside {@link exclusive}; when `work` throws, what it began is dropped. */
  keeping<T>(options: { readonly sync: boolean }, work: (keeper: Keeper) => Promise<T>): Promise<T>;
  /** `sync`: wait for the disk. */
  record(entry: Entry, options: { readonly sync: boolean }): void;
  /** Replaces what an entry says, for what is known only afterwards. */
  amend(id: string, changes: readonly Change[]): void;
  /** The entry's changes did not happen, or were taken back at once. */
  discard(id: string): void;
}

/** Longer lists of changes are kept as a content, so that lines stay short enough for one write. */
const INLINE = 16_000;
const VERSION = 1;
/** Milliseconds after which the folder is looked through again: what is too old goes, also when there is room. */
const RECOUNT_MS = 3_600_000;
/** Where there is no room, as much is made as leaves this part in use: looking for what to drop takes time. */
const ROOM = 0.9;

export function createStore(stateDir: string, { quotaBytes, maxAgeMs }: StoreLimits): Store {
  const folder = join(stateDir, "journal");
  const lockFile = join(folder, "lock");
  const blobs = createBlobs(join(folder, "blobs"));
  const segments = createSegments(folder);
  const index = new Map<string, Recorded>();
  let newer = false;
  /** Bytes of contents, at most: sharing is only seen when they are counted. NaN until then. */
  let used = Number.NaN;
  let counted = 0;

  function refresh(): void {
    for (const line of segments.news()) read(line);
  }

  function read(line: unknown): void {
    if (!isRecord(line)) return;
    if (line["v"] !== VERSION) {
      // A newer release shares the folder: what its lines refer to is unknown here, so nothing may be removed.
      if (typeof line["v"] === "number" && line["v"] > VERSION) newer = true;
      return;
    }
    const { t: type, id } = line;
    if (type === "dropped" && Array.isArray(line["ids"]))
      for (const dropped of line["ids"]) index.delete(String(dropped));
    if (typeof id !== "string") return;
    if (type === "void") index.delete(id);
    const known = index.get(id);
    if (type === "changes" && known) index.set(id, { ...known, changes: changesIn(line, blobs) });
    const { at, tool, undoes } = line;
    if (type !== "entry" || typeof at !== "number" || typeof tool !== "string") return;
    if (Array.isArray(line["changes"])) used += sizeOf(line["changes"] as readonly Change[]);
    else used = Number.NaN;
    index.set(id, {
      id,
      at,
      tool,
      undoes: typeof undoes === "string" ? undoes : undefined,
      changes: changesIn(line, blobs),
    });
  }

  function write(line: object, changes: readonly Change[], sync: boolean): void {
    const inline = JSON.stringify(changes);
    const kept =
      inline.length <= INLINE ? { changes } : { manifest: blobs.keeper({ sync }).bytes(Buffer.from(inline)).sha };
    segments.append(Date.now(), { v: VERSION, ...line, ...kept }, { sync });
  }

  function entries(): Recorded[] {
    refresh();
    const oldest = Date.now() - maxAgeMs;
    return [...index.values()].filter(({ at }) => at >= oldest).toSorted((a, b) => (a.id < b.id ? 1 : -1));
  }

  function reserve(bytes: number, keep: ReadonlySet<string> = new Set()): void {
    if (bytes > quotaBytes) throw tooLarge(bytes, quotaBytes);
    refresh();
    if (newer || (used + bytes <= quotaBytes && Date.now() - counted < RECOUNT_MS)) return;
    const live = entries();
    blobs.sweep();
    index.clear();
    for (const entry of live) index.set(entry.id, entry);
    const sizes = blobs.all();
    const users = new Map<string, number>();
    const needs = new Map(live.map((entry) => [entry.id, contentsOfEntry(entry)]));
    for (const names of needs.values()) for (const name of names) users.set(name, (users.get(name) ?? 0) + 1);
    used = 0;
    counted = Date.now();
    for (const [name, size] of sizes)
      if (users.has(name) || keep.has(name)) used += size;
      else blobs.remove(name);
    const dropped: string[] = [];
    const wanted = used + bytes <= quotaBytes ? quotaBytes : Math.max(bytes, quotaBytes * ROOM);
    for (const { id } of live.toReversed()) {
      if (used + bytes <= wanted) break;
      const names = needs.get(id) ?? [];
      // Only what gives room is dropped; an entry without contents can stay.
      if (names.length === 0 || names.some((name) => keep.has(name))) continue;
      dropped.push(id);
      index.delete(id);
      for (const name of names) {
        const left = (users.get(name) ?? 1) - 1;
        users.set(name, left);
        if (left > 0) continue;
        blobs.remove(name);
        used -= sizes.get(name) ?? 0;
      }
    }
    if (dropped.length > 0) segments.append(Date.now(), { v: VERSION, t: "dropped", ids: dropped });
    segments.dropBefore(Date.now() - maxAgeMs);
  }

  return {
    blobs,
    entries: () => explained(entries),
    problem: () => writeProblem(folder),
    async exclusive(work) {
      let entered = false;
      try {
        return await withLock(
          lockFile,
          () => {
            entered = true;
            return work();
          },
          { waitMs: 30_000 },
        );
      } catch (error) {
        if (entered || !(error instanceof ToolError)) throw error;
        const busy = error.retryable;
        throw new JournalError(
          "unavailable",
          busy ? "another process is using the journal" : "the journal's state folder cannot be written",
          {
            retryable: busy,
            cause: error,
          },
        );
      }
    },
    prepare: () =>
      explained(() => {
        makeFolder(folder);
        // What files contained is nobody else's business, whoever made the folder.
        const { mode, dev, ino } = statSync(folder);
        if (process.platform !== "win32" && (mode & 0o077) !== 0) chmodSync(folder, 0o700);
        accessSync(folder, constants.W_OK | constants.X_OK);
        return { dev, ino };
      }),
    reserve: (bytes, keep) => explained(() => reserve(bytes, keep)),
    async keeping(options, work) {
      const keeper = blobs.keeper(options);
      try {
        const result = await work(keeper);
        keeper.finish();
        return result;
      } catch (error) {
        keeper.abandon();
        throw stateError(error);
      }
    },
    record({ id, at, tool, undoes, changes }, { sync }) {
      explained(() => write({ t: "entry", id, at, tool, ...(undoes !== undefined && { undoes }) }, changes, sync));
    },
    amend: (id, changes) => explained(() => write({ t: "changes", id }, changes, false)),
    discard: (id) => explained(() => segments.append(Date.now(), { v: VERSION, t: "void", id })),
  };
}

function changesIn(line: Record<string, unknown>, blobs: Blobs): () => readonly Change[] {
  const { changes, manifest } = line;
  if (Array.isArray(changes)) {
    // As text: a quarter of what the objects take, for days.
    const text = JSON.stringify(changes);
    return () => JSON.parse(text) as readonly Change[];
  }
  const read = () => JSON.parse(blobs.get({ sha: String(manifest), size: 0 }).toString("utf8")) as readonly Change[];
  return Object.assign(read, { manifest: String(manifest) });
}

function contentsOfEntry({ changes }: Recorded): string[] {
  const manifest = "manifest" in changes ? [String(changes.manifest)] : [];
  try {
    return [
      ...new Set([
        ...manifest,
        ...changes()
          .flatMap(contentsOf)
          .map(({ name }) => name),
      ]),
    ];
  } catch {
    return manifest;
  }
}

function sizeOf(changes: readonly Change[]): number {
  return changes.flatMap(contentsOf).reduce((sum, { bytes }) => sum + bytes, 0);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

function tooLarge(bytes: number, quotaBytes: number): JournalError {
  return new JournalError(
    "too_large",
    `the call changes ${inBytes(bytes)}, and the journal keeps ${inBytes(quotaBytes)} at most`,
  );
}

// The state folder is not the caller's path: what is wrong with it is said in its own words.
function explained<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw stateError(error);
  }
}

/** The journal itself failed, and nothing of the call has happened yet. */
export class JournalError extends ToolError {}

/** What a failure in the state folder means; anything but the system's errors is returned as it is. */
export function stateError(error: unknown): unknown {
  const code = codeOf(error);
  if (code === undefined || error instanceof ToolError) return error;
  const what = code === "ENOSPC" || code === "EDQUOT" ? "is full" : `cannot be used (${code})`;
  return new JournalError("unavailable", `the journal's state folder ${what}`, { retryable: false, cause: error });
}
