import { promptFactory } from "@mooring/core";
import type { Deps } from "../tool.ts";

export const restock = promptFactory<Deps>()({
  name: "restock",
  title: "Restock",
  description: "What to order, and how many.",
  messages() {
    const text = "List all items, and say which to order first, how many, and why. Change nothing.";
    return [{ role: "user", content: { type: "text", text } }];
  },
});
