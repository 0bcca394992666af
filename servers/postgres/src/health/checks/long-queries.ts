import { number, span } from "../amounts.ts";
import { queryCheck } from "../check.ts";
import { type Finding, graded } from "../finding.ts";
import { cancel, session } from "./session.ts";

/** Statements of clients that have been running for a minute or more. */
export const longQueries = queryCheck<"pid" | "user" | "application" | "running" | "wait" | "query">({
  name: "long_queries",
  group: "connections",
  title: "Long-running statements",
  why: "They hold locks and keep VACUUM from removing rows; statement_timeout bounds them.",
  needs: { role: "pg_read_all_stats", hidden: "sessions of other roles are hidden" },
  scoped: false,
  sql: () => `
    SELECT pid::text AS pid, usename::text AS "user", left(application_name, 60) AS application,
      extract(epoch FROM now() - query_start)::text AS running, wait_event_type || ': ' || wait_event AS wait, query
    FROM pg_catalog.pg_stat_activity
    WHERE state = 'active' AND backend_type = 'client backend' AND pid <> pg_backend_pid() AND query_start < now() - interval '1 second'
    ORDER BY query_start`,
  async evaluate(rows, context) {
    const findings = rows.map(async (row): Promise<Finding | undefined> => {
      const running = number(row.running);
      const severity = graded(running, [
        ["high", 3_600],
        ["medium", 300],
        ["low", 60],
      ]);
      if (!severity) return undefined;
      const wait = row.wait ? `, waits for ${row.wait}` : "";
      const evidence = `runs for ${span(running)}${wait}: ${await context.statement(row.query)}`;
      return { severity, subject: session(row), evidence, fix: cancel(row.pid) };
    });
    return (await Promise.all(findings)).filter((finding) => finding !== undefined);
  },
});
