import { poll, resourceFactory } from "@mooring/core";
import type { Deps } from "../tool.ts";

export const note = resourceFactory<Deps>()({
  name: "note",
  title: "Note",
  description: "The text of one note. Subscribe to hear of changes.",
  uri: "example://notes/{name}",
  mimeType: "text/markdown",
  async read(uri, { name = "" }, { notes }) {
    return [{ uri, mimeType: "text/markdown", text: await notes.read(name) }];
  },
  complete: {
    async name(typed, { notes }) {
      return (await notes.list()).filter((name) => name.startsWith(typed));
    },
  },
  // Not fs.watch: it misses changes on network shares, and loses files that editors replace.
  watch(uri, changed, { notes, pollMs }) {
    const name = decodeURIComponent(uri.slice(uri.lastIndexOf("/") + 1));
    return poll(() => notes.read(name), pollMs, changed);
  },
});
