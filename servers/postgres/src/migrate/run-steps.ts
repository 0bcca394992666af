import type { Session } from "../database.ts";
import {
  type CatalogItem,
  catalogState,
  type OwnLock,
  ownLocks,
  type OwnScan,
  ownScans,
  type Scope,
  touched,
} from "./catalog-state.ts";
import { arrayLiteral } from "../database.ts";
import { isAnswer } from "./failure.ts";
import type { Step } from "./step.ts";

/** What one statement left behind in its transaction. */
export interface Trace {
  readonly step: Step;
  /** Milliseconds of the statement, its round trip included. */
  readonly ms: number;
  /** `UPDATE 3` */
  readonly command: string;
  readonly notices: readonly string[];
  readonly scope: Scope;
  readonly state: readonly CatalogItem[];
  readonly locks: readonly OwnLock[];
  readonly scans: readonly OwnScan[];
}

/** How long statements may take and wait, in milliseconds; Infinity where nobody limits them. */
export interface Limits {
  readonly statement: number;
  readonly lock: number;
}

const catalogPath = "SELECT pg_catalog.set_config('search_path', $1, true) AS path";

/** Runs `look` where names do not depend on a search path that the migration has set: texts of the catalog leave visible schemas out. */
export async function withFixedNames<T>(session: Session, look: () => Promise<T>): Promise<T> {
  // By `query`: rows of ours may be asked under another path.
  const { rows } = await session.query("SELECT pg_catalog.current_setting('search_path')");
  await session.query(catalogPath, ["pg_catalog"]);
  const found = await look();
  await session.query(catalogPath, [rows[0]?.[0] ?? ""]);
  return found;
}

export function readState(session: Session, { relations, objects }: Scope): Promise<CatalogItem[]> {
  return session.rows<CatalogItem>(catalogState, [arrayLiteral(relations), arrayLiteral(objects)]);
}

/** What the transaction has touched so far, and how it looks now. */
async function look(session: Session): Promise<Pick<Trace, "scope" | "state" | "locks" | "scans">> {
  // First: looking at the catalog scans and locks as well, though only what is ours to ignore.
  const scans = await session.rows<OwnScan>(ownScans);
  const locks = await session.rows<OwnLock>(ownLocks);
  return withFixedNames(session, async () => {
    const rows = await session.rows<{ kind: string; id: string }>(touched);
    const ids = (kind: string) => rows.filter((row) => row.kind === kind).map(({ id }) => id);
    const scope = { relations: ids("relation"), objects: ids("object") };
    return { scope, state: await readState(session, scope), locks, scans };
  });
}

/** Sets both limits for the rest of the transaction. */
export async function limit(session: Session, { statement, lock }: Limits): Promise<void> {
  await session.query(
    "SELECT pg_catalog.set_config('statement_timeout', $1, true), pg_catalog.set_config('lock_timeout', $2, true)",
    [setting(statement), setting(lock)],
  );
}

/** PostgreSQL's 0 is no limit at all. */
function setting(ms: number): string {
  return Number.isFinite(ms) ? String(Math.max(1, Math.ceil(ms))) : "0";
}

/** The limits as the session has them. */
export async function askedLimits(session: Session): Promise<Limits> {
  const rows = await session.rows<{ name: string; setting: string }>(
    "SELECT name, setting FROM pg_catalog.pg_settings WHERE name IN ('statement_timeout', 'lock_timeout')",
  );
  const of = (name: string) => Number(rows.find((row) => row.name === name)?.setting ?? 0) || Number.POSITIVE_INFINITY;
  return { statement: of("statement_timeout"), lock: of("lock_timeout") };
}

/** Runs one statement and looks at what it left. Throws what PostgreSQL answers to the statement. */
export async function runStep(session: Session, step: Step): Promise<Trace> {
  const began = performance.now();
  const { command, notices } = await session.query(step.sql);
  const ms = performance.now() - began;
  return { step, ms, command, notices, ...(await look(session).catch(ofOurOwn)) };
}

/** What PostgreSQL refuses of our own looking is no failure of the migration; that time is up, is. */
function ofOurOwn(error: unknown): never {
  if (!isAnswer(error) || Object(error).code === "57014") throw error;
  throw new Error("Looking at what a migration does failed.", { cause: error });
}
