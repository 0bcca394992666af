import { lines, page, untrusted } from "@mooring/core";
import * as z from "zod";
import { tool } from "../tool.ts";

export const listItems = tool({
  name: "list_items",
  title: "List items",
  description: "Items, oldest first: id, amount, name. Notes: example://items/{id}",
  access: "read",
  input: z.strictObject({ ...page(100) }),
  async run({ cursor = "0", limit }, { database, signal }) {
    const text = "SELECT id, amount, name FROM items WHERE id > $1 ORDER BY id LIMIT $2";
    const items = await database.read<{ id: number; amount: number; name: string }>(text, [cursor, limit], signal);
    return { items, nextCursor: items.length === limit ? String(items.at(-1)?.id) : undefined };
  },
  render({ items, nextCursor }) {
    const rows = items.map(({ id, amount, name }) => `${id} ${amount} ${name}`).join("\n");
    return lines(rows === "" ? [] : [untrusted(rows)], nextCursor);
  },
});
