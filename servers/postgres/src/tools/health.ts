import * as z from "zod";
import { groups } from "../health/check.ts";
import { reportText } from "../health/report-text.ts";
import { healthReport, STANDARD_TOP } from "../health/report.ts";
import { unknownCheck } from "../health/select-checks.ts";
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
      .array(
        z
          .string()
          .max(64)
          .superRefine((name, { addIssue }) => {
            const message = unknownCheck(name);
            if (message !== undefined) addIssue({ code: "custom", message });
          }),
      )
      .max(50)
      .optional()
      .describe(`Only these: ${groups.join(", ")}, or single checks as answers name them.`),
    top: z.int().min(1).max(100).default(STANDARD_TOP).describe("Findings shown of each check."),
    database: z.string().optional().describe("Which one."),
  }),
  run: ({ checks, top, database }, { databases, config, signal, progress }) =>
    healthReport(databases.get(database), { checks, top, config, signal, progress }),
  render: reportText,
});
