import { ToolError } from "@mooring/core";
import * as z from "zod";
import { groups } from "../health/groups.ts";
import { tool } from "../tool.ts";

export const health = tool({
  name: "health",
  title: "Health",
  description:
    "Finds problems of a database, worst first, with evidence and SQL that mends them (for a person to run).",
  access: "read",
  openWorld: false,
  input: z.strictObject({
    checks: z
      .array(z.string().max(64))
      .max(50)
      .optional()
      .describe(`Only these: ${groups.join(", ")}, or single checks as answers name them.`),
    top: z.int().min(1).max(100).default(5).describe("Findings shown of each check."),
    database: z.string().optional().describe("Which one."),
  }),
  async run({ checks, top, database }, { databases, config, signal, progress }) {
    const { healthReport, reportText, unknownCheck } = await import("../health/answer.ts");
    for (const [i, check] of (checks ?? []).entries()) {
      const wrong = unknownCheck(check);
      if (wrong !== undefined)
        throw new ToolError("invalid_input", `Invalid arguments for health: checks[${i}]: ${wrong}.`);
    }
    const report = await healthReport(databases.get(database), { checks, top, config, signal, progress });
    return { report, text: reportText(report) };
  },
  render: ({ text }) => text,
});
