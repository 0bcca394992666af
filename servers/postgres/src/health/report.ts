import { toToolError } from "@mooring/core";
import { isConnectionLost } from "../connection/lost.ts";
import type { Database } from "../database.ts";
import type { Check, CheckContext } from "./check.ts";
import { compareSeverity, type Finding, severities, type Severity } from "./finding.ts";
import { hiddenNames } from "./hidden-names.ts";
import { selectChecks } from "./select-checks.ts";
import { statementText } from "./statement-text.ts";
import { surroundingsOf } from "./surroundings.ts";
import { missing, partly, whyFailed } from "./unchecked.ts";

/** Connections that checks use at once: most of the time of a check is the way there and back. */
const AT_ONCE = 3;
/** Milliseconds that one check may take. */
const CHECK_TIMEOUT = 5_000;
/** Findings of each check that are shown unless said. */
const STANDARD_TOP = 5;

/** What a check says, beside the findings: a reason for each that could not look, or not at all there is. */
export interface Remark {
  readonly check: string;
  readonly text: string;
}

/** The health of one database. */
export interface Report {
  readonly database: string;
  readonly kind: Database["kind"];
  /** `15.18 (Debian …)` */
  readonly version: string;
  /** Worst first; at most `top` of each check. */
  readonly findings: readonly (Finding & { readonly check: string })[];
  /** All findings, those not shown as well. */
  readonly totals: Readonly<Record<Severity, number>>;
  /** Checks with more findings than are shown. */
  readonly cut: readonly { readonly check: string; readonly shown: number; readonly total: number }[];
  /** Why the findings of a check matter. */
  readonly why: readonly Remark[];
  /** Checks that found nothing. */
  readonly clean: readonly string[];
  /** Checks that could not be done. */
  readonly unchecked: readonly Remark[];
  /** Checks that could not see everything. */
  readonly partial: readonly Remark[];
  readonly milliseconds: number;
}

export interface ReportOptions {
  /** Groups and names; all when left out or empty. */
  readonly checks?: readonly string[] | undefined;
  /** Findings shown of each check. Default: 5. */
  readonly top?: number | undefined;
  readonly signal: AbortSignal;
  readonly config: { readonly migrations?: string | undefined };
  readonly now?: Date;
  progress?(done: number, total: number): void;
}

/**
 * Runs checks, three at a time, each in a transaction, with a time and a failure of its own. Throws where the database cannot be
 * reached, and the reason of `signal`; a check that fails is a line of the report.
 */
export async function healthReport(database: Database, options: ReportOptions): Promise<Report> {
  const { signal, top = STANDARD_TOP, config, now = new Date(), progress } = options;
  const began = performance.now();
  const selected = selectChecks(options.checks ?? []);
  const [facts, surroundings, hides] = await Promise.all([
    database.facts(signal),
    surroundingsOf(database, signal),
    hiddenNames(database, signal),
  ]);
  const shared = { database, facts, surroundings, top, now, migrations: config.migrations };
  const outcomes = new Map<Check, Outcome>();
  const waiting = [...selected];
  const worker = async (): Promise<void> => {
    for (let check = waiting.shift(); check; check = waiting.shift()) {
      outcomes.set(check, await outcomeOf(check, shared, hides, signal));
      progress?.(outcomes.size, selected.length);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return {
    database: database.name,
    kind: database.kind,
    version: facts.version,
    ...summed(selected, outcomes, top),
    milliseconds: performance.now() - began,
  };
}

interface Outcome {
  readonly findings: readonly Finding[];
  readonly unchecked?: string | undefined;
  readonly partial?: string | undefined;
}

type Shared = Omit<CheckContext, "signal" | "statement">;

async function outcomeOf(
  check: Check,
  shared: Shared,
  hides: Awaited<ReturnType<typeof hiddenNames>>,
  signal: AbortSignal,
): Promise<Outcome> {
  signal.throwIfAborted();
  const absent = missing(check.needs, shared);
  if (absent !== undefined) return { findings: [], unchecked: absent };
  const own = AbortSignal.timeout(CHECK_TIMEOUT);
  const either = AbortSignal.any([signal, own]);
  const statement: CheckContext["statement"] = (sql) => statementText(shared.database, sql, { hides, signal: either });
  try {
    const findings = await check.run({ ...shared, signal: either, statement });
    return { findings, partial: partly(check.needs, shared) };
  } catch (error) {
    signal.throwIfAborted();
    // Without a connection no other check can do better.
    if (isConnectionLost(error) || toToolError(error).kind === "unauthenticated") throw error;
    return { findings: [], unchecked: own.aborted ? `it took over ${CHECK_TIMEOUT / 1_000} s` : whyFailed(error) };
  }
}

function summed(selected: readonly Check[], outcomes: ReadonlyMap<Check, Outcome>, top: number) {
  const totals = Object.fromEntries(severities.map((severity) => [severity, 0])) as Record<Severity, number>;
  const findings: (Finding & { check: string })[] = [];
  const cut: Report["cut"][number][] = [];
  const why: Remark[] = [];
  const clean: string[] = [];
  const unchecked: Remark[] = [];
  const partial: Remark[] = [];
  for (const check of selected) {
    const outcome = outcomes.get(check) ?? { findings: [], unchecked: "it was not reached" };
    for (const { severity } of outcome.findings) totals[severity]++;
    const worst = outcome.findings.toSorted((a, b) => compareSeverity(a.severity, b.severity)).slice(0, top);
    findings.push(...worst.map((finding) => ({ ...finding, check: check.name })));
    if (worst.length < outcome.findings.length)
      cut.push({ check: check.name, shown: worst.length, total: outcome.findings.length });
    if (worst.length > 0) why.push({ check: check.name, text: check.why });
    if (outcome.unchecked !== undefined) unchecked.push({ check: check.name, text: outcome.unchecked });
    else if (outcome.partial !== undefined) partial.push({ check: check.name, text: outcome.partial });
    else if (worst.length === 0) clean.push(check.name);
  }
  return {
    findings: findings.toSorted((a, b) => compareSeverity(a.severity, b.severity)),
    totals,
    cut,
    why,
    clean,
    unchecked,
    partial,
  };
}
