import { showInvisible, untrusted } from "@mooring/core";
import { ddlOf, placeOf } from "../catalog/ddl.ts";
import { wordOf } from "../catalog/lines.ts";
import { oneLine } from "../one-line.ts";
import type { RowSet } from "../row-set.ts";
import type { Found } from "./read-table.ts";

/** Characters of a cell. */
const MOST_CELL = 80;

/** A table as a page: everything in it is the database's own, so all of it stands in the fence. */
export function tableMarkdown({ table, hidden }: Found, sample: RowSet | undefined): string {
  const ddl = ddlOf(table, { hidden });
  const fence = "`".repeat(Math.max(3, 1 + longestRun(ddl)));
  const parts = [`# ${placeOf(table)}`, `A ${wordOf(table)}.`, `${fence}sql\n${ddl}\n${fence}`];
  if (sample && sample.rows.length > 0) parts.push("## Some of its rows", rowsText(sample));
  return `${untrusted(parts.join("\n\n"), { exact: true })}\n`;
}

function rowsText({ columns, rows }: RowSet): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  return [
    line(columns.map(({ name }) => cell(name))),
    line(columns.map(() => "---")),
    ...rows.map((row) => line(row.map((value) => (value === null ? "NULL" : cell(value))))),
  ].join("\n");
}

function cell(value: string): string {
  const text = showInvisible(oneLine(value));
  return (text.length > MOST_CELL ? `${text.slice(0, MOST_CELL - 1)}…` : text).replace(/[\\|]/g, "\\$&");
}

function longestRun(text: string): number {
  return Math.max(0, ...(text.match(/`+/g) ?? []).map((run) => run.length));
}
