import { createTicket } from "./create-ticket.ts";
import { deleteTicket } from "./delete-ticket.ts";
import { listTickets } from "./list-tickets.ts";

export const tools = [listTickets, createTicket, deleteTicket];
