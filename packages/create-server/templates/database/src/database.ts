import type { Credential } from "@mooring/core";
import type { Pool, QueryConfig, QueryResultRow } from "pg";

export type Database = ReturnType<typeof createDatabase>;

/** Connects at the first statement; none runs longer than `timeoutMs`, or on when its call was given up. */
export function createDatabase(url: Credential, timeoutMs: number) {
  let opened: Promise<Pool> | undefined;
  async function open(connectionString: string) {
    const { Pool } = (await import("pg")).default;
    const pool = new Pool({ connectionString, connectionTimeoutMillis: 10_000, keepAlive: true });
    // A connection that is lost while nothing waits for it would end the process.
    return pool.on("error", () => {}).on("connect", (client) => client.on("error", () => {}));
  }
  /** For one statement, not two (`extended`). What comes from an argument stands in `values`, never in `text`. */
  function transaction(begin: string, end: string) {
    return async <R extends QueryResultRow>(text: string, values: unknown[], signal: AbortSignal): Promise<R[]> => {
      const connectionString = await url.get(signal);
      const pool = await (opened ??= open(connectionString));
      const client = await pool.connect();
      const over = new AbortController();
      try {
        await client.query(`${begin}; SET LOCAL statement_timeout = ${timeoutMs}`);
        const [own] = (await client.query<{ pid: number }>("SELECT pg_backend_pid() AS pid")).rows;
        const cancel = () => pool.query("SELECT pg_cancel_backend($1)", [own?.pid]).catch(() => client.end());
        signal.addEventListener("abort", () => void cancel(), { signal: over.signal });
        signal.throwIfAborted();
        const { rows } = await client.query<R>({ text, values, queryMode: "extended" } as QueryConfig);
        await client.query(end);
        return rows;
      } finally {
        over.abort();
        // Closing a connection takes back what it did not commit, and leaves a late cancel nobody to hit.
        client.release(signal.aborted || client.getTransactionStatus() !== "I");
      }
    };
  }
  return {
    /** PostgreSQL refuses changes of its tables here, whatever `text` says. */
    read: transaction("BEGIN READ ONLY", "ROLLBACK"),
    // begin: write
    write: transaction("BEGIN", "COMMIT"),
    // end: write
    close: async () => (await opened)?.end(),
  };
}
