import * as z from "zod";
import { tool } from "../tool.ts";

export const deleteNote = tool({
  name: "delete_note",
  title: "Delete a note",
  description: "Removes a note for good.",
  access: "destructive", // offered at --access full, and a person is asked
  openWorld: false,
  input: z.strictObject({ name: z.string().describe("As list_notes shows it.") }),
  async question({ name }, { notes }) {
    const quote = await notes.read(name);
    return { target: `the note "${name}"`, effect: "Removes it; it cannot be brought back.", quote };
  },
  async run({ name }, { notes }) {
    await notes.remove(name);
    return { name };
  },
  render: ({ name }) => `Deleted ${name}.`,
});
