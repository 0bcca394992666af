import * as z from "zod";
import { getItem, only } from "../items.ts";
import { tool } from "../tool.ts";

export const removeItem = tool({
  name: "remove_item",
  title: "Remove an item",
  description: "Removes an item for good.",
  access: "destructive", // offered at --access full, and a person is asked
  input: z.strictObject({ id: z.string().describe("As list_items shows it.") }),
  async question({ id }, { database, signal }) {
    const { name } = await getItem(database, id, signal);
    return { target: `the item ${id}`, effect: "Removes it; it cannot be brought back.", quote: name };
  },
  run: async ({ id }, { database, signal }) =>
    only(await database.write<{ id: number }>("DELETE FROM items WHERE id = $1 RETURNING id", [id], signal)),
  render: ({ id }) => `Removed ${id}.`,
});
