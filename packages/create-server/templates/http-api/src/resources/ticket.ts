import { poll, resourceFactory } from "@mooring/core";
import { getTicket, getTickets } from "../tickets.ts";
import type { Deps } from "../tool.ts";

export const ticket = resourceFactory<Deps>()({
  name: "ticket",
  title: "Ticket",
  description: "One ticket as text. Subscribe to hear of changes.",
  uri: "example://tickets/{id}",
  mimeType: "text/markdown",
  async read(uri, { id = "" }, { api, signal }) {
    const { title, state, text } = await getTicket(api, id, signal);
    return [{ uri, mimeType: "text/markdown", text: `# ${title}\n\nState: ${state}\n\n${text}\n` }];
  },
  complete: {
    async id(typed, { api, signal }) {
      const tickets = await getTickets(api, { limit: 100 }, signal);
      return tickets.map(({ id }) => id).filter((id) => id.startsWith(typed));
    },
  },
  watch(uri, changed, { api, pollMs }) {
    const id = decodeURIComponent(uri.slice(uri.lastIndexOf("/") + 1));
    return poll((signal) => getTicket(api, id, signal), pollMs, changed);
  },
});
