import * as z from "zod";
import { getTicket } from "../tickets.ts";
import { tool } from "../tool.ts";

export const deleteTicket = tool({
  name: "delete_ticket",
  title: "Delete a ticket",
  description: "Removes a ticket for good.",
  access: "destructive", // offered at --access full, and a person is asked
  input: z.strictObject({ id: z.string().describe("As list_tickets shows it.") }),
  async question({ id }, { api, signal }) {
    const { title } = await getTicket(api, id, signal);
    return { target: `the ticket ${id}`, effect: "Removes it; it cannot be brought back.", quote: title };
  },
  async run({ id }, { api, signal }) {
    await api.send({ method: "DELETE", path: `/tickets/${encodeURIComponent(id)}`, signal });
    return { id };
  },
  render: ({ id }) => `Deleted ${id}.`,
});
