import * as z from "zod";
import { searchText } from "../search/report.ts";
import { tool } from "../tool.ts";

export const search = tool({
  name: "search",
  title: "Search files",
  description:
    "Names that match `glob` (without / at any depth), or with `pattern` lines of those files. Sorted by path; respects .gitignore.",
  access: "read",
  openWorld: false,
  maxBytes: 1_000_000,
  input: z.strictObject({
    path: z.string().optional(),
    glob: z.string().optional(),
    pattern: z.string().optional().describe("Text within a line, or with `regex` a JavaScript regex."),
    regex: z.boolean().optional(),
    ignore_case: z.boolean().optional(),
    context: z.int().min(0).max(20).optional().describe("Lines around a match."),
    mode: z.enum(["lines", "files", "count"]).optional().describe("What `pattern` lists."),
    all: z.boolean().optional().describe("Ignored files too."),
    limit: z.int().min(1).max(5_000).default(200),
    cursor: z.string().optional(),
  }),

  // The context whole: what core puts into it is inherited, and a rest pattern would leave it behind.
  run: ({ ignore_case: ignoreCase, ...request }, context) => context.search.search({ ...request, ignoreCase }, context),

  render: (result, { pattern }) => searchText(result, pattern !== undefined),
});
