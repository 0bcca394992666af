import type { Config } from "../options.ts";
import { largeBytes } from "./heavy.ts";
import type { RunLimits } from "./run-all.ts";

type Timeouts = Pick<Config, "statementTimeout" | "lockTimeout">;

/** Milliseconds before the end of the call in which its answer is made. */
const RESERVE = 2_000;

/** Of a preview: one statement, a lock, all statements together; milliseconds. */
const preview = { statement: 10_000, lock: 2_000, total: 30_000 } as const;

/** Short, since others wait for the locks of a preview. A migration that sets statement_timeout gets its time, and large tables. */
export function previewing({ statementTimeout, lockTimeout }: Timeouts, deadline: number): RunLimits {
  return {
    statement: preview.statement,
    longest: orNone(statementTimeout),
    lock: Math.min(preview.lock, orNone(lockTimeout)),
    until: deadline - RESERVE,
    total: Date.now() + preview.total,
    large: largeBytes,
  };
}

/** The operator's own limits: a person has seen the preview. */
export function applying({ statementTimeout, lockTimeout }: Timeouts, deadline: number): RunLimits {
  return {
    statement: orNone(statementTimeout),
    longest: orNone(statementTimeout),
    lock: orNone(lockTimeout),
    until: deadline - RESERVE,
    total: Number.POSITIVE_INFINITY,
    large: Number.POSITIVE_INFINITY,
  };
}

/** Of one statement outside transactions: it ends with PostgreSQL's own answer before the call does. */
export function outsideLimit({ statementTimeout }: Timeouts, deadline: number): number {
  return Math.min(orNone(statementTimeout), deadline - RESERVE - Date.now());
}

/** 0 means no limit, as PostgreSQL has it. */
function orNone(ms: number): number {
  return ms > 0 ? ms : Number.POSITIVE_INFINITY;
}
