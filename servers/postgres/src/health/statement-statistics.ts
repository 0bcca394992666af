import { untrusted } from "@mooring/core";
import type { Database } from "../database.ts";
import { bytes, count, counted, number, percent, span } from "./amounts.ts";
import { hiddenNames } from "./hidden-names.ts";
import { statementText } from "./statement-text.ts";
import { type StatementStatistics, statementById, topStatements, type Where } from "./statements.ts";
import { surroundingsOf } from "./surroundings.ts";

/** Statements that a list has. */
const LISTED = 10;
/** Characters of a statement that are shown. */
const SHOWN = 20_000;

/** What pg_stat_statements knows of one statement, in words; `undefined` where it knows none of that id. */
export async function statementStatistics(
  database: Database,
  queryid: string,
  signal: AbortSignal,
): Promise<string | undefined> {
  const where = await whereOf(database, signal);
  const inRange = BigInt.asIntN(64, BigInt(queryid)) === BigInt(queryid);
  const row = where && inRange ? await statementById(database, { ...where, id: queryid }, signal) : undefined;
  if (!row) return undefined;
  const hides = await hiddenNames(database, signal);
  const text = await statementText(database, row.query, { hides, signal, length: SHOWN });
  return `${statisticsText(row)}\n${untrusted(text, { exact: true })}`;
}

/** The statements that take most time: their ids, each with a line. */
export async function weightiestStatements(
  database: Database,
  signal: AbortSignal,
): Promise<{ readonly id: string; readonly about: string }[]> {
  const where = await whereOf(database, signal);
  if (!where) return [];
  const rows = await topStatements(database, { ...where, limit: LISTED }, signal);
  return rows.map((row) => ({
    id: String(row.id),
    about: `${percent(number(row.share))} of all time, ${counted(number(row.calls), "call")}`,
  }));
}

async function whereOf(database: Database, signal: AbortSignal): Promise<Where | undefined> {
  const [{ versionNumber }, { statements }] = await Promise.all([
    database.facts(signal),
    surroundingsOf(database, signal),
  ]);
  return statements === undefined ? undefined : { schema: statements, version: versionNumber };
}

function statisticsText(row: StatementStatistics): string {
  const milliseconds = (value: string | null) => `${number(value).toFixed(2)} ms`;
  return [
    `Query ${row.id}: ${percent(number(row.share))} of all time, ${span(number(row.total) / 1_000)} in ${counted(number(row.calls), "call")}.`,
    `Each: ${milliseconds(row.mean)} on average, ${milliseconds(row.max)} at most. ${counted(number(row.rows), "row")} in all.`,
    `Blocks: ${count(number(row.hit))} from cache, ${count(number(row.read))} read, ${count(number(row.dirtied))} dirtied, ${count(number(row.spilt))} temporary. WAL: ${bytes(number(row.wal))}.`,
    `Run by ${counted(number(row.roles), "role")}.`,
  ].join("\n");
}
