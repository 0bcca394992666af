import { bytes, count, GB, MB, number } from "../amounts.ts";
import { queryCheck } from "../check.ts";
import type { Finding } from "../finding.ts";

type Columns = "buffers" | "work" | "connections" | "cache" | "size";

/** Settings of memory against each other; how much the machine has, SQL cannot tell. */
export const memorySettings = queryCheck<Columns>({
  name: "memory_settings",
  group: "settings",
  title: "Memory settings",
  why: "Every sort and hash of every connection may take work_mem, and shared_buffers is what all of them share.",
  scoped: false,
  sql: () => `
    SELECT pg_size_bytes(current_setting('shared_buffers'))::text AS buffers, pg_size_bytes(current_setting('work_mem'))::text AS work,
      current_setting('max_connections') AS connections, pg_size_bytes(current_setting('effective_cache_size'))::text AS cache,
      pg_database_size(current_database())::text AS size`,
  evaluate: ([row]) => {
    const [buffers, work, most] = [number(row?.buffers), number(row?.work), number(row?.connections)];
    const [cache, size] = [number(row?.cache), number(row?.size)];
    const findings: Finding[] = [];
    if (work * most > cache) {
      const less = Math.max(4, Math.floor(cache / most / MB));
      findings.push({
        severity: work * most > 4 * cache ? "medium" : "low",
        subject: "work_mem",
        evidence: `${bytes(work)} x ${count(most)} connections = ${bytes(work * most)}, above effective_cache_size (${bytes(cache)}): memory may run out`,
        fix: less * MB < work ? `ALTER SYSTEM SET work_mem = '${less}MB'; SELECT pg_reload_conf();` : undefined,
      });
    }
    if (buffers <= 128 * MB && size >= GB)
      findings.push({
        severity: "low",
        subject: "shared_buffers",
        evidence: `${bytes(buffers)}, the default, for a database of ${bytes(size)}; a quarter of the memory is usual (needs a restart)`,
        fix: "ALTER SYSTEM SET shared_buffers = '1GB';",
      });
    return findings;
  },
});
