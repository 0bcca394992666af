import { promptFactory } from "@mooring/core";
import * as z from "zod";
import type { Deps } from "../tool.ts";

export const triage = promptFactory<Deps>()({
  name: "triage",
  title: "Triage tickets",
  description: "Which tickets to look at first, and why.",
  input: z.strictObject({ about: z.string().optional().describe("Only tickets about this.") }),
  messages: ({ about }) => {
    const which = about === undefined ? "the tickets" : `the tickets about ${JSON.stringify(about)}`;
    const text = `List ${which}, read the open ones, and say which three to look at first and why. Change nothing.`;
    return [{ role: "user", content: { type: "text", text } }];
  },
});
