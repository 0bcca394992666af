import { counted, number, span } from "../amounts.ts";
import { queryCheck } from "../check.ts";
import { type Finding, graded } from "../finding.ts";
import { session, terminate } from "./session.ts";

type Columns = "pid" | "user" | "application" | "idle" | "open" | "blocked" | "locks" | "aborted" | "query";

/** Sessions that began a transaction and do nothing. */
export const idleTransactions = queryCheck<Columns>({
  name: "idle_transactions",
  group: "connections",
  title: "Idle in transaction",
  why: "Its locks stay, and VACUUM can remove no row that it may still see; idle_in_transaction_session_timeout ends such sessions.",
  needs: { role: "pg_read_all_stats", hidden: "sessions of other roles are hidden" },
  scoped: false,
  sql: () => `
    SELECT a.pid::text AS pid, a.usename::text AS "user", left(a.application_name, 60) AS application, (a.state LIKE '%aborted%')::text AS aborted,
      extract(epoch FROM now() - a.state_change)::text AS idle, extract(epoch FROM now() - a.xact_start)::text AS open,
      (SELECT count(*) FROM pg_catalog.pg_locks w WHERE NOT w.granted AND a.pid = ANY (pg_blocking_pids(w.pid)))::text AS blocked,
      (SELECT count(*) FROM pg_catalog.pg_locks l WHERE l.pid = a.pid AND l.granted AND l.locktype = 'relation')::text AS locks, a.query
    FROM pg_catalog.pg_stat_activity a
    WHERE a.state LIKE 'idle in transaction%' AND a.pid <> pg_backend_pid() AND a.state_change < now() - interval '2 seconds'
    ORDER BY a.state_change`,
  evaluate: (rows, context) =>
    Promise.all(
      rows.map(async (row): Promise<Finding> => {
        const [idle, blocked] = [number(row.idle), number(row.blocked)];
        const alone = graded(idle, [
          ["high", 600],
          ["medium", 60],
          ["low", 0],
        ]);
        const blocking = blocked > 0 ? `, blocks ${counted(blocked, "session")}` : "";
        const failed = row.aborted === "true" ? ", its transaction failed" : "";
        return {
          severity: blocked > 0 && alone !== "high" ? (idle >= 60 ? "high" : "medium") : (alone ?? "low"),
          subject: session(row),
          evidence: `idle for ${span(idle)} in a transaction of ${span(number(row.open))}${failed}, locks ${counted(number(row.locks), "relation")}${blocking}; last: ${await context.statement(row.query)}`,
          fix: terminate(row.pid),
        };
      }),
    ),
});
