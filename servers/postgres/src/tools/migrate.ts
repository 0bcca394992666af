import type { Question, Verdict } from "@mooring/core";
import * as z from "zod";
import { tool } from "../tool.ts";

// Loaded by the first call: most sessions have none.
const handling = () => import("../migrate/call.ts");

export const migrate = tool({
  name: "migrate",
  title: "Migrate the schema",
  description:
    "Previews changes of the schema: tries the statements in a transaction, rolls it back, and says what changes, which locks are taken, what is rewritten, what would fail. With `apply` and the preview's token it commits them, after a person agreed. Alone in a call: CREATE, DROP or REINDEX INDEX CONCURRENTLY, VACUUM, SELECT pg_cancel_backend(pid) or pg_terminate_backend(pid).",
  access: { by: "apply", false: "write", true: "destructive" },
  level: "full",
  openWorld: false,
  // Building an index takes as long as it takes; --statement-timeout still ends it.
  deadlineMs: 600_000,
  input: z.strictObject({
    sql: z.string().describe("Statements, without BEGIN and COMMIT."),
    apply: z.boolean().default(false).describe("Commit what was previewed."),
    token: z.string().optional().describe("Of the preview of exactly this sql."),
    database: z.string().optional().describe("Which one."),
  }),

  guard: async (call, context): Promise<Verdict> => (await handling()).verdictOn(call, context),
  question: async (call, context): Promise<Question> => (await handling()).questionOf(call, context),
  run: async (call, context) => (await handling()).carryOut(call, context),
  render: (text) => text,
});
