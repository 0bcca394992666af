import { type ContentBlock, ToolError } from "@mooring/core";
import * as z from "zod";
import { checkParams } from "../params.ts";
import { tool } from "../tool.ts";
import { answerWith, renderAnswer, STANDARD_ROWS } from "../values/answer.ts";
import { formats } from "../values/formats.ts";

export const query = tool({
  name: "query",
  title: "Query",
  description:
    "Runs one SELECT (also WITH, VALUES, TABLE, SHOW, EXPLAIN), proved to only read. Values come as PostgreSQL writes them.",
  access: "read",
  maxBytes: 1_000_000,
  input: z.strictObject({
    sql: z.string().describe("One statement."),
    params: z
      .array(z.string())
      .max(1_000)
      .default([])
      .describe("For $1, $2: text that PostgreSQL casts. Write NULL in the SQL."),
    max_rows: z.int().min(1).max(10_000).default(STANDARD_ROWS).describe("Rows of one answer."),
    format: z.enum(formats).default("table").describe("table: tab-separated, \\N is NULL."),
    cursor: z.string().optional().describe("Of the last answer: its next rows."),
    to: z.string().optional().describe("With csv: a new file for all rows, name.csv."),
    database: z.string().optional().describe("Which one."),
  }),
  async run({ sql, params, max_rows, format, cursor, to, database: name }, { databases, config, signal, progress }) {
    const database = databases.get(name);
    const statement = await database.prove(sql, signal);
    checkParams(statement, params);
    if (to === undefined)
      return answerWith(database, statement, { params, maxRows: max_rows, format, cursor, signal, progress });
    if (format !== "csv")
      throw new ToolError("invalid_input", "Only csv can be written to a file.", { hint: 'Add format: "csv".' });
    if (params.length > 0)
      throw new ToolError("invalid_input", "An export takes no params: COPY has none.", {
        hint: "Write the values in the SQL.",
      });
    const { exportCsv } = await import("../export.ts");
    return { exported: await exportCsv(database, statement, { folder: config.exportDir, name: to, signal, progress }) };
  },
  render: (found): string | ContentBlock[] => ("exported" in found ? found.exported : renderAnswer(found)),
});
