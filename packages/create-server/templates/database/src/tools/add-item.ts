import * as z from "zod";
import { only } from "../items.ts";
import { tool } from "../tool.ts";

export const addItem = tool({
  name: "add_item",
  title: "Add an item",
  description: "Adds an item. Its name must be new.",
  access: "write",
  input: z.strictObject({
    name: z.string().min(1).max(200).describe("What people call it."),
    amount: z.int().min(0).describe("How many there are."),
    note: z.string().default("").describe("What else to know."),
  }),
  output: z.object({ id: z.int() }),
  async run({ name, amount, note }, { database, signal }) {
    const text = "INSERT INTO items (name, amount, note) VALUES ($1, $2, $3) RETURNING id";
    return only(await database.write<{ id: number }>(text, [name, amount, note], signal));
  },
});
