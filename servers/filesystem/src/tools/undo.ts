import * as z from "zod";
import { named, undoNote } from "../journal/describe.ts";
import type { Listed, Reverted } from "../journal/journal.ts";
import { timeInWords } from "../sandbox/describe.ts";
import { tool } from "../tool.ts";

const LISTED = 20;
const NAMED = 3;

export const undo = tool({
  name: "undo",
  title: "Undo a change",
  description: "Takes back what one call changed, as a whole. Without `id`: lists recent changes.",
  access: "write",
  openWorld: false,
  input: z.strictObject({
    id: z.string().optional().describe("From the list or a result."),
    force: z.boolean().optional().describe("Even if files changed since."),
  }),

  async run({ id, force = false }, { journal, signal }): Promise<{ reverted: Reverted } | Listing> {
    if (id !== undefined) return { reverted: await journal.revert(id, { force, signal }) };
    return { list: journal.list(LISTED), enabled: journal.enabled, problem: journal.problem() };
  },

  render: (data, { id }) => ("reverted" in data ? revertedText(data.reverted, id ?? "") : listText(data)),
});

interface Recent {
  readonly entries: readonly Listed[];
  readonly more: boolean;
}

interface Listing {
  readonly list: Recent;
  readonly enabled: boolean;
  /** Why nothing can be kept. */
  readonly problem: string | undefined;
}

function revertedText({ paths, already, ...changed }: Reverted, id: string): string {
  if (paths.length === 0) return `Nothing to undo: everything is as it was before ${id}.`;
  const rest = already.length > 0 ? ` As before already: ${namedOnce(already)}.` : "";
  return `Undid ${id}: ${namedOnce(paths)}.${rest}${undoNote(changed)}`;
}

function listText({ list: { entries, more }, enabled, problem }: Listing): string {
  if (!enabled) return "The journal is off (--journal off): changes are not kept and cannot be undone.";
  const none = "No change is kept that could be undone";
  if (entries.length === 0 && problem !== undefined)
    return `${none}: ${problem}. The person can name another folder with --state-dir.`;
  if (entries.length === 0) return `${none}.`;
  const lines = entries.map(({ id, at, tool: name, undoes, undoneBy, paths }) =>
    [
      id,
      timeInWords(at),
      undoes === undefined ? name : `${name} of ${undoes}`,
      namedOnce(paths) + (undoneBy === undefined ? "" : ` (undone by ${undoneBy})`),
    ].join("  "),
  );
  return [...lines, ...(more ? ["Older ones are not shown."] : [])].join("\n");
}

// Directories made on the way say nothing that the paths below them do not say.
function namedOnce(all: readonly string[]): string {
  const paths = all.filter(
    (path) => !all.some((other) => other.startsWith(path) && /^[\\/]/.test(other.slice(path.length))),
  );
  return named(paths, NAMED);
}
