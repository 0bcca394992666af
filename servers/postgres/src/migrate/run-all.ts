import type { Session } from "../database.ts";
import type { Policy } from "../policy.ts";
import { type OwnLock, type OwnScan, ownScans } from "./catalog-state.ts";
import { type Failure, failureOf, isAnswer } from "./failure.ts";
import { heavyOn, sizeOf } from "./heavy.ts";
import { maskedColumns, refuseReach, refuseUnmasking } from "./policy-check.ts";
import { askedLimits, limit, runStep, type Trace } from "./run-steps.ts";
import type { Step } from "./step.ts";

/** Why the statements did not all run. */
export type Halt =
  | { readonly kind: "fails"; readonly step: Step; readonly failure: Failure; readonly error: unknown }
  /** A deferred constraint, checked as COMMIT would. */
  | { readonly kind: "fails at commit"; readonly failure: Failure; readonly error: unknown }
  /** A table too large to try this on, unless the migration asks for the time itself. */
  | { readonly kind: "large"; readonly step: Step; readonly bytes: number }
  | { readonly kind: "time"; readonly step: Step };

/** Milliseconds and bytes; Infinity where nobody limits them. */
export interface RunLimits {
  /** Of one statement, unless the migration sets statement_timeout. */
  readonly statement: number;
  /** The longest that the migration may set. */
  readonly longest: number;
  readonly lock: number;
  /** When all of it has to be done, in milliseconds since the epoch. */
  readonly until: number;
  /** The same, unless the migration sets statement_timeout. */
  readonly total: number;
  /** Of a table that is rewritten or read whole. */
  readonly large: number;
}

export interface Ran {
  readonly traces: readonly Trace[];
  /** What the connection had read before. */
  readonly scans: readonly OwnScan[];
  readonly halt: Halt | undefined;
}

/** Less than this is left: a statement is not begun. */
const LEAST = 200;

/**
 * Runs all statements in a transaction that somebody else ends. What PostgreSQL refuses is answered, not thrown.
 * @throws ToolError `denied` where the policy does not allow what was touched
 */
export async function runAll(
  session: Session,
  steps: readonly Step[],
  limits: RunLimits,
  policy: Policy,
  onStep: (done: number) => void = () => {},
): Promise<Ran> {
  const traces: Trace[] = [];
  const scans = await session.rows<OwnScan>(ownScans);
  const masked = await maskedColumns(session, policy);
  const asked = { statement: undefined as number | undefined, lock: limits.lock };
  const left = () => Math.min(limits.until, asked.statement === undefined ? limits.total : limits.until) - Date.now();
  const restrict = () => {
    const statement = Math.min(asked.statement ?? limits.statement, limits.longest, left());
    return limit(session, { statement, lock: Math.min(asked.lock, limits.lock) });
  };
  for (const step of steps) {
    if (left() < LEAST) return { traces, scans, halt: { kind: "time", step } };
    await restrict();
    const heavy = asked.statement === undefined ? heavyOn(step) : undefined;
    if (heavy) {
      const bytes = await sizeOf(session, heavy);
      if (bytes > limits.large) return { traces, scans, halt: { kind: "large", step, bytes } };
    }
    try {
      traces.push(await runStep(session, step));
    } catch (error) {
      if (!isAnswer(error)) throw error;
      return { traces, scans, halt: { kind: "fails", step, failure: failureOf(error, policy), error } };
    }
    const { locks, state } = traces.at(-1) as Trace;
    refuseReach(policy, locks, state, `Statement ${step.number}`);
    onStep(traces.length);
    if (step.node === "VariableSetStmt") {
      const now = await askedLimits(session);
      if (step.body["name"] === "statement_timeout") asked.statement = now.statement;
      if (step.body["name"] === "lock_timeout") asked.lock = now.lock;
    }
  }
  try {
    await restrict();
    await session.query("SET CONSTRAINTS ALL IMMEDIATE");
  } catch (error) {
    if (!isAnswer(error)) throw error;
    return { traces, scans, halt: { kind: "fails at commit", failure: failureOf(error, policy), error } };
  }
  if (masked.length > 0) {
    const locks: readonly OwnLock[] = traces.at(-1)?.locks ?? [];
    refuseUnmasking(steps, masked, await maskedColumns(session, policy), locks);
  }
  return { traces, scans, halt: undefined };
}
