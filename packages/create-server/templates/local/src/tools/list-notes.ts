import { lines, page, untrusted } from "@mooring/core";
import * as z from "zod";
import { tool } from "../tool.ts";

export const listNotes = tool({
  name: "list_notes",
  title: "List notes",
  description: "Names of notes, in order. Text: example://notes/{name}",
  access: "read",
  openWorld: false,
  input: z.strictObject({ ...page(100) }),
  async run({ cursor = "", limit }, { notes }) {
    const rest = (await notes.list()).filter((name) => name > cursor);
    const names = rest.slice(0, limit);
    return { names, nextCursor: rest.length > limit ? names.at(-1) : undefined };
  },
  render: ({ names, nextCursor }) => lines(names.length === 0 ? [] : [untrusted(names.join("\n"))], nextCursor),
});
