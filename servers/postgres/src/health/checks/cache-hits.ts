import { count, number, percent } from "../amounts.ts";
import { queryCheck } from "../check.ts";
import { graded } from "../finding.ts";

/** Blocks below which a ratio says nothing. */
const ENOUGH = 100_000;

/** Share of blocks that shared_buffers had. */
export const cacheHits = queryCheck<"hit" | "read" | "buffers">({
  name: "cache_hits",
  group: "storage",
  title: "Cache hit ratio",
  why: "The rest comes from the system's cache or the disk: more shared_buffers, or queries that read less, would help.",
  scoped: false,
  sql: () => `
    SELECT blks_hit::text AS hit, blks_read::text AS read, current_setting('shared_buffers') AS buffers
    FROM pg_catalog.pg_stat_database WHERE datname = current_database()`,
  evaluate: ([row]) => {
    const [hit, read] = [number(row?.hit), number(row?.read)];
    if (hit + read < ENOUGH) return [];
    const severity = graded(read / (hit + read), [
      ["medium", 0.1],
      ["low", 0.03],
    ]);
    if (!severity) return [];
    const evidence = `${percent(hit / (hit + read))} of ${count(hit + read)} blocks were in shared_buffers (${row?.buffers})`;
    return [{ severity, subject: "cache", evidence }];
  },
});
