import { type Question, type ToolContext, ToolError, untrusted, type Verdict } from "@mooring/core";
import { inMemory } from "../demo/in-memory.ts";
import { checkParams } from "../params.ts";
import type { Deps } from "../tool.ts";
import { cutCells } from "../values/cells.ts";
import { fit } from "../values/fit.ts";
import { writerOf } from "../values/formats.ts";
import { typeNames } from "../values/type-names.ts";
import { proveChange } from "./change.ts";
import { runChange } from "./run-change.ts";

/** As the tool takes it. */
export interface Call {
  readonly sql: string;
  readonly params: readonly string[];
  readonly expect_rows?: number | undefined;
  readonly commit: boolean;
  readonly database?: string | undefined;
}

type Context = ToolContext<Deps>;

/** Rows of RETURNING that are shown. */
const SHOWN_ROWS = 50;
const ROOM = 16_000;
/** Characters of a quote that core shows. */
const SHOWN = 600;
/** Bytes of returned values that are kept. */
const KEPT = 200_000;

/** Whether a person is asked before a commit. */
export async function verdictOn(
  { sql, expect_rows, commit, database }: Call,
  { databases, signal }: Context,
): Promise<Verdict> {
  if (!commit) return "allow";
  if (expect_rows === undefined)
    throw new ToolError("invalid_input", "A commit needs expect_rows.", {
      hint: "A dry run (without `commit`) says how many rows.",
    });
  const { kind } = await proveChange(databases.get(database), sql, signal);
  return kind === "insert" ? "allow" : { confirm: "It changes or removes rows that are there." };
}

/** What a person is asked. */
export async function questionOf(
  { sql, params, expect_rows = 0, database: name }: Call,
  { databases, signal }: Context,
): Promise<Question> {
  const database = databases.get(name);
  const { kind } = await proveChange(database, sql, signal);
  const verb = { insert: "inserts", update: "changes", merge: "merges", delete: "removes" }[kind];
  const values = params.map((value, i) => `$${i + 1} = ${JSON.stringify(value)}`);
  // Values first: a long statement is cut, and must not push them out.
  const quote = [values.join(", "), sql].filter(Boolean).join("\n");
  return {
    target: `rows of the database ${database.name}`,
    effect: `${verb} ${expect_rows} ${expect_rows === 1 ? "row" : "rows"} and commits; refused if it is another number.${quote.length > SHOWN ? " The SQL is longer than what is shown below." : ""}`,
    quote,
  };
}

/** Runs the change, and commits it where that was asked for and it affects as many rows as expected. */
export async function tryChange({ sql, params, expect_rows, commit, database: name }: Call, context: Context) {
  const { databases, signal } = context;
  const database = databases.get(name);
  const change = await proveChange(database, sql, signal);
  checkParams(change.proof, params);
  const ended = await runChange(database, change, {
    params,
    commitIf: commit ? expect_rows : undefined,
    maxBytes: KEPT,
    signal,
  });
  const { columns } = ended.returned;
  const types = columns.length > 0 ? await typeNames(database, columns, signal) : [];
  return { ...ended, types, several: change.several, after: ended.committed ? inMemory(context) : "" };
}

/** What a model reads of it. */
export function textOf(
  { committed, affected, returned, effects, types, several, after }: Awaited<ReturnType<typeof tryChange>>,
  { expect_rows }: Pick<Call, "expect_rows">,
): string {
  const rows = `${affected} ${affected === 1 ? "row" : "rows"}`;
  const cells = cutCells(returned.rows.slice(0, SHOWN_ROWS));
  const shown = fit(
    writerOf(
      "table",
      returned.columns.map(({ name }) => name),
      types,
    ),
    cells.rows,
    ROOM,
  );
  const tables = effects.tables.map(
    ({ table, inserted, updated, deleted }) =>
      `${table}: ${[inserted && `${inserted} inserted`, updated && `${updated} updated`, deleted && `${deleted} deleted`].filter(Boolean).join(", ")}`,
  );
  const returnedRows = returned.columns.length > 0 ? [`${shown.rows} returned:`, shown.text] : [];
  const cut = returned.columns.length > 0 && (returned.cut !== undefined || shown.rows < returned.rows.length);
  const notices = returned.notices.map((notice) => `notice: ${notice}`);
  const sequences = effects.sequences.length > 0 ? [`advanced: ${effects.sequences.join(", ")}`] : [];
  const own = [
    committed
      ? `Committed: ${rows} affected.`
      : `Dry run, rolled back: ${rows} affected${several ? " in all tables" : ""}.${expect_rows !== undefined && expect_rows !== affected ? ` That is not expect_rows ${expect_rows}.` : ""}`,
    effects.sequences.length > 0 && !committed ? "Sequences keep what they advanced." : "",
    cut ? "Not all returned rows are shown." : "",
    after,
    committed ? "" : `To commit: the same call with commit true and expect_rows ${affected}.`,
  ];
  const foreign = [...tables, ...sequences, ...notices, ...returnedRows].join("\n");
  return [own.filter(Boolean).join(" "), foreign === "" ? "" : untrusted(foreign, { exact: true })]
    .filter(Boolean)
    .join("\n");
}
