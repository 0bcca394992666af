import type { Question, Verdict } from "@mooring/core";
import * as z from "zod";
import { tool } from "../tool.ts";

// Loaded by the first call: most sessions have none.
const handling = () => import("../write/call.ts");

export const write = tool({
  name: "write",
  title: "Write rows",
  description:
    "Runs one INSERT, UPDATE, DELETE or MERGE and rolls it back: a dry run. With `commit` and `expect_rows` it commits, if exactly so many rows are affected; a person is asked unless it only inserts. Triggers run as they do.",
  access: "write",
  openWorld: false,
  input: z.strictObject({
    sql: z.string().describe("One statement; RETURNING shows rows."),
    params: z
      .array(z.string())
      .max(1_000)
      .default([])
      .describe("For $1, $2: text that PostgreSQL casts. Write NULL in the SQL."),
    expect_rows: z.int().min(0).optional().describe("As the dry run says; with changes in WITH, of all tables."),
    commit: z.boolean().default(false).describe("Keep it."),
    database: z.string().optional().describe("Which one."),
  }),

  guard: async (call, context): Promise<Verdict> => (await handling()).verdictOn(call, context),
  question: async (call, context): Promise<Question> => (await handling()).questionOf(call, context),
  async run(call, context) {
    const { textOf, tryChange } = await handling();
    const tried = await tryChange(call, context);
    return { ...tried, text: textOf(tried, call) };
  },
  render: ({ text }) => text,
});
