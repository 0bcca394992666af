import * as z from "zod";
import { tool } from "../tool.ts";

export const advise = tool({
  name: "advise",
  title: "Advise indexes",
  description:
    "Which indexes to create, and which to drop, tried by the planner (hypopg) where it can. Statements are planned, never run.",
  access: "read",
  openWorld: false,
  input: z.strictObject({
    target: z
      .union([z.array(z.string()).min(1).max(100), z.string()])
      .describe("SQL statements; or workload (pg_stat_statements); or table:schema.name."),
    budget_mb: z.number().positive().max(1e9).optional().describe("For all new indexes."),
    max_seconds: z.number().min(0.1).max(600).default(20).describe("For trying them."),
    database: z.string().optional().describe("Which one."),
  }),
  async run({ target, budget_mb, max_seconds, database: name }, { databases, signal, deadline, progress }) {
    const { adviceText, adviseOn } = await import("../advise/answer.ts");
    const request = { target, budgetMb: budget_mb, maxSeconds: max_seconds };
    const advice = await adviseOn(databases.get(name), request, { signal, deadline, progress });
    return { advice, text: adviceText(advice) };
  },
  render: ({ text }) => text,
});
