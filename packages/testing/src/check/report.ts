/** What is checked, in the order of the report. */
export const groups = ["start", "stdout", "surface", "tokens", "conformance", "orphans", "http"] as const;
export type Group = (typeof groups)[number];

/** `warn`: works, but not with every host or as the specification advises. `skip`: not checked, and `detail` says why. */
export type Status = "pass" | "fail" | "warn" | "skip";

/** Revisions of the protocol that are checked: sessions with `initialize`, and metadata on each request. */
export type Revision = "2025-11-25" | "2026-07-28";

/** One thing that was looked at. */
export interface CheckResult {
  /** `<group>/<name>`, stable between releases. */
  readonly id: string;
  readonly group: Group;
  readonly expected: string;
  /** Where the specification says so. */
  readonly spec?: string;
  readonly status: Status;
  /** What was seen, or why it was skipped. */
  readonly detail?: string;
  /** What to do, where it failed or warns. */
  readonly advice?: string;
}

/** What listing the tools costs a model. */
export interface ToolCost {
  readonly count: number;
  /** In o200k_base, as {@link measureTools} counts. */
  readonly tokens: number;
  /** Most expensive first. */
  readonly perTool: readonly { readonly name: string; readonly tokens: number }[];
}

/** All that a run found. `ok` where no check failed. */
export interface Report {
  /** The command line or the URL. */
  readonly target: string;
  readonly server?: { readonly name: string; readonly version: string; readonly title?: string };
  /** What the server offers of the two. */
  readonly revisions: readonly Revision[];
  /** Milliseconds from the start of the process to its answer to `initialize`. */
  readonly startMs?: number;
  readonly tools?: ToolCost;
  readonly checks: readonly CheckResult[];
  readonly counts: Readonly<Record<Status, number>>;
  readonly ok: boolean;
  readonly durationMs: number;
}

export function count(checks: readonly CheckResult[]): Record<Status, number> {
  const counts = { pass: 0, fail: 0, warn: 0, skip: 0 };
  for (const { status } of checks) counts[status] += 1;
  return counts;
}

/** The page of the specification that a check rests on. */
export function spec(revision: Revision, page: string): string {
  return `https://modelcontextprotocol.io/specification/${revision}/${page}`;
}
