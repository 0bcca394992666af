import * as z from "zod";
import { tool } from "../tool.ts";

export const addNote = tool({
  name: "add_note",
  title: "Add a note",
  description: "Writes a new note; none is written over.",
  access: "write",
  openWorld: false,
  input: z.strictObject({
    name: z.string().describe("New, without a suffix."),
    text: z.string().max(100_000).describe("Markdown."),
  }),
  async run({ name, text }, { notes }) {
    await notes.add(name, text);
    return { name };
  },
  render: ({ name }) => `Added ${name}.`,
});
