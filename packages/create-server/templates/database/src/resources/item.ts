import { poll, resourceFactory } from "@mooring/core";
import { getItem } from "../items.ts";
import type { Deps } from "../tool.ts";

export const item = resourceFactory<Deps>()({
  name: "item",
  title: "Item",
  description: "One item as text. Subscribe to hear of changes.",
  uri: "example://items/{id}",
  mimeType: "text/markdown",
  async read(uri, { id = "" }, { database, signal }) {
    const { name, amount, note } = await getItem(database, id, signal);
    return [{ uri, mimeType: "text/markdown", text: `# ${name}\n\nAmount: ${amount}\n\n${note}\n` }];
  },
  complete: {
    async id(typed, { database, signal }) {
      const text =
        "SELECT id FROM items WHERE starts_with(id::text, $1) OR starts_with(name, $1) ORDER BY id LIMIT 100";
      return (await database.read<{ id: number }>(text, [typed], signal)).map(({ id }) => String(id));
    },
  },
  watch(uri, changed, { database }) {
    const id = decodeURIComponent(uri.slice(uri.lastIndexOf("/") + 1));
    return poll((signal) => getItem(database, id, signal), 30_000, changed);
  },
});
