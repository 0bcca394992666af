import { AsyncLocalStorage } from "node:async_hooks";
import { ToolError } from "@mooring/core";
import { abortable } from "./abortable.ts";
import { requestCancel } from "./connection/cancel.ts";
import { connect } from "./connection/connect.ts";
import { copying } from "./connection/copying.ts";
import { isConnectionLost } from "./connection/lost.ts";
import { ALONE, AS_BEFORE, capturable } from "./connection/own-path.ts";
import type { Statement } from "./connection/flush.ts";
import { createPool, type Lease } from "./connection/pool.ts";
import { running, spoilt } from "./connection/running.ts";
import type { ConnectionSettings, Timeouts } from "./connection/settings.ts";
import type { CatalogRow, Database, Session, SessionOptions } from "./database.ts";
import { believing } from "./guard/believing.ts";
import { createGuard } from "./guard/guard.ts";
import { maskRows } from "./guard/masked-columns.ts";
import type { Proof } from "./guard/proof.ts";
import type { Parser } from "./guard/parser.ts";
import { OWN } from "./own-statements.ts";
import type { Policy } from "./policy.ts";
import type { RowSet, Value } from "./row-set.ts";
import { serverFacts } from "./server-facts.ts";

export interface DatabaseOptions {
  readonly name: string;
  readonly policy: Policy;
  readonly timeouts: Timeouts;
  readonly parser: Parser;
  /** Where it is: asked for each connection. */
  settings(signal: AbortSignal): Promise<ConnectionSettings>;
  readonly kind?: Database["kind"];
  /** Connections at once. Default: 5. */
  readonly max?: number;
}

/** How long a server may take to say what it is, in milliseconds: it may have to be started first. */
const FACTS_TIMEOUT = 60_000;
const READING = "BEGIN READ ONLY";
/** Idle connections are closed after this, in milliseconds. */
const IDLE = 30_000;
/** What the server does not interrupt (XPath, say) is given up so long after its own timeout, in milliseconds. */
const OVERDUE = 1_500;
/** Bytes of values that one answer keeps unless said. */
const MAX_BYTES = 1_000_000;
/** Statements of ours answer with rows, not with data. */
const CATALOG_BYTES = 12_000_000;

/** How a session asks. */
interface How {
  readonly reading: boolean;
  /** Its rows, which are ours, see pg_catalog alone. */
  readonly alone: boolean;
}

/** One database behind a pool, a guard and one way to run statements. Connects at the first call. */
export function createDatabase(options: DatabaseOptions): Database {
  const { name, policy, timeouts, parser, kind = "server" } = options;
  const pool = createPool({
    connect: async (signal) => connect(await options.settings(signal), timeouts, signal),
    cancel: requestCancel,
    max: options.max ?? 5,
    idleMs: IDLE,
  });
  let facts: ReturnType<Database["facts"]> | undefined;
  /** The session that the caller holds: who waits for a second connection while it keeps the first may wait for itself. */
  const holding = new AsyncLocalStorage<{
    readonly session: Session;
    readonly lease: Lease;
    readonly reading: boolean;
  }>();

  /** One lease for `work`; closed when it was given up, or is in no state to be used again. */
  async function leased<T>(signal: AbortSignal, work: (lease: Lease) => Promise<T>): Promise<T> {
    const lease = await pool.lease(signal, { beyond: holding.getStore() !== undefined });
    let sound = false;
    try {
      const value = await work(lease);
      sound = true;
      return value;
    } catch (error) {
      if (isConnectionLost(error)) pool.dropIdle();
      // What is left of the transaction goes in a round trip of its own: behind an error the server read no ROLLBACK.
      else if (!spoilt.has(lease) && lease.client.connection.stream.writable)
        sound = await lease.client.query("ROLLBACK").then(
          () => true,
          () => false,
        );
      throw error;
    } finally {
      lease.release(!sound || spoilt.has(lease));
    }
  }

  /** Reading is repeated once where the connection had died while nobody used it. */
  async function again<T>(signal: AbortSignal, work: (lease: Lease) => Promise<T>): Promise<T> {
    let reused = false;
    const noting = (lease: Lease) => {
      reused = lease.reused;
      return work(lease);
    };
    try {
      return await leased(signal, noting);
    } catch (error) {
      if (!reused || !isConnectionLost(error) || signal.aborted) throw error;
      return leased(signal, work);
    }
  }

  /** What only reads is waited for no longer than the server should let it run; milliseconds, 0 without a limit. */
  const patience = timeouts.statement === 0 ? 0 : timeouts.statement + OVERDUE;

  /** Behind a pooler the session is not ours: the transaction carries its limits. */
  const limits = ({ pooler }: Lease) =>
    pooler
      ? [
          `SET LOCAL statement_timeout = ${timeouts.statement}`,
          `SET LOCAL lock_timeout = ${timeouts.lock}`,
          "SET LOCAL standard_conforming_strings = on",
          // What somebody else has set in the session must not decide what names mean.
          "SET LOCAL search_path TO DEFAULT",
        ]
      : [];

  async function readOnce(
    text: string,
    values: readonly Value[],
    limit: { readonly maxRows: number; readonly skip: number; readonly maxBytes: number },
    signal: AbortSignal,
    local: readonly string[] = [],
  ): Promise<RowSet> {
    return again(signal, (lease) =>
      running(
        lease,
        { text, values, ...limit },
        { before: [READING, ...limits(lease), ...local], after: ["ROLLBACK"], named: !lease.pooler },
        signal,
        patience,
      ),
    );
  }

  async function catalog<Row extends CatalogRow>(
    text: string,
    values: readonly Value[],
    signal: AbortSignal,
  ): Promise<Row[]> {
    const held = holding.getStore();
    // What a change has not committed must not be believed later; with one connection there is no other way to look.
    if (held && (held.reading || options.max === 1)) return held.session.rows<Row>(text, values);
    // The catalog's recursions are estimated so high that compiling them takes a second where they take a millisecond.
    const local = ["SET LOCAL jit = off", ...((await captured(signal)) ? [ALONE] : [])];
    return byName<Row>(
      await readOnce(OWN + text, values, { maxRows: 0, skip: 0, maxBytes: CATALOG_BYTES }, signal, local),
    );
  }

  async function question<Row extends CatalogRow>(
    text: string,
    values: readonly Value[],
    signal: AbortSignal,
  ): Promise<Row[]> {
    const limit = { maxRows: 0, skip: 0, maxBytes: CATALOG_BYTES };
    const held = holding.getStore();
    const rows =
      held && (held.reading || options.max === 1)
        ? await running(
            held.lease,
            { text: OWN + text, values, ...limit },
            { before: [ALONE], after: [AS_BEFORE], named: false },
            signal,
          )
        : await readOnce(OWN + text, values, limit, signal, ["SET LOCAL jit = off", ALONE]);
    return byName<Row>(rows);
  }

  const guard = createGuard(parser, question, policy);

  function made(proof: Proof): Proof {
    if (!guard.made(proof)) throw new Error("A statement that this database's guard has not proved.");
    return proof;
  }

  /** Where it is, our other questions see pg_catalog alone as well; else names in their answers stay as short as people write them. */
  const believed = believing(async (_: "path", signal) => {
    const [row] = await question<{ capturable: string }>(capturable, [], signal);
    return row?.capturable !== "false";
  });
  const captured = (signal: AbortSignal) => believed("path", signal);

  function sessionOn(lease: Lease, signal: AbortSignal, { reading, alone }: How): Session {
    const run = (statement: Statement, before: readonly string[] = [], after: readonly string[] = []) =>
      running(lease, statement, { before, after, named: false }, signal, reading ? patience : 0);
    const query: Session["query"] = (text, values = [], { maxRows = 0, maxBytes = MAX_BYTES } = {}) =>
      run({ text, values, maxRows, skip: 0, maxBytes });
    return {
      pid: lease.client.processID ?? 0,
      query,
      rows: async <Row extends CatalogRow>(text: string, values: readonly Value[] = []) =>
        byName<Row>(
          await run(
            { text, values, maxRows: 0, skip: 0, maxBytes: CATALOG_BYTES },
            alone ? [ALONE] : [],
            alone ? [AS_BEFORE] : [],
          ),
        ),
    };
  }

  /** A transaction over several statements; `end` says how it ends. */
  async function transaction<T>(
    begin: string,
    { signal, timeoutMs, cleanup }: SessionOptions,
    work: (session: Session) => Promise<{ readonly commit: boolean; readonly value: T }>,
  ): Promise<T> {
    let begun = false;
    const alone = await captured(signal);
    return again(signal, async (lease) => {
      // What has begun may have had effects, so it is not repeated.
      if (begun) throw new ToolError("unavailable", "The connection broke.");
      const session = sessionOn(lease, signal, { reading: begin === READING, alone });
      // What could not be undone, an aborted call's for one, ends with the connection.
      const cleaned = async () => {
        try {
          await cleanup?.(session);
        } catch (error) {
          spoilt.add(lease);
          throw error;
        }
      };
      await session.query(begin);
      begun = true;
      for (const limit of limits(lease)) await session.query(limit);
      if (timeoutMs !== undefined)
        await session.query(
          `SET LOCAL statement_timeout = ${Math.max(1, Math.min(timeoutMs, timeouts.statement || timeoutMs))}`,
        );
      let result: { readonly commit: boolean; readonly value: T };
      try {
        result = await holding.run({ session, lease, reading: begin === READING }, () => work(session));
      } catch (error) {
        if (cleanup && !spoilt.has(lease) && !isConnectionLost(error)) {
          await lease.client.query("ROLLBACK");
          await cleaned().catch(() => {});
        }
        throw error;
      }
      if (result.commit) await commit(session);
      else await session.query("ROLLBACK");
      await cleaned();
      return result.value;
    });
  }

  return {
    name,
    policy,
    kind,
    facts(signal) {
      // One question for all who ask: it does not end because the first of them gives up.
      facts ??= serverFacts(catalog, AbortSignal.timeout(FACTS_TIMEOUT)).catch((error: unknown) => {
        facts = undefined;
        throw error;
      });
      return abortable(facts, signal);
    },
    inspect: (sql) => guard.inspect(sql),
    statements: (sql) => parser.ask("statements", sql),
    trees: (sql) => parser.ask("tree", sql),
    normalize: (sql) => parser.ask("normalize", sql),
    prove(sql, signal, how) {
      // The first call waits for the parser and for the network at the same time.
      pool.warm(signal);
      return guard.prove(sql, signal, how);
    },
    async read(proof, { params = [], maxRows, skip = 0, maxBytes = MAX_BYTES, signal }) {
      const { sql, masks } = made(proof);
      return maskRows(await readOnce(sql, params, { maxRows, skip, maxBytes }, signal), masks);
    },
    catalog,
    reading: (work, how) =>
      transaction(READING, how, async (session) => ({ commit: false, value: await work(session) })),
    writing: (work, how) => transaction("BEGIN READ WRITE", how, work),
    async alone(work, { signal, timeoutMs, cleanup }) {
      const alone = await captured(signal);
      return leased(signal, async (lease) => {
        // Its settings are changed for good, so it is nobody else's afterwards.
        spoilt.add(lease);
        const session = sessionOn(lease, signal, { reading: false, alone });
        await session.query("SET default_transaction_read_only = off");
        if (timeoutMs !== undefined) await session.query(`SET statement_timeout = ${Math.max(0, timeoutMs)}`);
        try {
          return await holding.run({ session, lease, reading: false }, () => work(session));
        } finally {
          await cleanup?.(session);
        }
      });
    },
    copyOut: async (proof, { signal, onChunk }) => {
      const { sql, showsMasked } = made(proof);
      // COPY does not say where a column comes from.
      if (showsMasked)
        throw new ToolError("denied", "Refused: masked columns cannot be exported.", {
          hint: "Name the columns that you need, without them.",
        });
      return leased(signal, (lease) => copying(lease, sql, limits(lease), onChunk, signal, patience));
    },
    close: () => pool.close(),
  };
}

/** A COMMIT whose answer is lost may have been carried out. */
async function commit(session: Session): Promise<void> {
  const { command } = await session.query("COMMIT").catch((error: unknown) => {
    if (!isConnectionLost(error)) throw error;
    throw new ToolError("outcome_unknown", "The connection broke while the change was committed.", {
      hint: "Look whether it was made before repeating it.",
      cause: error,
    });
  });
  if (command !== "COMMIT")
    throw new ToolError("conflict", "PostgreSQL rolled the transaction back instead of committing it.", {
      hint: "A statement in it had failed: nothing was changed.",
    });
}

function byName<Row extends CatalogRow>({ columns, rows }: RowSet): Row[] {
  return rows.map((row) => Object.fromEntries(columns.map(({ name }, i) => [name, row[i] ?? null])) as Row);
}
