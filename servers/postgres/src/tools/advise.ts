import * as z from "zod";
import { advise as adviseOn } from "../advise/advise.ts";
import { adviceText } from "../advise/report.ts";
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
    max_seconds: z.number().min(0.1).max(600).default(20),
    database: z.string().optional().describe("Which one."),
  }),
  async run({ target, budget_mb, max_seconds, database: name }, { databases, signal, deadline, progress }) {
    const database = databases.get(name);
    const advice = await adviseOn(
      database,
      { target, budgetMb: budget_mb, maxSeconds: max_seconds },
      { signal, deadline, progress },
    );
    if (advice.target === "statements") return advice;
    // Others wrote these: the server replaced their literals, but not in what it could not parse to the end.
    const statements = await Promise.all(
      advice.statements.map(async (each) => ({ ...each, sql: await database.normalize(each.sql) })),
    );
    const skipped = await Promise.all(
      advice.skipped.map(async (each) => ({ ...each, sql: await database.normalize(each.sql).catch(() => "") })),
    );
    return { ...advice, statements, skipped };
  },
  render: adviceText,
});
