import { type ContentBlock, countInvisible, createCursors, ToolError, untrusted } from "@mooring/core";
import * as z from "zod";
import { exportCsv } from "../export.ts";
import { tool } from "../tool.ts";
import { cutCells } from "../values/cells.ts";
import { fit } from "../values/fit.ts";
import { formats, writerOf } from "../values/formats.ts";
import { typeNames } from "../values/type-names.ts";

const STANDARD_ROWS = 200;
/** Characters of an answer; more rows asked for make room for more, up to the most that a tool may answer. */
const STANDARD_ROOM = 64_000;
const MOST_ROOM = 900_000;

const cursors = createCursors<number>();

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
    max_rows: z.int().min(1).max(10_000).default(STANDARD_ROWS),
    format: z.enum(formats).default("table").describe("table: tab-separated, \\N is NULL."),
    cursor: z.string().optional().describe("Of the last answer: its next rows."),
    to: z.string().optional().describe("With csv: a new file for all rows, name.csv."),
    database: z.string().optional().describe("Which one."),
  }),
  async run({ sql, params, max_rows, format, cursor, to, database: name }, { databases, config, signal, progress }) {
    const database = databases.get(name);
    const statement = await database.prove(sql, signal);
    if (to !== undefined) {
      if (format !== "csv")
        throw new ToolError("invalid_input", "Only csv can be written to a file.", { hint: 'Add format: "csv".' });
      if (params.length > 0)
        throw new ToolError("invalid_input", "An export takes no params: COPY has none.", {
          hint: "Write the values in the SQL.",
        });
      return {
        exported: await exportCsv(database, statement, { folder: config.exportDir, name: to, signal, progress }),
      };
    }
    const call = { sql, params, database: database.name };
    const skip = cursor === undefined ? 0 : cursors.open(cursor, call);
    const found = await database.read(statement, { params, maxRows: max_rows, skip, signal });
    const types = await typeNames(database, found.columns, signal);
    const cells = cutCells(found.rows);
    const names = found.columns.map((column) => column.name);
    const room = Math.min(MOST_ROOM, Math.max(STANDARD_ROOM, (STANDARD_ROOM * max_rows) / STANDARD_ROWS));
    const { text, rows } = fit(writerOf(format, names, types), cells.rows, room);
    const why = rows < found.rows.length || found.cut === "bytes" ? "bytes" : found.cut;
    return {
      text,
      rows,
      skip,
      why,
      cells: cells.cut,
      ordered: statement.inspection.ordered,
      next: why === undefined ? undefined : cursors.seal(skip + rows, call),
      notices: found.notices,
      kind: database.kind,
    };
  },
  render(found): string | ContentBlock[] {
    if ("exported" in found) return found.exported;
    const { text, rows, skip, why, cells, ordered, next, notices, kind } = found;
    const head = [
      `${rows} ${rows === 1 ? "row" : "rows"}${skip > 0 ? ` from ${skip + 1}` : ""}`,
      why === "bytes" ? "cut: the answer is full" : why === "rows" ? "cut: there are more" : "",
      cells > 0 ? `${cells} long ${cells === 1 ? "cell" : "cells"} cut` : "",
      invisible(text),
      kind === "demo" ? "embedded demo database" : "",
    ];
    const more =
      next === undefined
        ? ""
        : `\nMore: cursor "${next}".${ordered ? "" : " Without ORDER BY the order may change between calls."}`;
    const said = notices.length > 0 ? `\nNotices:\n${untrusted(notices.join("\n"))}` : "";
    return `${head.filter(Boolean).join("; ")}\n${untrusted(text, { exact: true })}${more}${said}`;
  },
});

function invisible(text: string): string {
  const count = countInvisible(text);
  return count > 0 ? `${count} invisible ${count === 1 ? "character" : "characters"}` : "";
}
