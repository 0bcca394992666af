import { ToolError, type Verdict } from "@mooring/core";
import * as z from "zod";
import { find } from "../journal/capture.ts";
import { undoInWords, undoNote } from "../journal/describe.ts";
import type { Step } from "../journal/plan.ts";
import { inBytes } from "../sandbox/describe.ts";
import type { Entry, Place, Sandbox } from "../sandbox/sandbox.ts";
import { versionNow } from "../text/new-version.ts";
import { tool } from "../tool.ts";

export const move = tool({
  name: "move",
  title: "Move or copy",
  description: "Moves, renames or copies a file, directory or link. `to` is the full new path.",
  access: { by: "overwrite", false: "write", true: "destructive" },
  openWorld: false,
  input: z.strictObject({
    from: z.string(),
    to: z.string(),
    copy: z.boolean().optional().describe("Keep `from`."),
    overwrite: z.boolean().default(false),
  }),

  async guard({ from, to, copy = false, overwrite }, { sandbox, journal, signal }): Promise<Verdict> {
    if (!overwrite) return "allow";
    const places = { from: sandbox.parse(from), to: sandbox.parse(to) };
    if (check(places, overwrite, sandbox))
      await journal.refuseUnlessKept([{ do: "move", ...places, overwrite, copy }], signal);
    return "allow";
  },

  question({ from, to, copy }, { sandbox, journal }) {
    const place = sandbox.parse(to);
    const found = find(place, sandbox);
    const does = `${copy ? "Copies" : "Moves"} ${sandbox.parse(from).shown} there`;
    return {
      target: place.shown,
      effect: found
        ? `${does}, replacing the ${found.kind} (${inBytes(found.size)}). ${undoInWords(journal)}`
        : `${does}; nothing is replaced.`,
    };
  },

  run({ from, to, copy = false, overwrite }, { sandbox, journal, signal }) {
    const places = { from: sandbox.parse(from), to: sandbox.parse(to) };
    return sandbox.lock([places.from, places.to], async () => {
      const there = check(places, overwrite, sandbox);
      const step: Step = { do: "move", ...places, copy, overwrite: there !== undefined };
      const changed = await journal.change("move", [step], { mustKeep: there !== undefined, signal });
      const { kind } = sandbox.stat(places.to);
      const hash = kind === "file" ? versionNow(sandbox, places.to) : undefined;
      return { ...changed, from: places.from.shown, to: places.to.shown, replaced: there !== undefined, hash };
    });
  },

  render({ from, to, replaced, hash, ...changed }, { copy }) {
    const facts = [replaced ? ", replacing what was there" : "", hash === undefined ? "" : `; hash ${hash}`].join("");
    return `${copy ? "Copied" : "Moved"} ${from} to ${to}${facts}.${undoNote(changed)}`;
  },
});

/** Refuses what cannot go well, before anything is kept or asked; answers with what would be replaced. */
function check({ from, to }: { from: Place; to: Place }, overwrite: boolean, sandbox: Sandbox): Entry | undefined {
  const source = sandbox.stat(from);
  const there = find(to, sandbox);
  if (!there) return undefined;
  if (!overwrite)
    throw new ToolError("conflict", `${to.shown} exists already.`, {
      hint:
        there.kind === "directory"
          ? "To move into a directory, give the full new path with the name."
          : "Choose another name.",
    });
  if (
    there.kind === "directory" &&
    (source.kind !== "directory" || sandbox.readDirectory(to, { limit: 1 }).entries.length > 0)
  )
    throw new ToolError(
      "conflict",
      `${to.shown} is a directory${source.kind === "directory" ? " that is not empty" : ""}, and is not replaced.`,
      {
        hint: "Give the full new path with the name, or delete it first.",
      },
    );
  return there;
}
