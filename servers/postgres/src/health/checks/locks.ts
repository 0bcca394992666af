import { counted, number, span } from "../amounts.ts";
import { type CheckContext, queryCheck, type Rows } from "../check.ts";
import { type Finding, graded } from "../finding.ts";
import { visible } from "../scope.ts";
import { cancel, session, terminate } from "./session.ts";

type Columns = "pid" | "blockers" | "waits" | "mode" | "target" | "user" | "application" | "state" | "open" | "query";
type Row = Rows<Columns>[number];

/** Waiting sessions that one finding names. */
const NAMED = 10;

/** Who waits for whose lock, as trees: each finding is a session that blocks others and waits for nobody. */
export const locks = queryCheck<Columns>({
  name: "locks",
  group: "connections",
  title: "Sessions blocked by locks",
  why: "Ending the one at the root lets all the others go on.",
  needs: { role: "pg_read_all_stats", hidden: "what sessions of other roles do is hidden" },
  scoped: true,
  // waitstart came with 14; before, the start of the statement is the nearest there is.
  sql: (version) => `
    WITH waiting AS (
      SELECT l.pid, pg_blocking_pids(l.pid) AS blockers, l.mode, l.locktype, l.relation, l.database,
        ${version >= 140000 ? "l.waitstart" : "NULL::timestamptz"} AS since
      FROM pg_catalog.pg_locks l WHERE NOT l.granted),
    involved AS (SELECT pid FROM waiting UNION SELECT unnest(blockers) FROM waiting)
    SELECT i.pid::text AS pid, w.blockers::text AS blockers, extract(epoch FROM now() - coalesce(w.since, a.query_start))::text AS waits, w.mode,
      CASE WHEN w.relation IS NULL THEN w.locktype WHEN c.oid IS NULL THEN 'a relation'
        WHEN ${visible("n.nspname")} THEN format('%I.%I', n.nspname, c.relname) ELSE 'a hidden relation' END AS target,
      a.usename::text AS "user", left(a.application_name, 60) AS application, a.state,
      extract(epoch FROM now() - a.xact_start)::text AS open, a.query
    FROM involved i LEFT JOIN waiting w ON w.pid = i.pid LEFT JOIN pg_catalog.pg_stat_activity a ON a.pid = i.pid
    LEFT JOIN pg_catalog.pg_class c ON c.oid = w.relation AND w.database IN (0, (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database()))
    LEFT JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    ORDER BY i.pid`,
  evaluate: (rows, context) => Promise.all(roots(rows).map((root) => finding(root, rows, context))),
});

const blockersOf = ({ blockers }: Row): string[] => (blockers ? blockers.slice(1, -1).split(",").filter(Boolean) : []);

/** Those that wait for nobody, and one of each circle: it waits for the deadlock to be found. */
function roots(rows: Rows<Columns>): Row[] {
  const free = rows.filter((row) => blockersOf(row).length === 0);
  const reached = new Set(free.flatMap((root) => [root, ...below(root, rows).map(({ row }) => row)]));
  const circles: Row[] = [];
  for (const row of rows) {
    if (reached.has(row)) continue;
    circles.push(row);
    for (const each of [row, ...below(row, rows).map(({ row: under }) => under)]) reached.add(each);
  }
  return [...free, ...circles];
}

interface Waiting {
  readonly row: Row;
  readonly depth: number;
}

/** All that wait for it, also through others, each once. */
function below(root: Row, rows: Rows<Columns>): Waiting[] {
  const found: Waiting[] = [];
  const seen = new Set([root.pid]);
  const visit = (blocker: Row, depth: number): void => {
    for (const row of rows) {
      if (seen.has(row.pid) || !blockersOf(row).includes(blocker.pid ?? "")) continue;
      seen.add(row.pid);
      found.push({ row, depth });
      visit(row, depth + 1);
    }
  };
  visit(root, 0);
  return found;
}

async function finding(root: Row, rows: Rows<Columns>, context: CheckContext): Promise<Finding> {
  const waiting = below(root, rows);
  const longest = Math.max(0, ...waiting.map(({ row }) => number(row.waits)));
  const named = await Promise.all(
    waiting.slice(0, NAMED).map(async ({ row, depth }) => {
      const on = row.target ? ` on ${row.target}` : "";
      return `\n    ${"  ".repeat(depth)}${session(row)} waits ${span(number(row.waits))} for ${row.mode}${on}: ${await context.statement(row.query)}`;
    }),
  );
  const rest = waiting.length > NAMED ? `\n    and ${waiting.length - NAMED} more` : "";
  // Process 0 stands for a prepared transaction, which has no session to end.
  const prepared = root.pid === "0";
  const idle = root.state?.startsWith("idle") ?? false;
  const state = root.state ? `${root.state}, transaction of ${span(number(root.open))}` : "state hidden";
  const what = prepared ? "" : `${state}: ${await context.statement(root.query)}; `;
  return {
    severity:
      graded(longest, [
        ["high", 60],
        ["medium", 5],
      ]) ?? "low",
    subject: prepared ? "a prepared transaction" : session(root),
    evidence: `${what}blocks ${counted(waiting.length, "session")} for up to ${span(longest)}${named.join("")}${rest}`,
    fix: prepared ? undefined : idle ? terminate(root.pid) : cancel(root.pid),
  };
}
