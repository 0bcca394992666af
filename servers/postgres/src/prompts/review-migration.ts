import * as z from "zod";
import { completeDatabase } from "../resources/complete.ts";
import { prompt } from "../tool.ts";
import { sqlBlock } from "./sql-block.ts";

/** What a person asks of a migration before it runs where it counts. */
export const reviewMigration = prompt({
  name: "review-migration",
  title: "Review a migration",
  description: "What a migration locks, rewrites and breaks, before it is applied.",
  input: z.strictObject({
    sql: z.string().min(1).max(100_000).describe("The migration."),
    database: z.string().optional().describe("Which one."),
  }),
  complete: { database: completeDatabase },
  messages({ sql, database }, { databases }) {
    const where = database === undefined ? "" : ` for the database ${databases.get(database).name}`;
    return [
      {
        role: "user",
        content: {
          type: "text",
          text: [
            `Review this migration${where}:`,
            sqlBlock(sql),
            "Take these steps, and apply nothing:",
            [
              "1. `schema` with tables: what it touches, with rows, size, foreign keys both ways, views and triggers on it.",
              "2. `migrate` without apply: the preview shows locks, rewrites, duration and what would fail. If there is no such tool, say that the server was not started with --access full, and go by the documentation of PostgreSQL.",
              "3. `health`: long transactions and waiting locks, behind which an ALTER TABLE would stand and hold up everybody.",
            ].join("\n"),
            "Then say for each statement: which lock it takes and how long on a table of this size, whether it rewrites or scans the table, what fails or breaks (views, code that still runs the old version), and how to go back. Where it can be safer, write it: CONCURRENTLY, NOT VALID and VALIDATE CONSTRAINT later, a default in steps, batches, lock_timeout with retries. End with one verdict: apply, apply when quiet, or change first.",
          ].join("\n\n"),
        },
      },
    ];
  },
});
