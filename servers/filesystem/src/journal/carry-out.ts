import { ToolError } from "@mooring/core";
import type { Sandbox } from "../sandbox/sandbox.ts";
import type { Planned, Workplace } from "./apply.ts";
import type { Change } from "./entry.ts";
import { newEntryId } from "./entry-id.ts";
import { HalfDone, perform } from "./perform.ts";
import type { Store } from "./store.ts";

/** Changes of one call, ready to happen. */
export interface Recording {
  readonly tool: string;
  readonly planned: readonly Planned[];
  /** Contents at hand, by sha256. */
  readonly memory: ReadonlyMap<string, Uint8Array>;
  /** Wait for the disk before anything changes. */
  readonly sync: boolean;
  readonly signal: AbortSignal | undefined;
  /** The entry that this takes back. */
  readonly undoes?: string;
}

/** Records changes and carries them out; answers with the entry's id. */
export type CarryOut = (recording: Recording) => Promise<string>;

export function createCarryOut({
  store,
  sandbox,
  log,
}: {
  readonly store: Store;
  readonly sandbox: Sandbox;
  readonly log: { warn(message: string): void } | undefined;
}): { readonly carryOut: CarryOut; workplace(memory: ReadonlyMap<string, Uint8Array>): Workplace } {
  // Recorded first, so that a crash in between leaves something to take back.
  async function carryOut({ tool, planned, memory, sync, signal, undoes }: Recording): Promise<string> {
    const { id, at } = newEntryId();
    const changes = planned.map(({ change }) => change);
    store.record({ id, at, tool, changes, ...(undoes !== undefined && { undoes }) }, { sync });
    let done: readonly Change[];
    try {
      done = await perform(planned, workplace(memory), signal);
    } catch (error) {
      if (error instanceof HalfDone) throw withWayBack(error, id);
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
    return {
      sandbox,
      content(kept) {
        try {
          return memory.get(kept.sha) ?? store.blobs.get(kept);
        } catch (error) {
          throw new ToolError("unavailable", "What was replaced cannot be read from the journal any more.", {
            hint: "Call `undo` without `id` to see what can still be undone.",
            retryable: false,
            cause: error,
          });
        }
      },
    };
  }

  return { carryOut, workplace };
}

function withWayBack({ kind, message, hint, cause }: ToolError, id: string): ToolError {
  const wayBack = `\`undo\` with id ${id} tries again to take it back.`;
  return new ToolError(kind, message, { hint: hint === undefined ? wayBack : `${hint} ${wayBack}`, cause });
}
