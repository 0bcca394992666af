import { count, counted, number, percent } from "../amounts.ts";
import type { Check } from "../check.ts";
import { type StatementStatistics, topStatements } from "../statements.ts";
import { span } from "../amounts.ts";

/** The statements that took most time in all. */
export const topQueries: Check = {
  name: "top_queries",
  group: "queries",
  title: "Top queries",
  why: "Most time goes to few statements: `explain` and `advise` say what would make them faster.",
  needs: {
    extension: {
      name: "pg_stat_statements",
      how: "put it into shared_preload_libraries, restart, and run CREATE EXTENSION pg_stat_statements",
    },
    role: "pg_read_all_stats",
    hidden: "texts of other roles are hidden",
  },
  async run({ database, facts, surroundings, signal, top, statement }) {
    const schema = surroundings.statements ?? "public";
    const rows = await topStatements(database, { schema, version: facts.versionNumber, limit: top }, signal);
    return Promise.all(
      rows.map(async (row) => ({
        severity: "info" as const,
        subject: `query ${row.id}`,
        evidence: `${inWords(row)}: ${await statement(row.query)}`,
      })),
    );
  },
};

function inWords(row: StatementStatistics): string {
  const spilt = number(row.spilt) > 0 ? `, ${counted(number(row.spilt), "temporary block")}` : "";
  const each = `${milliseconds(number(row.mean))} each`;
  return `${percent(number(row.share))} of all time, ${span(number(row.total) / 1_000)} in ${counted(number(row.calls), "call")}, ${each}, ${count(number(row.rows))} rows${spilt}`;
}

function milliseconds(time: number): string {
  return time >= 100 ? `${count(time)} ms` : `${time.toFixed(2)} ms`;
}
