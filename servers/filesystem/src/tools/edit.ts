import { ToolError } from "@mooring/core";
import * as z from "zod";
import { undoNote } from "../journal/describe.ts";
import type { Step } from "../journal/plan.ts";
import { finish } from "../pausing.ts";
import type { Place, Sandbox } from "../sandbox/sandbox.ts";
import { type EditedFile, editFile, joined } from "../text/edit-file.ts";
import { newVersion, versionNow } from "../text/new-version.ts";
import { tool } from "../tool.ts";
import { takeTurns } from "../turns.ts";

/** Characters of all diffs in one answer: a preview is there to be read, after an edit the hashes count. */
const PREVIEWED = 24_000;
const DIFFS = 6_000;
/** Bytes of all files in one call: they are held in memory. */
const TOGETHER = 256_000_000;

// What a refinement checks costs no bytes in the listed schema.
const count = z
  .int()
  .refine((times) => times === -1 || times > 0, "expected -1 or at least 1")
  .default(1)
  .describe("How often `old` occurs; -1: all.");

export const edit = tool({
  name: "edit",
  title: "Edit files",
  description:
    "Replaces exact text, all edits of all files or none, in order. LF in `old` also matches CRLF. Answers with a diff and new hashes.",
  access: "write",
  openWorld: false,
  marksAllowedIn: ["files.edits.old"],
  input: z.strictObject({
    files: z
      .array(
        z.strictObject({
          path: z.string(),
          edits: z
            .array(z.strictObject({ old: z.string(), new: z.string(), count }))
            .min(1)
            .refine(({ length }) => length <= 500, "expected at most 500"),
          if_hash: z.string().optional().describe("Refused if it differs."),
        }),
      )
      .min(1)
      .refine(({ length }) => length <= 100, "expected at most 100"),
    dry_run: z.boolean().optional(),
  }),

  run({ files, dry_run: dryRun }, { sandbox, journal, encoding, signal }) {
    const places = files.map(({ path }) => sandbox.parse(path));
    return sandbox.lock(places, async () => {
      refuseTwice(places, sandbox);
      const edited: EditedFile[] = [];
      const problems: ToolError[] = [];
      let left = TOGETHER;
      const turns = takeTurns({ signal });
      for (const [index, file] of files.entries()) {
        try {
          const diffLength = (dryRun ? PREVIEWED : DIFFS) / files.length;
          const work = editFile(places[index] as Place, file, { sandbox, encoding, diffLength });
          const one = await finish(work, { signal });
          left -= one.current.bytes.length;
          if (left < 0)
            throw new ToolError("too_large", `The files have more than ${TOGETHER} bytes together.`, {
              hint: "Edit fewer at once.",
            });
          edited.push(one);
        } catch (error) {
          signal.throwIfAborted();
          if (!(error instanceof ToolError) || left < 0) throw error;
          problems.push(error);
        }
        await turns();
      }
      if (problems.length > 0) throw joined(problems);
      const steps = edited.map(({ place, current, bytes }): Step => ({
        do: "put",
        place,
        content: bytes,
        expect: "present",
        current,
      }));
      const changed = dryRun ? {} : await journal.change("edit", steps, { mustKeep: false, signal });
      const results = edited.map(({ place, bytes, diff, replaced }) => {
        const hash = dryRun ? versionNow(sandbox, place) : newVersion(sandbox, place, bytes);
        return { shown: place.shown, hash, diff, replaced };
      });
      return { ...changed, files: results };
    });
  },

  render({ files, ...changed }, { dry_run: dryRun }) {
    const what = files.length === 1 ? "1 file" : `${files.length} files`;
    const head = dryRun ? `Dry run: would edit ${what}; nothing was written.` : `Edited ${what}.${undoNote(changed)}`;
    const parts = files.map(({ shown, hash, diff, replaced }) => {
      const facts = `${replaced} ${replaced === 1 ? "replacement" : "replacements"}, +${diff.added} -${diff.removed}`;
      return `${shown}: hash ${hash}${dryRun ? " (unchanged)" : ""}, ${facts}\n${diff.text}`;
    });
    return [head, ...parts].join("\n");
  },
});

// Two entries of one file, also by two names, would overwrite each other.
function refuseTwice(places: readonly Place[], sandbox: Sandbox): void {
  if (places.length < 2) return;
  const seen = new Map<string, Place>();
  for (const place of places) {
    if (!sandbox.exists(place)) continue;
    const { dev, ino } = sandbox.stat(place, { follow: true });
    const before = seen.get(`${dev}:${ino}`);
    if (before)
      throw new ToolError("invalid_input", `${place.shown} is the same file as ${before.shown}.`, {
        hint: "Put all its edits into one entry of `files`.",
      });
    seen.set(`${dev}:${ino}`, place);
  }
}
