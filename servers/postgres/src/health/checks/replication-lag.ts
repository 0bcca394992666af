import { bytes, GB, MB, number, span } from "../amounts.ts";
import { queryCheck } from "../check.ts";
import type { Finding, Severity } from "../finding.ts";
import { session } from "./session.ts";

type Columns = "kind" | "pid" | "user" | "application" | "state" | "bytes" | "seconds" | "paused" | "receiving";

/** How far standbys are behind; on a standby, how far it is itself. */
export const replicationLag = queryCheck<Columns>({
  name: "replication_lag",
  group: "replication",
  title: "Replication lag",
  why: "Readers of a standby see old data, and what it has not received is lost when the primary is.",
  needs: { role: "pg_read_all_stats", hidden: "how far standbys are is hidden" },
  scoped: false,
  sql: () => `
    SELECT 'standby' AS kind, pid::text AS pid, usename::text AS "user", left(application_name, 60) AS application, state,
      pg_wal_lsn_diff(CASE WHEN pg_is_in_recovery() THEN pg_last_wal_receive_lsn() ELSE pg_current_wal_lsn() END, replay_lsn)::text AS bytes,
      extract(epoch FROM replay_lag)::text AS seconds, NULL AS paused, NULL AS receiving
    FROM pg_catalog.pg_stat_replication
    UNION ALL
    SELECT 'self', NULL, NULL, NULL, NULL, pg_wal_lsn_diff(pg_last_wal_receive_lsn(), pg_last_wal_replay_lsn())::text,
      CASE WHEN pg_last_wal_receive_lsn() IS DISTINCT FROM pg_last_wal_replay_lsn()
        THEN extract(epoch FROM now() - pg_last_xact_replay_timestamp()) END::text,
      CASE WHEN pg_is_in_recovery() THEN pg_is_wal_replay_paused() END::text,
      EXISTS (SELECT FROM pg_catalog.pg_stat_wal_receiver)::text
    WHERE pg_is_in_recovery()`,
  evaluate: (rows) =>
    rows.flatMap((row): Finding[] => {
      const [size, seconds] = [number(row.bytes), number(row.seconds)];
      const far = `${bytes(size)}${seconds > 0 ? ` and ${span(seconds)}` : ""} behind`;
      const late = lag(size, seconds);
      if (row.kind === "standby") {
        const state = row.state && row.state !== "streaming" ? `, ${row.state}` : "";
        return late ? [{ severity: late, subject: `standby ${session(row)}`, evidence: `${far}${state}` }] : [];
      }
      const subject = "this standby";
      if (row.paused === "true")
        return [
          { severity: "medium", subject, evidence: `replay is paused, ${far}`, fix: "SELECT pg_wal_replay_resume();" },
        ];
      if (row.receiving === "false")
        return [
          {
            severity: "medium",
            subject,
            evidence: "it receives from no primary (no WAL receiver); from an archive, if at all",
          },
        ];
      return late ? [{ severity: late, subject, evidence: `replay is ${far} what it received` }] : [];
    }),
});

function lag(size: number, seconds: number): Severity | undefined {
  if (size >= 10 * GB || (seconds >= 600 && size > 0)) return "high";
  if (size >= GB || (seconds >= 60 && size > 0)) return "medium";
  return size >= 16 * MB && seconds >= 10 ? "low" : undefined;
}
