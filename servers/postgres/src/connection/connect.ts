import { ToolError } from "@mooring/core";
import type { Client } from "pg";
import { type Session, logIn } from "./login.ts";
import { OWN } from "../own-statements.ts";
import { checkSearchPath } from "./search-path.ts";
import type { Address, ConnectionSettings, Timeouts } from "./settings.ts";
import { dependsOnReadOnly, suits } from "./target.ts";
import { type Encryption, openTransport, TlsFailure, type Transport } from "./transport.ts";

/** A connection that is open. */
export interface Connected {
  readonly client: Client;
  readonly address: Address;
  /** Nothing may depend on the session: statements carry what they need. */
  readonly pooler: boolean;
  /** The way there, for a second connection that cancels what this one runs. */
  readonly way: Pick<ConnectionSettings, "ssl" | "stream"> & {
    /** Where a name or a list of hosts led to: another server would know nothing of this one's sessions. */
    readonly address: Address;
    readonly encryption: Encryption;
  };
}

/** SQLSTATEs: https://www.postgresql.org/docs/current/errcodes-appendix.html */
const CANNOT_CONNECT_NOW = "57P03";
const refusedLogins: readonly unknown[] = ["28P01", "28000"];

/** Where PgBouncer and Supavisor listen unless told otherwise. */
const poolerPorts: readonly number[] = [6432, 6543];

/**
 * Logs in to the first of the addresses that answers and is the target. As in libpq, a server that refuses the login ends the
 * search; one that cannot be reached, is starting up, or is not the target does not. Throws what the driver and the network
 * throw (see `errors.ts`), and `ToolError` for what only the configuration can mend.
 */
export async function connect(
  settings: ConnectionSettings,
  timeouts: Timeouts,
  signal: AbortSignal,
): Promise<Connected> {
  const { target, addresses } = settings;
  const rounds = target === "prefer-standby" ? (["standby", "any"] as const) : ([target] as const);
  let failure: unknown;
  for (const wanted of rounds) {
    for (const address of addresses) {
      try {
        const found = await new Attempt({ ...settings, target: wanted }, address, timeouts, signal).connect();
        if (found) return found;
        failure ??= notTarget(settings);
      } catch (error) {
        signal.throwIfAborted();
        if (isAnswer(error) && codeOf(error) !== CANNOT_CONNECT_NOW) throw error;
        if (error instanceof ToolError && !error.retryable) throw error;
        failure = error;
      }
    }
  }
  throw failure;
}

/** What the session begins with: reading only, and nothing without an end. Ours stand last, so that they count. */
export function startupOptions(
  own: string,
  { statement, lock, idleInTransaction }: Timeouts,
  { readOnly = true }: { readonly readOnly?: boolean } = {},
): string {
  const settings = {
    ...(readOnly && { default_transaction_read_only: "on" }),
    statement_timeout: statement,
    lock_timeout: lock,
    idle_in_transaction_session_timeout: idleInTransaction,
    standard_conforming_strings: "on",
  };
  return [own, ...Object.entries(settings).map(([name, value]) => `-c ${name}=${value}`)].filter(Boolean).join(" ");
}

/** One address: what is tried there one after the other, in the time that one address may take. */
class Attempt {
  readonly #settings: ConnectionSettings;
  readonly #address: Address;
  readonly #timeouts: Timeouts;
  readonly #signal: AbortSignal;
  /** What the server was told; `undefined` before it asked. */
  #password: string | undefined;

  constructor(settings: ConnectionSettings, address: Address, timeouts: Timeouts, signal: AbortSignal) {
    this.#settings = settings;
    this.#address = address;
    this.#timeouts = timeouts;
    this.#signal = signal;
  }

  /** `undefined`: a server that is not the target. */
  async connect(): Promise<Connected | undefined> {
    const [first, second] = this.#encryptions();
    try {
      return await this.#encrypted(first);
    } catch (error) {
      const told = error instanceof TlsFailure ? error.cause : error;
      if (second === undefined || !mayFallBack(error)) throw told;
      try {
        return await this.#encrypted(second);
      } catch (again) {
        this.#signal.throwIfAborted();
        // Of two refusals the one of the encrypted connection says more, unless the server has no TLS at all.
        throw second === "on" && !(again instanceof TlsFailure && again.cause instanceof ToolError)
          ? again instanceof TlsFailure
            ? again.cause
            : again
          : told;
      }
    }
  }

  /** https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNECT-SSLMODE: sockets of this machine are not encrypted. */
  #encryptions(): readonly [Encryption, Encryption?] {
    const { host, hostaddr } = this.#address;
    const { mode } = this.#settings.ssl;
    if (mode === "disable" || (/^[/@]/.test(host) && hostaddr === undefined)) return ["off"];
    if (mode === "allow") return ["off", "on"];
    return mode === "prefer" ? ["try", "off"] : ["on"];
  }

  /** Once more with another password where the first was refused and its source has another one. */
  async #encrypted(encryption: Encryption): Promise<Connected | undefined> {
    this.#password = undefined;
    try {
      return await this.#pooled(encryption);
    } catch (error) {
      const { refused } = this.#settings;
      const before = this.#password;
      if (before === undefined || !refused || !refusedLogins.includes(codeOf(error))) throw error;
      await refused(before);
      if ((await this.#settings.password(this.#address)) === before) throw error;
      return this.#pooled(encryption);
    }
  }

  /** Once more without options where what answers turns out to be a pooler. */
  async #pooled(encryption: Encryption): Promise<Connected | undefined> {
    const { pooler, poolerSeen } = this.#settings;
    try {
      const isKnown = pooler || poolerSeen?.value || (poolerSeen && poolerPorts.includes(this.#address.port));
      if (isKnown) return await this.#session(encryption, true);
      try {
        return await this.#session(encryption, false);
      } catch (error) {
        if (!poolerSeen || !refusesOptions(error)) throw error;
        poolerSeen.value = true;
        return await this.#session(encryption, true);
      }
    } catch (error) {
      throw refusesOptions(error) ? optionsRefused(error) : error;
    }
  }

  async #session(encryption: Encryption, pooler: boolean): Promise<Connected | undefined> {
    const { target, poolerSeen, options, ssl, stream } = this.#settings;
    const limit = timeLimit(this.#settings.connectTimeout, this.#signal);
    let transport: Transport | undefined;
    const abort = () => transport?.stream.destroy(limit.signal.reason as Error);
    limit.signal.addEventListener("abort", abort, { once: true });
    try {
      transport = await openTransport(this.#settings, this.#address, encryption, limit.signal);
      const readOnly = !dependsOnReadOnly(target);
      const session = await logIn(transport, {
        settings: this.#settings,
        address: this.#address,
        options: pooler ? options : startupOptions(options, this.#timeouts, { readOnly }),
        // A command that fetches one is not the server's delay.
        password: () => limit.without(async () => (this.#password = await this.#settings.password(this.#address))),
      });
      if (!(await suits(session, target))) {
        await session.client.end();
        return undefined;
      }
      if (!pooler && !readOnly) await session.client.query("SET default_transaction_read_only = on");
      if (poolerSeen && !pooler && !(await tookOptions(session))) poolerSeen.value = true;
      await prepareSession(session, pooler || poolerSeen?.value === true);
      limit.signal.throwIfAborted();
      return {
        client: session.client,
        address: this.#address,
        pooler: pooler || poolerSeen?.value === true,
        way: {
          ssl,
          ...(stream && { stream }),
          address: reached(transport, this.#address),
          encryption: transport.encrypted ? "on" : "off",
        },
      };
    } catch (error) {
      transport?.stream.destroy();
      limit.signal.throwIfAborted();
      throw error;
    } finally {
      limit.signal.removeEventListener("abort", abort);
      limit.end();
    }
  }
}

const searchPath = "pg_catalog.current_schemas(true)::pg_catalog.text AS path";
const noticing = "pg_catalog.set_config('client_connection_check_interval', '2s', false)";

/**
 * Asks for the search path, which {@link checkSearchPath} judges, and lets the server look now and then whether we are still
 * there, so that a statement of ours does not outlive a process that was killed. The latter from PostgreSQL 14 on, not on every
 * system, and not in a session that others use: without it the statement timeout has to do.
 * https://www.postgresql.org/docs/current/runtime-config-connection.html#GUC-CLIENT-CONNECTION-CHECK-INTERVAL
 */
async function prepareSession({ client, parameters }: Session, pooler: boolean): Promise<void> {
  const notices = !pooler && Number.parseInt(parameters.get("server_version") ?? "0", 10) >= 14;
  const ask = (text: string) => client.query<{ path: string }>(text);
  const { rows } = await ask(`${OWN}SELECT ${searchPath}${notices ? `, ${noticing}` : ""}`).catch((error: unknown) => {
    if (!notices || !isAnswer(error)) throw error;
    return ask(`${OWN}SELECT ${searchPath}`);
  });
  checkSearchPath(rows[0]?.path ?? "");
}

/** Whether the options of the start count in this session. Poolers that pass them over in silence exist. */
async function tookOptions({ client, parameters }: Session): Promise<boolean> {
  // PostgreSQL 14 and later says it by itself.
  if (parameters.get("default_transaction_read_only") === "on") return true;
  const { rows } = await client.query<[string]>({ text: "SHOW default_transaction_read_only", rowMode: "array" });
  return rows[0]?.[0] === "on";
}

function reached({ stream }: Transport, address: Address): Address {
  const { remoteAddress } = stream as { readonly remoteAddress?: string };
  return remoteAddress ? { ...address, hostaddr: remoteAddress } : address;
}

interface TimeLimit {
  readonly signal: AbortSignal;
  /** Runs something whose time does not count. */
  without<T>(work: () => Promise<T>): Promise<T>;
  end(): void;
}

/** Aborts with `ETIMEDOUT` after so many milliseconds (0: never), and when `outer` does. */
function timeLimit(ms: number, outer: AbortSignal): TimeLimit {
  const controller = new AbortController();
  const follow = () => controller.abort(outer.reason);
  if (outer.aborted) follow();
  outer.addEventListener("abort", follow, { once: true });
  let timer: NodeJS.Timeout | undefined;
  const start = () => {
    const late = Object.assign(new Error("The server does not answer in time."), { code: "ETIMEDOUT" });
    if (ms > 0) timer = setTimeout(() => controller.abort(late), ms);
  };
  start();
  return {
    signal: controller.signal,
    async without(work) {
      clearTimeout(timer);
      try {
        return await work();
      } finally {
        start();
      }
    },
    end() {
      clearTimeout(timer);
      outer.removeEventListener("abort", follow);
    },
  };
}

/** A refused password is not sent once more without encryption; anything else that the server says of the login may depend on it. */
function mayFallBack(error: unknown): boolean {
  return (
    error instanceof TlsFailure || (isAnswer(error) && !["28P01", CANNOT_CONNECT_NOW].includes(codeOf(error) as string))
  );
}

/** PgBouncer says `unsupported startup parameter: options`, RDS Proxy that it does not support command-line options. */
function refusesOptions(error: unknown): boolean {
  const { message } = error as Error;
  return (
    isAnswer(error) &&
    ["08P01", "0A000"].includes(codeOf(error) as string) &&
    /startup parameter|options/i.test(message)
  );
}

/** What the server itself says: five characters of SQLSTATE. */
function isAnswer(error: unknown): boolean {
  return error instanceof Error && "severity" in error && /^[0-9A-Z]{5}$/.test(String(codeOf(error)));
}

function codeOf(error: unknown): unknown {
  return (error as { readonly code?: unknown } | undefined)?.code;
}

function optionsRefused(cause: unknown): ToolError {
  return new ToolError(
    "unavailable",
    "What answers takes no options at the start of a session: it is a pooler, or like one.",
    {
      hint: "Ask the person to leave out PGOPTIONS and options=, and to start the server with --pooler auto or --pooler on.",
      retryable: false,
      cause,
    },
  );
}

function notTarget({ target, addresses }: ConnectionSettings): ToolError {
  const what = addresses.length === 1 ? "The server is not" : `None of the ${addresses.length} servers is`;
  return new ToolError("unavailable", `${what} what target_session_attrs=${target} asks for.`, {
    hint: "Try again after a failover; else ask the person to check the hosts and target_session_attrs.",
  });
}
