import type { Credential } from "@mooring/core";
import type { Pool, PoolClient, QueryResultRow } from "pg";
// begin: write
import { unconfirmed } from "./errors.ts";
// end: write

/** One statement in a transaction of its own; what comes from an argument stands in `values`, never in `text`. */
type Run = <R extends QueryResultRow>(text: string, values: readonly unknown[], signal: AbortSignal) => Promise<R[]>;

export interface Database {
  /** PostgreSQL refuses changes here, whatever `text` says. */
  readonly read: Run;
  // begin: write
  readonly write: Run;
  // end: write
  close(): Promise<unknown>;
}

/** Connects at the first statement; none runs longer than `timeoutMs`, or on when its call was given up. */
export function createDatabase(url: Credential, timeoutMs: number): Database {
  let opened: Promise<Record<"pool" | "canceller", Pool>> | undefined;

  async function open(connectionString: string) {
    const { Pool } = (await import("pg")).default;
    const one = { connectionString, connectionTimeoutMillis: 10_000, keepAlive: true, max: 1 };
    // Cancelling must not wait for a connection that it is to free.
    const pools = { pool: new Pool({ ...one, max: 5 }), canceller: new Pool(one) };
    // A connection that is lost while nothing waits for it would end the process.
    for (const pool of Object.values(pools))
      pool.on("error", () => {}).on("connect", (client) => client.on("error", () => {}));
    return pools;
  }

  const run = (begin: string, end: (client: PoolClient) => Promise<unknown>): Run => {
    return async (text, values, signal) => {
      const connectionString = await url.get(signal);
      const { pool, canceller } = await (opened ??= open(connectionString));
      const client = await pool.connect();
      const over = new AbortController();
      let isSound = false;
      try {
        await client.query(begin);
        const prepare = "SELECT pg_backend_pid() AS pid, set_config('statement_timeout', $1, true)";
        const { rows: own } = await client.query<{ pid: number }>(prepare, [`${timeoutMs}`]);
        const cancel = () => canceller.query("SELECT pg_cancel_backend($1)", [own[0]?.pid]).catch(() => client.end());
        signal.throwIfAborted();
        signal.addEventListener("abort", cancel, { signal: over.signal });
        const { rows } = await client.query(text, [...values]);
        await end(client);
        isSound = !signal.aborted;
        return rows;
      } finally {
        over.abort();
        // Closing the connection takes back what is not committed, and a late cancel hits nobody else.
        client.release(!isSound);
      }
    };
  };

  return {
    read: run("BEGIN READ ONLY", (client) => client.query("ROLLBACK")),
    // begin: write
    write: run("BEGIN", (client) => client.query("COMMIT").catch(unconfirmed)),
    // end: write
    close: async () => Promise.all(Object.values((await opened) ?? {}).map((pool) => pool.end())),
  };
}
