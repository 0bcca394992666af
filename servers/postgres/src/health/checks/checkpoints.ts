import { bytes, counted, number, percent, span } from "../amounts.ts";
import { queryCheck } from "../check.ts";

/** Checkpoints that were asked for because WAL had filled up, rather than come by the clock. */
export const checkpoints = queryCheck<"timed" | "requested" | "seconds" | "size">({
  name: "checkpoints",
  group: "storage",
  title: "Checkpoint pressure",
  why: "Each checkpoint makes the next change of every page write it whole: a larger max_wal_size spreads that out.",
  scoped: false,
  // 17 moved the counters from pg_stat_bgwriter to pg_stat_checkpointer.
  sql: (version) => `
    SELECT ${version >= 170000 ? "num_timed" : "checkpoints_timed"}::text AS timed, ${version >= 170000 ? "num_requested" : "checkpoints_req"}::text AS requested,
      extract(epoch FROM now() - coalesce(stats_reset, pg_postmaster_start_time()))::text AS seconds,
      pg_size_bytes(current_setting('max_wal_size'))::text AS size
    FROM pg_catalog.${version >= 170000 ? "pg_stat_checkpointer" : "pg_stat_bgwriter"}`,
  evaluate: ([row]) => {
    const [timed, requested, seconds] = [number(row?.timed), number(row?.requested), number(row?.seconds)];
    const share = requested / Math.max(timed + requested, 1);
    if (requested < 10 || share < 0.5) return [];
    const apart = seconds / requested;
    const size = number(row?.size);
    const larger = `${Math.round((size * 2) / 1_048_576)}MB`;
    return [
      {
        severity: apart < 300 ? "medium" : "low",
        subject: "checkpoints",
        evidence: `${counted(requested, "was", "were")} requested (${percent(share)}), one in ${span(apart)}; max_wal_size is ${bytes(size)} (CHECKPOINT and backups count too)`,
        fix: `ALTER SYSTEM SET max_wal_size = '${larger}'; SELECT pg_reload_conf();`,
      },
    ];
  },
});
