import * as z from "zod";
import { searchText } from "../search/report.ts";
import { tool } from "../tool.ts";

export const search = tool({
  name: "search",
  title: "Search files",
  description:
    "Finds names by `glob`, or lines by `pattern` in the files that `glob` matches. Sorted by path. Respects .gitignore.",
  access: "read",
  openWorld: false,
  maxBytes: 1_000_000,
  input: z.strictObject({
    path: z.string().optional().describe("Directory or file; default: all."),
    glob: z.string().optional().describe("**, *, ?, [a-z], {a,b}; without / at any depth."),
    pattern: z.string().optional().describe("Literal text within a line."),
    regex: z.boolean().optional().describe("`pattern` is a JavaScript regex."),
    ignore_case: z.boolean().optional(),
    context: z.int().min(0).max(20).optional().describe("Lines around each match."),
    mode: z.enum(["lines", "files", "count"]).optional().describe("What `pattern` gives."),
    all: z.boolean().optional().describe("Ignored files and .git too."),
    limit: z.int().min(1).max(5_000).default(200),
    cursor: z.string().optional(),
  }),

  // The context whole: what core puts into it is inherited, and a rest pattern would leave it behind.
  run: ({ ignore_case: ignoreCase, ...request }, context) => context.search.search({ ...request, ignoreCase }, context),

  render: (result, { pattern }) => searchText(result, pattern !== undefined),
});
