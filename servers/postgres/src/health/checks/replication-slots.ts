import { bytes, GB, MB, number, span } from "../amounts.ts";
import { queryCheck, type Rows } from "../check.ts";
import type { Severity } from "../finding.ts";

type Columns =
  | "name"
  | "literal"
  | "type"
  | "database"
  | "active"
  | "status"
  | "retained"
  | "bound"
  | "idle"
  | "reason";

/** Replication slots that nobody reads, that keep much WAL, or that have lost what they need. */
export const replicationSlots = queryCheck<Columns>({
  name: "replication_slots",
  group: "replication",
  title: "Replication slots",
  why: "A slot keeps WAL until its reader has it: one that nobody reads fills the disk; max_slot_wal_keep_size bounds it.",
  scoped: false,
  // inactive_since and invalidation_reason came with 17; wal_status 'lost' tells up to 16.
  sql: (version) => `
    SELECT slot_name::text AS name, quote_literal(slot_name) AS literal, slot_type AS type, quote_ident(database) AS database, active::text AS active,
      wal_status AS status, current_setting('max_slot_wal_keep_size') AS bound,
      pg_wal_lsn_diff(CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() ELSE pg_current_wal_lsn() END, restart_lsn)::text AS retained,
      ${version >= 170000 ? "extract(epoch FROM now() - inactive_since)::text" : "NULL"} AS idle,
      ${version >= 170000 ? "invalidation_reason" : "NULL"} AS reason
    FROM pg_catalog.pg_replication_slots WHERE NOT temporary ORDER BY restart_lsn NULLS LAST, 1`,
  evaluate: (rows) =>
    rows.flatMap((row) => {
      const severity = judged(row);
      if (!severity) return [];
      const retained = number(row.retained);
      const reader =
        row.active === "true" ? "read" : `read by nobody${row.idle ? ` for ${span(number(row.idle))}` : ""}`;
      const status = row.status && row.status !== "reserved" ? `, WAL ${row.status}` : "";
      const reason = row.reason ? ` (${row.reason})` : "";
      const where = row.database ? ` of database ${row.database}` : "";
      const bound = row.bound === "-1" ? ", unbounded (max_slot_wal_keep_size)" : "";
      return [
        {
          severity,
          subject: `slot ${row.name}`,
          evidence: `${row.type}${where}, ${reader}, keeps ${bytes(retained)} of WAL${bound}${status}${reason}`,
          fix: row.active === "true" ? undefined : `SELECT pg_drop_replication_slot(${row.literal});`,
        },
      ];
    }),
});

function judged(row: Rows<Columns>[number]): Severity | undefined {
  const retained = number(row.retained);
  if (row.status === "lost" || row.status === "unreserved") return "high";
  if (row.active === "true") return retained >= 10 * GB ? "medium" : undefined;
  if (retained >= 10 * GB || (row.bound === "-1" && retained >= GB)) return "high";
  return retained >= 100 * MB ? "medium" : "low";
}
