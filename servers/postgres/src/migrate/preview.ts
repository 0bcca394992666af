import { ToolError } from "@mooring/core";
import { arrayLiteral, type Database } from "../database.ts";
import { adviceFor } from "./advice.ts";
import { lossesOf } from "./losses.ts";
import { type CatalogItem, type OwnLock, type OwnScan, type Scope, type Size, sizes } from "./catalog-state.ts";
import { type Bond, bondOf } from "./bond.ts";
import { catalogFrom, type Changes } from "./diff.ts";
import { type Holder, holdersOf } from "./holders.ts";
import { blockingWrites, type LockTaken, newLocks, strengthOf } from "./locks.ts";
import { refuseReach } from "./policy-check.ts";
import { type Halt, type Ran, runAll, type RunLimits } from "./run-all.ts";
import { readState, type Trace, withFixedNames } from "./run-steps.ts";
import { quoted, type Step } from "./step.ts";

/** What one statement does, as it was tried. */
export interface StepReport {
  readonly step: Step;
  readonly ms: number;
  readonly locks: readonly LockTaken[];
  readonly changes: readonly string[];
  /** Tables and indexes that were there before and whose rows were written anew. */
  readonly rewritten: readonly string[];
  /** Tables that were there before and were scanned: how often, and the rows that this process read. */
  readonly scanned: readonly { readonly name: string; readonly times: number; readonly rows: number }[];
  /** Rows that it inserted, changed or removed; `undefined` for statements that do not. */
  readonly rows: number | undefined;
  readonly notices: readonly string[];
  /** What changes of type do to values, in our words. */
  readonly losses: readonly string[];
  readonly advice: readonly string[];
}

export interface Preview {
  /** Statements of the migration, whether they were tried or not. */
  readonly total: number;
  readonly steps: readonly StepReport[];
  readonly halt: Halt | undefined;
  /** How the statement that stopped it could be done with less waiting. */
  readonly haltAdvice: readonly string[];
  /** Sizes of the relations that it touches, by OID. */
  readonly sizes: ReadonlyMap<string, Size>;
  /** Who holds locks now on what it locks against writes, or on what it could not lock. */
  readonly holders: readonly Holder[];
  readonly bond: Bond;
}

/**
 * Tries the statements in a transaction that is rolled back, and reports what each did. Others feel its locks, and only that
 * long. What PostgreSQL refuses becomes part of the report.
 * @throws ToolError `denied` where the operator's policy does not allow what was touched; what a broken connection throws
 */
export async function previewSteps(
  database: Database,
  steps: readonly Step[],
  limits: RunLimits,
  signal: AbortSignal,
): Promise<Preview> {
  const { traces, scans, halt, pid } = await database.writing<Ran & { readonly pid: number }>(
    async (session) => {
      const ran = await runAll(session, steps, limits, database.policy);
      return { commit: false, value: { ...ran, pid: session.pid } };
    },
    { signal },
  );

  if (halt?.kind === "fails" && /^(42501|25006)$/.test(halt.failure.state)) throw mayNot(halt.step, halt.error);
  const scope = unionOf(traces);
  // Once it is rolled back: everything is again as it was before.
  const [before, measured] = await database.reading(
    (session) =>
      withFixedNames(
        session,
        async () =>
          [await readState(session, scope), await session.rows<Size>(sizes, [arrayLiteral(scope.relations)])] as const,
      ),
    { signal },
  );
  refuseReach(database.policy, [], before, "The migration");

  const reports = reportsOf(traces, before, scans);
  const locked = reports.flatMap((report) => report.locks.filter(({ mode }) => strengthOf(mode) >= blockingWrites));
  const relids = [...new Set(locked.map(({ relid }) => relid))];
  const names =
    halt?.kind === "fails" && halt.failure.state === "55P03" ? halt.step.inspection.relations.map(quoted) : [];
  return {
    total: steps.length,
    steps: reports,
    halt,
    haltAdvice: halt && "step" in halt && waits(halt) ? adviceFor(halt.step, { touchesOld: true, rewrites: true }) : [],
    sizes: new Map(measured.map((size) => [size.relid, size])),
    holders: await holdersOf(database, { relids, names, except: [pid] }, signal),
    bond: bondOf(scope, before, traces),
  };
}

function mayNot({ number, line }: Step, cause: unknown): ToolError {
  return new ToolError("denied", `The role of this connection may not run statement ${number} (line ${line}).`, {
    hint: "Ask the person for a role that may: usually the owner of what is changed.",
    cause,
  });
}

/** It was too large or too long, or waited for a lock: the same can be done more gently. */
function waits(halt: Halt): boolean {
  return halt.kind === "large" || (halt.kind === "fails" && /^(55P03|57014)$/.test(halt.failure.state));
}

export function unionOf(traces: readonly Pick<Trace, "scope">[]): Scope {
  const all = (member: keyof Scope) => [...new Set(traces.flatMap(({ scope }) => scope[member]))];
  return { relations: all("relations"), objects: all("objects") };
}

/** Statement by statement, what was new in each. */
export function reportsOf(
  traces: readonly Trace[],
  before: readonly CatalogItem[],
  scans: readonly OwnScan[],
): StepReport[] {
  const catalog = catalogFrom(before);
  const existed = existing(before);
  const keys = new Set(before.map(({ key }) => key));
  let locks: readonly OwnLock[] = [];
  let read = rowsRead(scans);
  return traces.map((trace) => {
    const changes = catalog.advance(trace.state, trace.scope);
    const taken = newLocks(locks, trace.locks, existed);
    const report = reportOf(trace, changes, taken, read, existed, keys);
    locks = trace.locks;
    read = rowsRead(trace.scans);
    return report;
  });
}

type Existed = (relid: string) => { readonly name: string; readonly kind: string; readonly table: string } | undefined;

/** What was there before, by OID; nobody waits for what was not. */
function existing(before: readonly CatalogItem[]): Existed {
  const known = new Map<string, { name: string; kind: string; table: string }>();
  for (const { key, kind, name, relid } of before) {
    const [first, oid = "", index = ""] = key.split(":");
    if (relid === null) continue;
    if (first === "r" || first === "i") known.set(oid, { name, kind, table: relid });
    if (first === "k" && index !== "0") known.set(index, { name, kind: "index", table: relid });
  }
  return (relid) => known.get(relid);
}

function reportOf(
  trace: Trace,
  changes: Changes,
  locks: readonly LockTaken[],
  read: ReadonlyMap<string, Read>,
  existed: Existed,
  keys: ReadonlySet<string>,
): StepReport {
  const { step, ms, command, notices, scans } = trace;
  const rewritten = changes.rewritten.filter(({ key, relid }) => existed(relid ?? "") && !key.startsWith("k:"));
  const old = new Set(rewritten.map(({ relid }) => relid));
  return {
    step,
    ms,
    locks,
    changes: changes.lines,
    // An index goes with its table.
    rewritten: rewritten
      .filter(({ key, relid }) => key.startsWith("r:") || !rewritten.some((each) => each.key === `r:${relid}`))
      .map(({ name }) => name),
    scanned: scans
      .map(({ relid, name, scans: times, rows }) => ({
        relid,
        name,
        times: Number(times) - (read.get(relid)?.times ?? 0),
        rows: Number(rows) - (read.get(relid)?.rows ?? 0),
      }))
      .filter(({ relid, rows }) => rows > 0 && existed(relid))
      // Its own new rows, for its indexes: that it is written anew says so.
      .filter(({ relid }) => step.node !== "RefreshMatViewStmt" || !old.has(relid))
      .map(({ name, times, rows }) => ({ name, times, rows })),
    rows: rowsOf(command),
    notices,
    losses: lossesOf(
      step,
      // What the migration itself has made holds nothing of anybody's.
      changes.retyped.filter(({ was }) => keys.has(was.key)),
    ),
    advice: adviceFor(step, {
      touchesOld: locks.length > 0 || touchesOld(step, trace, existed),
      rewrites: old.size > 0,
    }),
  };
}

interface Read {
  readonly times: number;
  readonly rows: number;
}

function rowsRead(scans: readonly OwnScan[]): ReadonlyMap<string, Read> {
  return new Map(scans.map(({ relid, scans: times, rows }) => [relid, { times: Number(times), rows: Number(rows) }]));
}

/** A lock that an earlier statement had taken already is no new one, but advice counts it. */
function touchesOld({ inspection }: Step, { locks }: Trace, existed: Existed): boolean {
  const names = new Set(inspection.relations.map((name) => name.at(-1)));
  return locks.some(({ relid, name }) => {
    const was = existed(relid);
    return was !== undefined && name !== null && [...names].some((each) => each !== undefined && name.endsWith(each));
  });
}

/** `INSERT 0 5`, `UPDATE 3` (protocol-message-formats, CommandComplete). */
export function rowsOf(command: string): number | undefined {
  const rows = /^(?:INSERT \d+|UPDATE|DELETE|MERGE|SELECT|COPY) (\d+)$/.exec(command)?.[1];
  return rows === undefined ? undefined : Number(rows);
}
