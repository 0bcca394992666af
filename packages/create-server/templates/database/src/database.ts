import type { Credential, Log } from "@mooring/core";
import type { Pool, PoolClient } from "pg";
// begin: write
import { unconfirmed } from "./errors.ts";
// end: write

type Run = (text: string, values: readonly unknown[], signal: AbortSignal) => Promise<unknown[]>;

/** One statement in a transaction of its own. What comes from an argument goes into `values`, never into `text`. */
export interface Database {
  /** PostgreSQL itself refuses changes here; still let DATABASE_URL name a role that may do no more than it has to. */
  readonly read: Run;
  // begin: write
  readonly write: Run;
  // end: write
  close(): Promise<void>;
}

/** Connects at the first statement; none runs longer than `timeoutMs`, or on after its call was given up. */
export function createDatabase(url: Credential, timeoutMs: number, log: Log): Database {
  let opening: Promise<{ pool: Pool; canceller: Pool }> | undefined;

  async function open(connectionString: string) {
    const { Pool } = (await import("pg")).default;
    const each = { connectionString, connectionTimeoutMillis: 10_000, keepAlive: true };
    // Cancelling must not wait until one of the connections that it is to free is free.
    const pools = { pool: new Pool({ ...each, max: 5 }), canceller: new Pool({ ...each, max: 1 }) };
    for (const pool of Object.values(pools)) {
      // The end of a connection that nobody uses, or of one between two statements, would otherwise end the process.
      pool.on("error", (error) => log.warn("A connection to the database was lost.", { error }));
      pool.on("connect", (client) => client.on("error", () => {}));
    }
    return pools;
  }

  async function transaction(begin: string, signal: AbortSignal, work: (client: PoolClient) => Promise<unknown[]>) {
    const connectionString = await url.get(signal);
    const { pool, canceller } = await (opening ??= open(connectionString));
    const client = await pool.connect();
    let cancel = () => {};
    let isDone = false;
    try {
      await client.query(begin);
      const prepare = "SELECT pg_backend_pid() AS pid, set_config('statement_timeout', $1, true)";
      const { rows } = await client.query<{ pid: number }>(prepare, [String(timeoutMs)]);
      cancel = () => void canceller.query("SELECT pg_cancel_backend($1)", [rows[0]?.pid]).catch(() => client.end());
      signal.addEventListener("abort", cancel);
      signal.throwIfAborted();
      const found = await work(client);
      isDone = !signal.aborted;
      return found;
    } finally {
      signal.removeEventListener("abort", cancel);
      // Closing the connection takes back what is not committed, and a late cancel then hits nobody.
      client.release(!isDone);
    }
  }

  return {
    read: (text, values, signal) =>
      transaction("BEGIN READ ONLY", signal, async (client) => {
        const { rows } = await client.query(text, [...values]);
        await client.query("ROLLBACK");
        return rows;
      }),
    // begin: write
    write: (text, values, signal) =>
      transaction("BEGIN", signal, async (client) => {
        const { rows } = await client.query(text, [...values]);
        await client.query("COMMIT").catch(unconfirmed);
        return rows;
      }),
    // end: write
    async close() {
      const { pool, canceller } = (await opening) ?? {};
      await Promise.all([pool?.end(), canceller?.end()]);
    },
  };
}
