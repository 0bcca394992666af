import { promptFactory } from "@mooring/core";
import * as z from "zod";
import type { Deps } from "../tool.ts";

export const summarize = promptFactory<Deps>()({
  name: "summarize",
  title: "Summarize notes",
  description: "What the notes say, in a few sentences.",
  input: z.strictObject({ about: z.string().optional().describe("Only notes about this.") }),
  messages({ about }) {
    const which = about === undefined ? "the notes" : `the notes about ${JSON.stringify(about)}`;
    const text = `List ${which}, read them, and say in five sentences what they hold. Change nothing.`;
    return [{ role: "user", content: { type: "text", text } }];
  },
});
