import { lines, page, untrusted } from "@mooring/core";
import * as z from "zod";
import { getTickets } from "../tickets.ts";
import { tool } from "../tool.ts";

export const listTickets = tool({
  name: "list_tickets",
  title: "List tickets",
  description: "Tickets, oldest first: id, state, title. Text: example://tickets/{id}",
  access: "read",
  input: z.strictObject({ ...page(100) }),
  async run({ cursor, limit }, { api, signal }) {
    const tickets = await getTickets(api, { after: cursor, limit }, signal);
    return { tickets, nextCursor: tickets.length === limit ? tickets.at(-1)?.id : undefined };
  },
  render({ tickets, nextCursor }) {
    const rows = tickets.map(({ id, state, title }) => `${id} ${state} ${title}`).join("\n");
    return lines(rows === "" ? [] : [untrusted(rows)], nextCursor);
  },
});
