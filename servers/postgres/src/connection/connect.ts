import type { Client } from "pg";
import type { Address, ConnectionSettings, Timeouts } from "./settings.ts";

/** A connection that is open. */
export interface Connected {
  readonly client: Client;
  readonly address: Address;
  /** Nothing may depend on the session: statements carry what they need. */
  readonly pooler: boolean;
}

/** Logs in. Throws what the driver and the network throw: see `errors.ts`. */
export async function connect(
  settings: ConnectionSettings,
  timeouts: Timeouts,
  signal: AbortSignal,
): Promise<Connected> {
  const { Client: PgClient } = (await import("pg")).default;
  signal.throwIfAborted();
  const [address] = settings.addresses;
  const { stream } = settings;
  const client = new PgClient({
    host: address.host,
    port: address.port,
    user: settings.user,
    database: settings.database,
    password: await settings.password(address),
    ssl: settings.ssl.mode === "disable" ? false : settings.ssl.options,
    application_name: settings.applicationName,
    connectionTimeoutMillis: settings.connectTimeout,
    keepAlive: true,
    ...(stream && { stream: () => stream(address) as never }),
    ...(!settings.pooler && { options: startupOptions(settings.options, timeouts) }),
  });
  // A connection that is lost while nothing waits for it would end the process.
  client.on("error", () => {});
  const abort = () => client.connection.stream.destroy();
  signal.addEventListener("abort", abort, { once: true });
  try {
    await client.connect();
  } catch (error) {
    abort();
    signal.throwIfAborted();
    throw error;
  } finally {
    signal.removeEventListener("abort", abort);
  }
  return { client, address, pooler: settings.pooler };
}

/** What the session begins with: reading only, and nothing without an end. Ours stand last, so that they count. */
export function startupOptions(own: string, { statement, lock, idleInTransaction }: Timeouts): string {
  const settings = {
    default_transaction_read_only: "on",
    statement_timeout: statement,
    lock_timeout: lock,
    idle_in_transaction_session_timeout: idleInTransaction,
    standard_conforming_strings: "on",
  };
  return [own, ...Object.entries(settings).map(([name, value]) => `-c ${name}=${value}`)].filter(Boolean).join(" ");
}
