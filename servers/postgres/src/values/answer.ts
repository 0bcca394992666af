import { type CallContext, countInvisible, createCursors, untrusted } from "@mooring/core";
import type { Database } from "../database.ts";
import type { Proof } from "../guard/proof.ts";
import { ticking } from "../ticking.ts";
import { cutCells } from "./cells.ts";
import { fit } from "./fit.ts";
import { type Format, writerOf } from "./formats.ts";
import { typeNames } from "./type-names.ts";

/** Rows of an answer unless more are asked for. */
export const STANDARD_ROWS = 200;
/** Characters of an answer; more rows asked for make room for more, up to the most that a tool may answer. */
const STANDARD_ROOM = 64_000;
const MOST_ROOM = 900_000;

const cursors = createCursors<number>();

export interface AnswerOptions {
  readonly params: readonly string[];
  readonly maxRows: number;
  readonly format: Format;
  readonly cursor: string | undefined;
  readonly signal: AbortSignal;
  readonly progress: CallContext["progress"];
}

export interface Answer {
  readonly text: string;
  readonly rows: number;
  readonly skip: number;
  /** Why rows are missing. */
  readonly why: "rows" | "bytes" | undefined;
  readonly cells: number;
  readonly ordered: boolean;
  readonly next: string | undefined;
  readonly notices: readonly string[];
  readonly kind: Database["kind"];
}

/** Runs a proved statement and writes as many rows as an answer holds. */
export async function answerWith(
  database: Database,
  statement: Proof,
  { params, maxRows, format, cursor, signal, progress }: AnswerOptions,
): Promise<Answer> {
  const call = { sql: statement.sql, params, database: database.name };
  const skip = cursor === undefined ? 0 : cursors.open(cursor, call);
  const found = await ticking(progress, "running", () => database.read(statement, { params, maxRows, skip, signal }));
  const types = await typeNames(database, found.columns, signal);
  const cells = cutCells(found.rows);
  const names = found.columns.map(({ name }) => name);
  const room = Math.min(MOST_ROOM, Math.max(STANDARD_ROOM, (STANDARD_ROOM * maxRows) / STANDARD_ROWS));
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
}

/** What a model reads of it: our words, then the rows, fenced. */
export function renderAnswer({ text, rows, skip, why, cells, ordered, next, notices, kind }: Answer): string {
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
}

function invisible(text: string): string {
  const count = countInvisible(text);
  return count > 0 ? `${count} invisible ${count === 1 ? "character" : "characters"}` : "";
}
