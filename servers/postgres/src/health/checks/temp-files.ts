import { bytes, counted, GB, MB, number } from "../amounts.ts";
import { queryCheck } from "../check.ts";
import { graded } from "../finding.ts";

const [HOUR, DAY] = [3_600, 86_400];

/** Sorts and hashes that did not fit into work_mem. */
export const tempFiles = queryCheck<"files" | "bytes" | "memory" | "database">({
  name: "temp_files",
  group: "storage",
  title: "Spills to disk",
  why: "Sorts and hashes that spill are slow and fill the disk; log_temp_files shows which statements, an index or more work_mem helps.",
  scoped: false,
  sql: () => `
    SELECT temp_files::text AS files, temp_bytes::text AS bytes, current_setting('work_mem') AS memory, quote_ident(datname) AS database
    FROM pg_catalog.pg_stat_database WHERE datname = current_database()`,
  evaluate: ([row], { surroundings: { countedSeconds } }) => {
    const size = number(row?.bytes);
    // A young counter would make one large sort look like a flood.
    const daily = (size / Math.max(countedSeconds, HOUR)) * DAY;
    const severity =
      size < 100 * MB
        ? undefined
        : graded(daily, [
            ["medium", 10 * GB],
            ["low", GB],
          ]);
    if (!severity) return [];
    const evidence = `${bytes(size)} in ${counted(number(row?.files), "temporary file")}, ${bytes(daily)} a day; work_mem is ${row?.memory}`;
    return [
      {
        severity,
        subject: `database ${row?.database}`,
        evidence,
        fix: "ALTER SYSTEM SET log_temp_files = '10MB'; SELECT pg_reload_conf();",
      },
    ];
  },
});
