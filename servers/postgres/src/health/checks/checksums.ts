import { counted, number, span } from "../amounts.ts";
import { queryCheck } from "../check.ts";

/** Pages that came back from the disk other than they were written. */
export const checksums = queryCheck<"database" | "failures" | "seconds">({
  name: "checksums",
  group: "storage",
  title: "Checksum failures",
  why: "Data is damaged: look at disk, memory and backups before anything writes over what is left.",
  scoped: false,
  sql: () => `
    SELECT coalesce('database ' || quote_ident(datname), 'shared catalogs') AS database, checksum_failures::text AS failures,
      extract(epoch FROM now() - checksum_last_failure)::text AS seconds
    FROM pg_catalog.pg_stat_database WHERE checksum_failures > 0 ORDER BY checksum_failures DESC`,
  evaluate: (rows) =>
    rows.map((row) => ({
      severity: "critical",
      subject: row.database ?? "",
      evidence: `${counted(number(row.failures), "page")} failed, the last ${span(number(row.seconds))} ago`,
    })),
});
