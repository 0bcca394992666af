import { type ContentBlock, untrusted } from "@mooring/core";
import * as z from "zod";
import { tool } from "../tool.ts";

const names = z.array(z.string()).max(20);

export const explain = tool({
  name: "explain",
  title: "Explain a query",
  description:
    "The plan of one SELECT, INSERT, UPDATE, DELETE or MERGE: shares, wrong estimates, what to do. Runs nothing unless analyze, which takes reads only.",
  access: "read",
  maxBytes: 1_000_000,
  input: z.strictObject({
    sql: z.string().describe("One statement, without EXPLAIN."),
    params: z.array(z.string()).max(1_000).optional().describe("For $1, $2; without: the generic plan."),
    analyze: z.boolean().default(false).describe("Run it and measure."),
    hypothetical_indexes: names.default([]).describe("CREATE INDEX statements to pretend (hypopg)."),
    hide_indexes: names.default([]).describe("Indexes to plan without: schema.index."),
    compare: z.boolean().default(false).describe("Also the plan as things are."),
    format: z.enum(["tree", "json", "mermaid"]).default("tree").describe("json: as PostgreSQL gives it."),
    database: z.string().optional().describe("Which one."),
  }),

  async run({ database, ...request }, context) {
    const { answer } = await import("../plan/answer.ts");
    return answer(context.databases, context.databases.get(database), {
      ...request,
      signal: context.signal,
      progress: context.progress,
    });
  },

  render(found, { format }): ContentBlock[] {
    const head = [found.summary, found.verdict, ...found.notes].filter(Boolean).join("\n");
    const legend =
      format === "tree"
        ? `Share of ${found.basis}; rows expected -> measured; then findings [n], weightiest first.`
        : "";
    // Names, conditions and settings are the database's: they all stand inside the one fence.
    const quoted = [
      found.changes && `Changed nodes:\n${found.changes}\n`,
      found.plan,
      found.findings && `\n${found.findings}`,
      found.settings && format !== "json" && `\nSettings: ${found.settings}`,
    ];
    const body = untrusted(quoted.filter(Boolean).join("\n"), { exact: true });
    return [
      { type: "text", text: [head, legend, body].filter(Boolean).join("\n") },
      { type: "resource_link", name: "plan.svg", uri: found.picture, mimeType: "image/svg+xml" },
    ];
  },
});
