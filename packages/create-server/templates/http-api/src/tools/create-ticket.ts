import * as z from "zod";
import { tool } from "../tool.ts";

export const createTicket = tool({
  name: "create_ticket",
  title: "Create a ticket",
  description: "Opens a ticket. Look for one that says the same before.",
  access: "write",
  input: z.strictObject({
    title: z.string().min(1).max(200),
    text: z.string().default("").describe("What it is about."),
  }),
  output: z.object({ id: z.string() }),
  run: async (body, { api, signal }) =>
    z.object({ id: z.string() }).parse(await api.send({ method: "POST", path: "/tickets", body, signal })),
});
