import { ToolError } from "@mooring/core";
import type { Database } from "../database.ts";
import { type Explainable, explainable } from "../plan/explain.ts";
import type { Recorded } from "./workload.ts";

/** A statement that may be planned. */
export interface Statement {
  /** `q3`: its place in the target, or in the workload by time. */
  readonly id: string;
  readonly explainable: Explainable;
  readonly calls: number;
  /** Milliseconds of all calls; `undefined` where nobody measured. */
  readonly ms: number | undefined;
  /** Rows that all calls changed, where that was recorded. */
  readonly rows: number;
}

export interface Skipped {
  readonly id: string;
  readonly sql: string;
  readonly why: string;
}

/** Statements of a workload that are planned; they come by the time they took. */
const MOST = 60;

/** Proves each, so that nothing else is ever sent; equal ones (but for blanks and case) count together. */
export async function proveAll(
  database: Database,
  given: readonly (Recorded | string)[],
  signal: AbortSignal,
  until: number,
): Promise<{
  readonly statements: readonly Statement[];
  readonly skipped: readonly Skipped[];
  readonly ignored: number;
}> {
  const statements = new Map<string, Statement>();
  const skipped: Skipped[] = [];
  let ignored = 0;
  for (const [at, each] of given.entries()) {
    const recorded = typeof each === "string" ? { sql: each, calls: 1, ms: undefined, rows: 0 } : each;
    const { sql, calls, ms, rows } = recorded;
    const id = `q${at + 1}`;
    if (statements.size >= MOST || Date.now() >= until) {
      if (typeof each === "string") skipped.push({ id, sql, why: "No time was left for it." });
      continue;
    }
    try {
      if (typeof each !== "string" && !(await readsTables(database, sql, signal))) {
        ignored++;
        continue;
      }
      const ready = await explainable(database, { sql, signal });
      const { hash } = ready.proof.inspection;
      const known = statements.get(hash);
      if (known) {
        const both = ms === undefined ? undefined : (known.ms ?? 0) + ms;
        statements.set(hash, { ...known, calls: known.calls + calls, ms: both, rows: known.rows + rows });
      } else statements.set(hash, { id, explainable: ready, calls, ms, rows });
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof ToolError) || !["denied", "invalid_input", "too_large", "not_found"].includes(error.kind))
        throw error;
      skipped.push({ id, sql, why: error.message });
    }
  }
  return { statements: [...statements.values()], skipped, ignored };
}

/** Much of what is recorded (BEGIN, SET, EXPLAIN, statements of this very server) has no plan, or none over tables. */
async function readsTables(database: Database, sql: string, signal: AbortSignal): Promise<boolean> {
  const { kind, relations } = await database.inspect(sql, signal);
  return (
    ["select", "insert", "update", "delete", "merge"].includes(kind) &&
    relations.some((name) => !/^(pg_|information_schema$|hypopg$)/.test(name.at(-2) ?? name.at(-1) ?? ""))
  );
}
