import type { HttpApi } from "@mooring/core";
import * as z from "zod";

// What is not named here is dropped: no field of the service gets out by accident.
const ticketSchema = z.object({ id: z.string(), title: z.string(), state: z.string(), text: z.string() });
export type Ticket = z.infer<typeof ticketSchema>;

export async function getTicket(api: HttpApi, id: string, signal: AbortSignal): Promise<Ticket> {
  return ticketSchema.parse(await api.send({ method: "GET", path: `/tickets/${encodeURIComponent(id)}`, signal }));
}

/** Tickets after the one with the id `after`, in order. */
export async function getTickets(
  api: HttpApi,
  query: { after?: string | undefined; limit: number },
  signal: AbortSignal,
): Promise<Ticket[]> {
  return z.array(ticketSchema).parse(await api.send({ method: "GET", path: "/tickets", query, signal }));
}
