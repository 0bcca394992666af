import * as z from "zod";
import { completeDatabase } from "../resources/complete.ts";
import { prompt } from "../tool.ts";
import { sqlBlock } from "./sql-block.ts";

/** What a person asks of a statement that takes too long. */
export const investigateSlowQuery = prompt({
  name: "investigate-slow-query",
  title: "Investigate a slow query",
  description: "Why a query is slow, and what would make it faster: plan, indexes, statistics.",
  input: z.strictObject({
    sql: z.string().min(1).max(100_000).describe("The query."),
    database: z.string().optional().describe("Which one."),
  }),
  complete: { database: completeDatabase },
  messages({ sql, database }, { databases }) {
    // A wrong name fails now, with its reason, and not after the model has set out.
    const where = database === undefined ? "" : ` in the database ${databases.get(database).name}`;
    return [
      {
        role: "user",
        content: {
          type: "text",
          text: [
            `Find out why this query${where} is slow, and what would make it faster:`,
            sqlBlock(sql),
            "Take these steps, and change nothing:",
            [
              "1. `explain` it without analyze. Where it has $1 and on, leave params out for the generic plan.",
              "2. `schema` with detail full of the tables in the plan: rows, indexes, statistics.",
              "3. `explain` with analyze when the estimate says that it ends within seconds and it only reads; compare estimated with actual rows.",
              "4. `advise` with the query as target; where hypopg is installed, test what it proposes by `explain` with hypothetical_indexes and compare.",
              "5. `health` where the plan is good and the query still slow: locks, bloat, stale statistics, settings.",
            ].join("\n"),
            "Then say, with the figures that show it: the node that costs most and why, the one change that helps most (an index with CONCURRENTLY, another wording of the query, ANALYZE, a setting), what it costs (writes, space), and how to check that it worked. Say what you could not find out.",
          ].join("\n\n"),
        },
      },
    ];
  },
});
