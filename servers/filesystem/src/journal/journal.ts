/**
 * The journal: what every changing call replaced, so that `undo` can bring it back, also after a restart.
 *
 * It lies in `<state folder>/journal`: contents by their sha256 in `blobs/` (small files of a directory in packs), and an
 * index of JSON lines, a file a day. It holds what files contained, so the folder is open to its owner only (0700, files
 * 0600), and whoever reads it reads those files; what is older than `maxAgeMs` or beyond `quotaBytes` goes with the next
 * change. Several processes share one folder.
 */
import { join } from "node:path";
import { ToolError } from "@mooring/core";
import type { Sandbox } from "../sandbox/sandbox.ts";
import { run } from "../sandbox/temporary.ts";
import { createCarryOut } from "./carry-out.ts";
import { perform } from "./perform.ts";
import { bytesToKeep, planSteps, type Step } from "./plan.ts";
import { removeLeftovers } from "./leftovers.ts";
import { createRuns } from "./runs.ts";
import { createRevert, shownOnce, undoneBy, visiblePlaces } from "./revert.ts";
import { createStore, JournalError } from "./store.ts";

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
  /** Why nothing can be kept, in words, from a look without making anything. */
  problem(): string | undefined;
  /** Nothing is changed any more. */
  close(): void;
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
  const { carryOut, workplace } = createCarryOut({ store, sandbox, log });
  const revertEntry = createRevert({ store, sandbox, carryOut });
  const runs = createRuns(join(stateDir, "journal"), run, maxAgeMs);

  // The folder of the journal, for a call that is about to change something.
  async function prepare(): Promise<{ readonly dev: number; readonly ino: number }> {
    const folder = store.prepare();
    await removeLeftovers(runs.enter(), () => store.entries(), sandbox);
    return folder;
  }

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
      const bytes = await bytesToKeep(steps, { sandbox, signal, journal: await prepare() });
      const call = { tool, steps, bytes, mustKeep, signal };
      // Without contents there is only a short line to append, which needs no lock.
      const keeps = bytes > 0 || steps.some((step) => step.do === "remove" || (step.do === "move" && step.copy));
      return await (keeps ? store.exclusive(() => recorded(call)) : recorded(call));
    } catch (error) {
      if (!(error instanceof JournalError)) throw error;
      if (mustKeep) throw refusal(error);
      log?.warn(`A change was not recorded: ${error.message}.`);
      return unrecorded(steps, signal, `Not recorded, so \`undo\` cannot take it back: ${error.message}.`);
    }
  }

  interface Call {
    readonly tool: string;
    readonly steps: readonly Step[];
    readonly bytes: number;
    readonly mustKeep: boolean;
    readonly signal: AbortSignal | undefined;
  }

  async function recorded({ tool, steps, bytes, mustKeep, signal }: Call): Promise<Changed> {
    if (bytes > 0) store.reserve(bytes);
    const memory = new Map<string, Uint8Array>();
    // Content that is about to be gone is worth waiting for the disk; after a power cut an edit may lose its undo.
    const planned = await store.keeping({ sync: mustKeep }, (keeper) =>
      planSteps(steps, { sandbox, keeper, memory, signal }),
    );
    if (planned.length === 0) return {};
    return { id: await carryOut({ tool, planned, memory, sync: mustKeep, signal }) };
  }

  async function unrecorded(
    steps: readonly Step[],
    signal: AbortSignal | undefined,
    note: string | undefined,
  ): Promise<Changed> {
    const memory = new Map<string, Uint8Array>();
    const planned = await planSteps(steps, { sandbox, keeper: undefined, memory, signal });
    await perform(planned, workplace(memory), signal);
    return note === undefined ? {} : { note };
  }

  function list(limit: number): { entries: Listed[]; more: boolean } {
    const all = enabled ? readable(() => store.entries()) : [];
    const undone = undoneBy(all);
    const entries: Listed[] = [];
    for (const entry of all) {
      const places = visiblePlaces(entry, sandbox);
      if (!places) continue;
      if (entries.length === limit) return { entries, more: true };
      const { id, at, tool, undoes } = entry;
      entries.push({ id, at, tool, undoes, paths: shownOnce(places), undoneBy: undone.get(id)?.id });
    }
    return { entries, more: false };
  }

  async function revert(
    id: string,
    options: { readonly force: boolean; readonly signal?: AbortSignal },
  ): Promise<Reverted> {
    if (!enabled)
      throw new ToolError("denied", "The journal is off, so nothing was kept that could be brought back.", {
        hint: "The person started the server with --journal off; without it later changes can be undone.",
      });
    try {
      await prepare();
      return await revertEntry(id, options);
    } catch (error) {
      throw error instanceof JournalError ? refusal(error, "Nothing was undone") : error;
    }
  }

  function problem(): string | undefined {
    const code = enabled ? store.problem() : undefined;
    return code === undefined ? undefined : `the state folder ${stateDir} cannot be written (${code})`;
  }

  return { enabled, maxAgeMs, problem, refuseUnlessKept, change, list, revert, close: runs.leave };
}

function readable<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw error instanceof JournalError ? refusal(error, "What was changed cannot be listed") : error;
  }
}

function refusal(error: JournalError, what = "Refused, since it could not be undone"): ToolError {
  if (error.retryable)
    return new ToolError("unavailable", "Another process is using the journal; nothing was changed.", {
      hint: "Repeat the call.",
      retryAfterMs: 1_000,
      cause: error,
    });
  return new ToolError(error.kind, `${what}: ${error.message}.`, {
    hint:
      error.kind === "too_large"
        ? "Delete or replace less at once, or ask the person to raise --journal-mb or to give up undo with --journal off."
        : "The person can name a folder that can be written with --state-dir, or give up undo with --journal off.",
    retryable: false,
    cause: error,
  });
}
