import { number, percent } from "../amounts.ts";
import { queryCheck } from "../check.ts";
import { type Finding, graded } from "../finding.ts";

type Columns = "used" | "most" | "idle" | "here" | "limit" | "database";

/** How many of the connections that the server, and this database, allow are taken. */
export const connectionCount = queryCheck<Columns>({
  name: "connection_count",
  group: "connections",
  title: "Connections",
  why: "Past the limit every new client is refused; a pooler (PgBouncer) in front costs less than a higher limit.",
  scoped: false,
  // reserved_connections came with 16. numbackends is what every login may see.
  sql: (version) => `
    SELECT (SELECT sum(numbackends) FROM pg_catalog.pg_stat_database)::text AS used,
      (current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int
        ${version >= 160000 ? "- current_setting('reserved_connections')::int" : ""})::text AS most,
      (SELECT count(*) FROM pg_catalog.pg_stat_activity WHERE state = 'idle')::text AS idle,
      s.numbackends::text AS here, d.datconnlimit::text AS "limit", quote_ident(d.datname) AS database
    FROM pg_catalog.pg_database d JOIN pg_catalog.pg_stat_database s ON s.datid = d.oid WHERE d.datname = current_database()`,
  evaluate: ([row]) => {
    if (!row) return [];
    const server = judged(
      "server",
      number(row.used),
      number(row.most),
      `, ${row.idle} of them idle as far as this login sees`,
    );
    const limit = number(row.limit);
    return limit > 0 ? [...server, ...judged(row.database ?? "", number(row.here), limit, "")] : server;
  },
});

function judged(subject: string, used: number, most: number, more: string): Finding[] {
  const share = used / Math.max(most, 1);
  const severity = graded(share, [
    ["critical", 0.95],
    ["high", 0.85],
    ["medium", 0.7],
  ]);
  return severity ? [{ severity, subject, evidence: `${used} of ${most} connections (${percent(share)})${more}` }] : [];
}
