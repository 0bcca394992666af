import { promptFactory } from "@mooring/core";
import * as z from "zod";
import type { Deps } from "../tool.ts";

export const restock = promptFactory<Deps>()({
  name: "restock",
  title: "Restock",
  description: "What to order, and how many.",
  input: z.strictObject({ below: z.string().regex(/^\d+$/, "expected a whole number").default("5") }),
  messages({ below }) {
    const text = `List all items. Say which have fewer than ${below}, and how many to order. Change nothing.`;
    return [{ role: "user", content: { type: "text", text } }];
  },
});
