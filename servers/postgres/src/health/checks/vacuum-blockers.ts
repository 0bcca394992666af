import { count, number, span } from "../amounts.ts";
import { queryCheck } from "../check.ts";
import { type Finding, graded, type Severity } from "../finding.ts";
import { session, terminate } from "./session.ts";

type Columns =
  | "kind"
  | "pid"
  | "user"
  | "application"
  | "name"
  | "age"
  | "seconds"
  | "query"
  | "database"
  | "here"
  | "active";

/**
 * What keeps VACUUM from removing rows: the transactions, prepared transactions, replication slots and standbys with the
 * oldest snapshot. https://www.postgresql.org/docs/current/routine-vacuuming.html
 */
export const vacuumBlockers = queryCheck<Columns>({
  name: "vacuum_blockers",
  group: "vacuum",
  title: "What holds VACUUM back",
  why: "No row that died after this snapshot can be removed, in any table, however often VACUUM runs.",
  needs: { role: "pg_read_all_stats", hidden: "transactions of other roles and standby feedback are hidden" },
  scoped: false,
  sql: () => `
    SELECT 'transaction' AS kind, pid::text AS pid, usename::text AS "user", left(application_name, 60) AS application, NULL AS name,
      greatest(age(backend_xmin), age(backend_xid))::text AS age, extract(epoch FROM now() - xact_start)::text AS seconds, query,
      quote_ident(datname) AS database, 'true' AS here, 'true' AS active
    FROM pg_catalog.pg_stat_activity
    WHERE backend_type IS DISTINCT FROM 'walsender' AND pid <> pg_backend_pid() AND (backend_xmin IS NOT NULL OR backend_xid IS NOT NULL)
    UNION ALL
    SELECT 'prepared', NULL, owner::text, NULL, quote_literal(gid), age(transaction)::text, extract(epoch FROM now() - prepared)::text, NULL,
      quote_ident(database), (database = current_database())::text, 'true'
    FROM pg_catalog.pg_prepared_xacts
    UNION ALL
    SELECT 'slot', active_pid::text, NULL, NULL, slot_name::text, greatest(age(xmin), age(catalog_xmin))::text, NULL, NULL,
      quote_ident(database), 'true', active::text
    FROM pg_catalog.pg_replication_slots WHERE xmin IS NOT NULL OR catalog_xmin IS NOT NULL
    UNION ALL
    SELECT 'standby', pid::text, usename::text, left(application_name, 60), NULL, age(backend_xmin)::text, NULL, NULL, NULL, 'true', 'true'
    FROM pg_catalog.pg_stat_replication WHERE backend_xmin IS NOT NULL
    ORDER BY 1, 2, 5`,
  async evaluate(rows, context) {
    const findings = rows.map(async (row): Promise<Finding | undefined> => {
      const [age, seconds] = [number(row.age), number(row.seconds)];
      const severity = held(row.kind, age, seconds);
      if (!severity) return undefined;
      const since = `${count(age)} transactions old`;
      switch (row.kind) {
        case "prepared": {
          const fix = row.here === "true" ? `ROLLBACK PREPARED ${row.name};` : undefined;
          const where = `of ${row.user} in database ${row.database}`;
          return {
            severity,
            subject: `prepared transaction ${row.name}`,
            evidence: `${where}, ${span(seconds)} and ${since}`,
            fix,
          };
        }
        case "slot": {
          const idle = row.active !== "true";
          const fix = idle ? `SELECT pg_drop_replication_slot('${row.name}');` : undefined;
          return {
            severity,
            subject: `replication slot ${row.name}`,
            evidence: `${idle ? "nobody reads it, " : ""}its snapshot is ${since}`,
            fix,
          };
        }
        case "standby":
          return {
            severity,
            subject: `standby ${session(row)}`,
            evidence: `its queries hold a snapshot ${since} (hot_standby_feedback)`,
          };
        default: {
          const evidence = `its transaction is ${span(seconds)} and ${since}: ${await context.statement(row.query)}`;
          return { severity, subject: session(row), evidence, fix: terminate(row.pid) };
        }
      }
    });
    return (await Promise.all(findings)).filter((finding) => finding !== undefined);
  },
});

function held(kind: string | null, age: number, seconds: number): Severity | undefined {
  const byAge = graded(age, [
    ["high", 100_000_000],
    ["medium", 1_000_000],
    ["low", 100_000],
  ]);
  // A prepared transaction stays for ever when whoever made it is gone.
  const prepared = kind === "prepared";
  const byTime = graded(seconds, [
    ["high", prepared ? 3_600 : 21_600],
    ["medium", prepared ? 300 : 3_600],
    ["low", prepared ? 0 : 300],
  ]);
  const worse = [byAge, byTime].filter((severity) => severity !== undefined);
  return (["high", "medium", "low"] as const).find((severity) => worse.includes(severity));
}
