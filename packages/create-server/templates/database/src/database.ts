import type { Credential } from "@mooring/core";
import type { Pool, PoolClient, QueryResultRow } from "pg";
// begin: write
import { unconfirmed } from "./errors.ts";
// end: write

/** One statement in a transaction of its own; what comes from an argument stands in `values`, never in `text`. */
type Run = <R extends QueryResultRow>(text: string, values: unknown[], signal: AbortSignal) => Promise<R[]>;
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

  const transaction =
    (begin: string, end: (client: PoolClient) => Promise<unknown>): Run =>
    async (text, values, signal) => {
      const connectionString = await url.get(signal);
      const pool = await (opened ??= open(connectionString));
      const client = await pool.connect();
      const over = new AbortController();
      let isSound = false;
      try {
        await client.query(begin);
        const session = "SELECT pg_backend_pid() AS pid, set_config('statement_timeout', $1, true)";
        const [own] = (await client.query<{ pid: number }>(session, [`${timeoutMs}`])).rows;
        const cancel = () => pool.query("SELECT pg_cancel_backend($1)", [own?.pid]).catch(() => client.end());
        signal.addEventListener("abort", () => void cancel(), over);
        signal.throwIfAborted();
        const { rows } = await client.query(text, values);
        await end(client);
        isSound = !signal.aborted;
        return rows;
      } finally {
        over.abort();
        client.release(!isSound); // Closing the connection takes back what is not committed.
      }
    };

  return {
    /** PostgreSQL refuses changes here, whatever `text` says. */
    read: transaction("BEGIN READ ONLY", (client) => client.query("ROLLBACK")),
    // begin: write
    write: transaction("BEGIN", (client) => client.query("COMMIT").catch(unconfirmed)),
    // end: write
    close: async () => (await opened)?.end(),
  };
}
