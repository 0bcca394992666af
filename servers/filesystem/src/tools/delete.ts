import { ToolError, type Verdict } from "@mooring/core";
import * as z from "zod";
import { measure } from "../journal/capture.ts";
import { measureInWords, named, undoInWords, undoNote } from "../journal/describe.ts";
import type { Step } from "../journal/plan.ts";
import type { Place, Sandbox } from "../sandbox/sandbox.ts";
import { tool } from "../tool.ts";

/** Entries that are counted for the question. */
const COUNTED = 100_000;
const NAMED = 10;

export const remove = tool({
  name: "delete",
  title: "Delete",
  description: "Deletes files, links and, with `recursive`, directories: all or none.",
  access: "destructive",
  openWorld: false,
  input: z.strictObject({
    paths: z.array(z.string()).min(1).max(100),
    recursive: z.boolean().optional(),
  }),

  async guard(input, { sandbox, journal, signal }): Promise<Verdict> {
    await journal.refuseUnlessKept(stepsOf(check(input, sandbox)), signal);
    return "allow";
  },

  async question(input, { sandbox, journal, signal }) {
    const places = check(input, sandbox);
    const holds = measureInWords(await measure(places, { sandbox, signal }, COUNTED));
    return { target: shown(places), effect: `Deletes ${holds}. ${undoInWords(journal)}` };
  },

  run(input, { sandbox, journal, signal }) {
    const wanted = input.paths.map((path) => sandbox.parse(path));
    return sandbox.lock(wanted, async () => {
      const places = check(input, sandbox);
      const holds = measureInWords(await measure(places, { sandbox, signal }, COUNTED));
      const changed = await journal.change("delete", stepsOf(places), { mustKeep: true, signal });
      return { ...changed, holds, target: shown(places) };
    });
  },

  render: ({ holds, target, ...changed }) => `Deleted ${holds}: ${target}.${undoNote(changed)}`,
});

/** The places to delete, without what lies in another of them. Throws for what is missing, a root, or needs `recursive`. */
function check(
  { paths, recursive }: { paths: readonly string[]; recursive?: boolean | undefined },
  sandbox: Sandbox,
): Place[] {
  const places = paths.map((path) => sandbox.parse(path));
  for (const place of places) {
    if (place.components.length === 0)
      throw new ToolError("denied", `${place.shown} is an allowed directory itself and cannot be deleted.`, {
        hint: "Delete what is in it.",
      });
    if (sandbox.stat(place).kind === "directory" && !recursive)
      throw new ToolError("invalid_input", `${place.shown} is a directory.`, {
        hint: "Pass `recursive: true` to delete it with everything in it.",
      });
  }
  return places.filter((place, index) => !places.some((other, at) => at !== index && covers(other, place, at < index)));
}

function covers(outer: Place, inner: Place, first: boolean): boolean {
  if (outer.root.id !== inner.root.id || outer.components.length > inner.components.length) return false;
  if (outer.components.length === inner.components.length && !first) return false;
  return outer.components.every((name, index) => inner.components[index] === name);
}

function stepsOf(places: readonly Place[]): Step[] {
  return places.map((place) => ({ do: "remove", place }));
}

function shown(places: readonly Place[]): string {
  return named(
    places.map((place) => place.shown),
    NAMED,
  );
}
