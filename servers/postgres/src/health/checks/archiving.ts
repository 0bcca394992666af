import { counted, number, span } from "../amounts.ts";
import { queryCheck } from "../check.ts";

type Columns = "mode" | "unset" | "failed" | "failing" | "since" | "archived" | "recovering";

const DAY = 86_400;

/** Whether WAL reaches its archive. */
export const archiving = queryCheck<Columns>({
  name: "archiving",
  group: "replication",
  title: "Archive failures",
  why: "WAL stays on the server until it is archived, and a restore reaches no further than the archive does.",
  scoped: false,
  // archive_library came with 15. The command itself may hold a secret, so only whether there is one is asked.
  sql: (version) => `
    SELECT current_setting('archive_mode') AS mode, pg_is_in_recovery()::text AS recovering, failed_count::text AS failed,
      (current_setting('archive_command') = '' ${version >= 150000 ? "AND current_setting('archive_library') = ''" : ""})::text AS unset,
      (last_failed_time > coalesce(last_archived_time, '-infinity'))::text AS failing,
      extract(epoch FROM now() - last_failed_time)::text AS since, extract(epoch FROM now() - last_archived_time)::text AS archived
    FROM pg_catalog.pg_stat_archiver`,
  evaluate: ([row]) => {
    if (!row || row.mode === "off" || (row.mode === "on" && row.recovering === "true")) return [];
    const subject = "archive";
    if (row.unset === "true")
      return [
        {
          severity: "high",
          subject,
          evidence: "archive_mode is on, and neither archive_command nor archive_library is set: WAL piles up",
        },
      ];
    const failed = counted(number(row.failed), "failure");
    if (row.failing === "true") {
      const last = row.archived === null ? "nothing archived yet" : `last archived ${span(number(row.archived))} ago`;
      return [
        {
          severity: "high",
          subject,
          evidence: `failing: the last attempt ${span(number(row.since))} ago, ${failed}, ${last}`,
        },
      ];
    }
    if (row.since === null || number(row.since) >= DAY) return [];
    return [
      { severity: "low", subject, evidence: `works again: the last of ${failed} was ${span(number(row.since))} ago` },
    ];
  },
});
