import type { Finding } from "./existing.ts";
import type { IndexDefinition } from "./index-definition.ts";
import type { Skipped } from "./statements.ts";
import type { Upkeep } from "./writes.ts";

/** What one index does for one statement. */
export interface Gain {
  readonly id: string;
  readonly before: number;
  readonly after: number;
  /** How the table is read, before and after; `undefined` where nobody planned it. */
  readonly change: string | undefined;
}

export interface Recommended {
  readonly definition: IndexDefinition;
  readonly ddl: string;
  readonly bytes: number | undefined;
  readonly gains: readonly Gain[];
  readonly upkeep: Upkeep;
  readonly verified: boolean;
  readonly notes: readonly string[];
}

export interface Rejected {
  readonly definition: IndexDefinition;
  readonly bytes: number | undefined;
  readonly why: string;
}

export interface AdvisedStatement {
  readonly id: string;
  readonly sql: string;
  readonly calls: number;
  readonly ms: number | undefined;
  readonly before: number;
  /** With everything that is verified. */
  readonly after: number;
}

export interface Advice {
  readonly target: "statements" | "workload" | "table";
  readonly hypopg: string | undefined;
  readonly recommended: readonly Recommended[];
  readonly findings: readonly Finding[];
  readonly rejected: readonly Rejected[];
  /** Why indexes of a kind could not be thought of. */
  readonly unavailable: readonly string[];
  readonly statements: readonly AdvisedStatement[];
  readonly skipped: readonly Skipped[];
  /** Statements of the workload that are neither SELECT nor DML, or concern the catalog only. */
  readonly ignored: number;
  readonly candidates: number;
  /** Of these, the ones that the search chose from. */
  readonly searched: readonly IndexDefinition[];
  readonly explained: number;
  /** No set of the candidates is better, as far as the planner says. */
  readonly exact: boolean;
  /** Time ran out: what was found so far. */
  readonly cut: boolean;
  readonly budgetMb: number | undefined;
  /** `undefined`: never reset. */
  readonly statisticsSince: string | undefined;
  readonly notes: readonly string[];
}
