import { bytes, GB, number } from "../amounts.ts";
import { queryCheck } from "../check.ts";

/** WAL files far above what checkpoints and wal_keep_size ask for. */
export const walRetained = queryCheck<"bytes" | "files" | "expected">({
  name: "wal_retained",
  group: "replication",
  title: "WAL retained",
  why: "Slots, a failing archive or a checkpoint that cannot keep up hold WAL; a full WAL disk stops the server.",
  // pg_ls_waldir is granted to pg_monitor.
  needs: { role: "pg_monitor" },
  scoped: false,
  sql: () => `
    SELECT sum(size)::text AS bytes, count(*)::text AS files,
      (pg_size_bytes(current_setting('max_wal_size')) + pg_size_bytes(current_setting('wal_keep_size')))::text AS expected
    FROM pg_ls_waldir()`,
  evaluate: ([row]) => {
    const [size, expected] = [number(row?.bytes), number(row?.expected)];
    if (size < GB || size < 2 * expected) return [];
    const evidence = `${bytes(size)} in ${row?.files} files, where max_wal_size and wal_keep_size ask for ${bytes(expected)}`;
    return [{ severity: size >= 10 * expected ? "high" : "medium", subject: "pg_wal", evidence }];
  },
});
