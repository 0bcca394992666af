/**
 * The journal: what every changing call replaced, so that `undo` can bring it back, also after a restart.
 *
 * It lies in `<state folder>/journal`: contents by their sha256 in `blobs/`, and an index of JSON lines, a file a day. It
 * holds what files contained, so the folder is open to its owner only (0700, files 0600), and whoever reads it reads those
 * files; what is older than `maxAgeMs` or beyond `quotaBytes` goes with the next change. Several processes share one folder.
 */
import { ToolError } from "@mooring/core";
import type { Place, Sandbox } from "../sandbox/sandbox.ts";
import { isBefore, type Planned, type Workplace } from "./apply.ts";
import { capture, find } from "./capture.ts";
import { type Change, contentsOf, contentsOfState, inverse, pathsOf } from "./entry.ts";
import { newEntryId } from "./entry-id.ts";
import { placeOf } from "./path.ts";
import { HalfDone, perform } from "./perform.ts";
import { bytesToKeep, planSteps, type Step } from "./plan.ts";
import { createStore, JournalError, type Recorded } from "./store.ts";

export interface JournalOptions {
  readonly stateDir: string;
  readonly sandbox: Sandbox;
  /** Bytes that kept contents may take. Default: 256 MB. */
  readonly quotaBytes?: number;
  /** Default: 7 days. */
  readonly maxAgeMs?: number;
  readonly log?: { warn(message: string): void };
  /** False with `--journal off`: nothing is kept, nothing can be undone. */
  readonly enabled?: boolean;
}

/** What a changing call did. */
export interface Changed {
  /** What `undo` takes; absent when nothing was kept, or nothing changed. */
  readonly id?: string;
  /** Why the call cannot be undone, when it was not recorded. */
  readonly note?: string;
}

/** An entry as it is listed. */
export interface Listed {
  readonly id: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly tool: string;
  /** Escaped paths. */
  readonly paths: readonly string[];
  readonly undoes: string | undefined;
  /** The entry that took this one back. */
  readonly undoneBy: string | undefined;
}

export interface Reverted extends Changed {
  /** Escaped paths that were changed. */
  readonly paths: readonly string[];
  /** Escaped paths that were as before already. */
  readonly already: readonly string[];
}

/** Nothing touches the disk before the first change. */
export interface Journal {
  readonly enabled: boolean;
  readonly maxAgeMs: number;
  /**
   * Checks that what a call destroys could be kept, before a person is asked about it.
   * Throws `unavailable` or `too_large`, naming the switches; never with `--journal off`.
   */
  refuseUnlessKept(steps: readonly Step[], signal?: AbortSignal): Promise<void>;
  /**
   * Carries out the steps of one call, all or none, as one entry. The caller holds the sandbox's lock on their places.
   * `mustKeep`: refuse when what they replace cannot be kept; otherwise the answer carries a note.
   */
  change(
    tool: string,
    steps: readonly Step[],
    options: { readonly mustKeep: boolean; readonly signal?: AbortSignal },
  ): Promise<Changed>;
  /** Entries below the current roots, newest first. */
  list(limit: number): { readonly entries: readonly Listed[]; readonly more: boolean };
  /**
   * Takes an entry back, all of it or nothing; that is an entry itself. Throws `not_found` for an unknown id or one outside the
   * current roots, `conflict` when something changed since, unless `force`: then what is there now is kept and replaced.
   */
  revert(id: string, options: { readonly force: boolean; readonly signal?: AbortSignal }): Promise<Reverted>;
}

const DAY_MS = 86_400_000;

export function createJournal({
  stateDir,
  sandbox,
  quotaBytes = 256_000_000,
  maxAgeMs = 7 * DAY_MS,
  log,
  enabled = true,
}: JournalOptions): Journal {
  const store = createStore(stateDir, { quotaBytes, maxAgeMs });

  async function refuseUnlessKept(steps: readonly Step[], signal?: AbortSignal): Promise<void> {
    if (!enabled) return;
    try {
      const bytes = await bytesToKeep(steps, { sandbox, signal, journal: store.prepare() });
      if (bytes > quotaBytes) await store.exclusive(async () => store.reserve(bytes));
    } catch (error) {
      throw error instanceof JournalError ? refusal(error) : error;
    }
  }

  async function change(
    tool: string,
    steps: readonly Step[],
    { mustKeep, signal }: { readonly mustKeep: boolean; readonly signal?: AbortSignal },
  ): Promise<Changed> {
    if (!enabled) return unrecorded(steps, signal, undefined);
    try {
      const bytes = await bytesToKeep(steps, { sandbox, signal, journal: store.prepare() });
      const keeps = bytes > 0 || steps.some((step) => step.do === "remove");
      // Without contents there is only a line to append, which needs no lock.
      return await (keeps
        ? store.exclusive(() => recorded(tool, steps, bytes, signal))
        : recorded(tool, steps, 0, signal));
    } catch (error) {
      if (!(error instanceof JournalError)) throw error;
      if (mustKeep) throw refusal(error);
      log?.warn(`A change was not recorded: ${error.message}.`);
      return unrecorded(steps, signal, `Not recorded, so \`undo\` cannot take it back: ${error.message}.`);
    }
  }

  async function recorded(tool: string, steps: readonly Step[], bytes: number, signal?: AbortSignal): Promise<Changed> {
    if (bytes > 0) store.reserve(bytes);
    const memory = new Map<string, Uint8Array>();
    const planned = await planSteps(steps, { sandbox, blobs: store.blobs, memory, signal });
    if (planned.length === 0) return {};
    return { id: await carryOut(tool, planned, memory, signal) };
  }

  async function unrecorded(
    steps: readonly Step[],
    signal: AbortSignal | undefined,
    note: string | undefined,
  ): Promise<Changed> {
    const memory = new Map<string, Uint8Array>();
    const planned = await planSteps(steps, { sandbox, blobs: undefined, memory, signal });
    await perform(planned, workplace(memory), signal);
    return note === undefined ? {} : { note };
  }

  // Records first, so that a crash in between leaves something to take back.
  async function carryOut(
    tool: string,
    planned: readonly Planned[],
    memory: ReadonlyMap<string, Uint8Array>,
    signal: AbortSignal | undefined,
    undoes?: string,
  ): Promise<string> {
    const { id, at } = newEntryId();
    const changes = planned.map((plan) => plan.change);
    store.record({ id, at, tool, changes, ...(undoes !== undefined && { undoes }) });
    let done: readonly Change[];
    try {
      done = await perform(planned, workplace(memory), signal);
    } catch (error) {
      if (error instanceof HalfDone)
        throw new ToolError(error.kind, error.message, {
          hint: `${error.hint ?? ""} \`undo\` with id ${id} tries again to take it back.`,
          cause: error,
        });
      afterwards(() => store.discard(id));
      throw error;
    }
    if (done.some((change, index) => change !== changes[index])) afterwards(() => store.amend(id, done));
    return id;
  }

  // The files are changed by now: a full disk must not turn that into a failure.
  function afterwards(write: () => void): void {
    try {
      write();
    } catch (error) {
      log?.warn(`The journal could not be completed: ${error instanceof Error ? error.message : "unknown"}.`);
    }
  }

  function workplace(memory: ReadonlyMap<string, Uint8Array>): Workplace {
    return { sandbox, content: (sha) => memory.get(sha) ?? store.blobs.get(sha) };
  }

  function visiblePlaces({ changes }: Recorded): Place[] | undefined {
    try {
      return changes()
        .flatMap(pathsOf)
        .map((path) => placeOf(path, sandbox));
    } catch {
      return undefined;
    }
  }

  function list(limit: number): { entries: Listed[]; more: boolean } {
    const all = enabled ? store.entries() : [];
    const entries: Listed[] = [];
    for (const entry of all) {
      const places = visiblePlaces(entry);
      if (!places) continue;
      if (entries.length === limit) return { entries, more: true };
      const { id, at, tool, undoes } = entry;
      entries.push({ id, at, tool, undoes, paths: shownOnce(places), undoneBy: undoneBy(id, all)?.id });
    }
    return { entries, more: false };
  }

  async function revert(
    id: string,
    { force, signal }: { readonly force: boolean; readonly signal?: AbortSignal },
  ): Promise<Reverted> {
    if (!enabled)
      throw new ToolError("denied", "The journal is off, so nothing was kept that could be brought back.", {
        hint: "The person started the server with --journal off; without it later changes can be undone.",
      });
    const entry = known(id);
    const places = visiblePlaces(entry) as Place[];
    try {
      return await sandbox.lock(places, () => store.exclusive(() => takeBack(known(id), force, signal)));
    } catch (error) {
      throw error instanceof JournalError ? refusal(error) : error;
    }
  }

  function known(id: string): Recorded {
    const entry = store.entries().find((candidate) => candidate.id === id);
    if (!entry || !visiblePlaces(entry))
      throw new ToolError("not_found", "The journal has no such entry for the current directories.", {
        hint: "Call `undo` without `id` to see what there is.",
      });
    const by = undoneBy(id, store.entries());
    if (by)
      throw new ToolError("conflict", `${id} was undone already, by ${by.id}.`, {
        hint: `To do it again, undo ${by.id}.`,
      });
    return entry;
  }

  async function takeBack(entry: Recorded, force: boolean, signal: AbortSignal | undefined): Promise<Reverted> {
    const already: Change[] = [];
    const open: Change[] = [];
    const changed: Change[] = [];
    for (const change of entry.changes().toReversed()) {
      signal?.throwIfAborted();
      if (await isBefore(change, sandbox)) already.push(change);
      else {
        open.push(inverse(change));
        if (!(await isBefore(inverse(change), sandbox))) changed.push(change);
      }
    }
    if (changed.length > 0 && !force) throw changedSince(shownPaths(changed));
    const paths = shownPaths(open);
    if (open.length === 0) return { paths, already: shownPaths(already) };
    const needed = new Set(open.flatMap(contentsNeeded));
    for (const sha of needed)
      if (!store.blobs.has(sha)) throw new ToolError("not_found", `What ${entry.id} replaced is not kept any more.`);
    let bytes = 0;
    for (const change of open) bytes += await bytesToKeep(stepsLike(change), { sandbox, signal });
    store.reserve(bytes, needed);
    const planned: Planned[] = [];
    for (const change of open) planned.push(await asItIsNow(change, signal));
    const id = await carryOut("undo", planned, new Map(), signal, entry.id);
    return { id, paths, already: shownPaths(already) };
  }

  // What is there now is what undoing the undo brings back.
  async function asItIsNow(change: Change, signal: AbortSignal | undefined): Promise<Planned> {
    const options = { sandbox, blobs: store.blobs, signal };
    if (change.do === "move") {
      const { from, to, moved } = change;
      const rest = { do: "move", from, to, ...(moved && { moved }) } as const;
      const there = await capture(placeOf(change.to, sandbox), options);
      return { change: there.kind === "absent" ? rest : { ...rest, replaced: there } };
    }
    if (change.do !== "set") return { change };
    const at = placeOf(change.at, sandbox);
    const follow = change.through === true;
    const before = await capture(at, { ...options, follow });
    const seen = before.kind === "file" && change.after.kind === "file" ? find(at, sandbox, follow) : undefined;
    return { change: { ...change, before }, ...(seen && { seen }) };
  }

  function stepsLike(change: Change): Step[] {
    if (change.do === "move") return [{ do: "remove", place: placeOf(change.to, sandbox) }];
    return change.do === "set" ? [{ do: "remove", place: placeOf(change.at, sandbox) }] : [];
  }

  function shownPaths(changes: readonly Change[]): string[] {
    return shownOnce(changes.flatMap(pathsOf).map((path) => placeOf(path, sandbox)));
  }

  return { enabled, maxAgeMs, refuseUnlessKept, change, list, revert };
}

// Entries that took it back, unless they were taken back in turn.
function undoneBy(id: string, entries: readonly Recorded[]): Recorded | undefined {
  return entries.find((entry) => entry.undoes === id && undoneBy(entry.id, entries) === undefined);
}

/** Contents that carrying out the change reads. */
function contentsNeeded(change: Change): string[] {
  if (change.do === "set") return contentsOfState(change.after).map(({ sha }) => sha);
  if (change.do === "unmove") return change.restore ? contentsOfState(change.restore).map(({ sha }) => sha) : [];
  return change.do === "append" ? contentsOf(change).map(({ sha }) => sha) : [];
}

function shownOnce(places: readonly Place[]): string[] {
  return [...new Set(places.map(({ shown }) => shown))];
}

function changedSince(paths: readonly string[]): ToolError {
  const named = paths.slice(0, 10).join(", ");
  return new ToolError(
    "conflict",
    `Changed since then: ${named}${paths.length > 10 ? ` and ${paths.length - 10} more` : ""}.`,
    {
      hint: "Nothing was undone. `force: true` undoes it anyway and keeps what is there now for another undo.",
    },
  );
}

function refusal(error: JournalError): ToolError {
  if (error.retryable)
    return new ToolError("unavailable", "Another process is using the journal; nothing was changed.", {
      retryAfterMs: 1_000,
      cause: error,
    });
  return new ToolError(error.kind, `Refused, since it could not be undone: ${error.message}.`, {
    hint:
      error.kind === "too_large"
        ? "Delete or replace less at once, or ask the person to raise --journal-mb or to give up undo with --journal off."
        : "The person can name a folder that can be written with --state-dir, or give up undo with --journal off.",
    retryable: false,
    cause: error,
  });
}
