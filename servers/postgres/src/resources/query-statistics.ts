import { ToolError, untrusted } from "@mooring/core";
import type { Database } from "../database.ts";
import { bytes, count, counted, number, percent, span } from "../health/amounts.ts";
import { hiddenNames } from "../health/hidden-names.ts";
import { statementText } from "../health/statement-text.ts";
import { type StatementStatistics, statementById, topStatements, type Where } from "../health/statements.ts";
import { surroundingsOf } from "../health/surroundings.ts";
import { resource } from "../tool.ts";

const mimeType = "text/plain";
/** Statements that the list has for each database. */
const LISTED = 10;
/** Characters of a statement that its resource shows. */
const SHOWN = 20_000;

/** What pg_stat_statements knows of one statement; `fingerprint` is its queryid. */
export const queryStatistics = resource({
  name: "query",
  title: "Statistics of a statement",
  description: "Normalized text, calls, times, blocks and WAL of one statement of pg_stat_statements, by its queryid.",
  uri: "pg://{database}/queries/{fingerprint}",
  mimeType,
  // One page for each database. A list is no place for a database that cannot be reached, or has no such extension.
  async list(cursor, { databases, signal }) {
    const index = Number(cursor ?? 0);
    const name = databases.names[index];
    if (name === undefined) return { resources: [] };
    const resources = await top(databases.get(name), signal).catch(() => {
      signal.throwIfAborted();
      return [];
    });
    return { resources, nextCursor: index + 1 < databases.names.length ? String(index + 1) : undefined };
  },
  async read(uri, { database: name = "", fingerprint = "" }, { databases, signal }) {
    // A queryid is a bigint; anything else is no name of a statement.
    if (!databases.names.includes(name) || !/^-?\d{1,19}$/.test(fingerprint)) throw notFound();
    const database = databases.get(name);
    const where = await whereOf(database, signal);
    const inRange = BigInt.asIntN(64, BigInt(fingerprint)) === BigInt(fingerprint);
    const row = where && inRange ? await statementById(database, { ...where, id: fingerprint }, signal) : undefined;
    if (!row) throw notFound();
    const hides = await hiddenNames(database, signal);
    const text = await statementText(database, row.query, { hides, signal, length: SHOWN });
    return [{ uri, mimeType, text: `${statisticsText(row)}\n${untrusted(text, { exact: true })}` }];
  },
  complete: { database: (typed, { databases }) => databases.names.filter((name) => name.startsWith(typed)) },
});

async function whereOf(database: Database, signal: AbortSignal): Promise<Where | undefined> {
  const [{ versionNumber }, { statements }] = await Promise.all([
    database.facts(signal),
    surroundingsOf(database, signal),
  ]);
  return statements === undefined ? undefined : { schema: statements, version: versionNumber };
}

async function top(database: Database, signal: AbortSignal) {
  const where = await whereOf(database, signal);
  if (!where) return [];
  const rows = await topStatements(database, { ...where, limit: LISTED }, signal);
  return rows.map((row) => ({
    uri: `pg://${encodeURIComponent(database.name)}/queries/${row.id}`,
    name: `query ${row.id}`,
    description: `${percent(number(row.share))} of all time, ${counted(number(row.calls), "call")}`,
    mimeType,
  }));
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

function notFound(): ToolError {
  return new ToolError("not_found", "There is no such statement in pg_stat_statements.", {
    hint: "It forgets what is rare; `health` with checks queries names those that are there.",
  });
}
