import { type CorpusCase, type CorpusHost, NotApplicable, thisHost, whyNotHere } from "./case.ts";

export type Outcome =
  | { readonly status: "passed" }
  /** One sentence a check that does not hold. */
  | { readonly status: "failed"; readonly problems: readonly string[] }
  | { readonly status: "not_applicable"; readonly reason: string };

export interface CorpusResult {
  readonly id: string;
  readonly category: string;
  readonly outcome: Outcome;
  /** Measurements and records that decide nothing. */
  readonly notes: readonly string[];
  /** Milliseconds from setup to the last check. */
  readonly ms: number;
}

/** What an attack found: a problem for each check that does not hold; none is a pass. */
export interface Findings {
  readonly problems: readonly string[];
  readonly notes?: readonly string[];
}

/**
 * Runs one case: not applicable when the case says so or the attack throws {@link NotApplicable}, failed with what is
 * wrong, passed otherwise. An attack that throws anything else has failed.
 */
export async function attemptCase<Case extends CorpusCase>(
  testCase: Case,
  attack: (testCase: Case) => Promise<Findings>,
  host: CorpusHost = thisHost,
): Promise<CorpusResult> {
  const start = performance.now();
  const notes: string[] = [];
  const result = (outcome: Outcome): CorpusResult => ({
    id: testCase.id,
    category: testCase.category,
    outcome,
    notes,
    ms: Math.round(performance.now() - start),
  });
  const reason = whyNotHere(testCase, host);
  if (reason !== undefined) return result({ status: "not_applicable", reason });
  try {
    const findings = await attack(testCase);
    notes.push(...(findings.notes ?? []));
    return result(
      findings.problems.length > 0 ? { status: "failed", problems: findings.problems } : { status: "passed" },
    );
  } catch (error) {
    if (error instanceof NotApplicable) return result({ status: "not_applicable", reason: error.message });
    return result({ status: "failed", problems: [error instanceof Error ? error.message : String(error)] });
  }
}

export interface CorpusReport {
  readonly passed: number;
  readonly failed: number;
  readonly notApplicable: number;
  /** Reason → how many cases. */
  readonly reasons: Readonly<Record<string, number>>;
  readonly results: readonly CorpusResult[];
}

export function summarize(results: readonly CorpusResult[]): CorpusReport {
  const count = (status: Outcome["status"]) => results.filter(({ outcome }) => outcome.status === status).length;
  const reasons: Record<string, number> = {};
  for (const { outcome } of results)
    if (outcome.status === "not_applicable") reasons[outcome.reason] = (reasons[outcome.reason] ?? 0) + 1;
  return {
    passed: count("passed"),
    failed: count("failed"),
    notApplicable: count("not_applicable"),
    reasons,
    results,
  };
}

/** The report for a terminal: what failed and why, then one line of totals with the reasons of what was left out. */
export function formatReport(report: CorpusReport, title = "corpus"): string {
  const failures = report.results.flatMap(({ id, outcome }) =>
    outcome.status === "failed" ? [`FAIL ${id}`, ...outcome.problems.map((problem) => `     ${problem}`)] : [],
  );
  const reasons = Object.entries(report.reasons).map(([reason, count]) => `${count} ${reason}`);
  const left = `${report.notApplicable} not applicable${reasons.length > 0 ? ` (${reasons.join("; ")})` : ""}`;
  return [...failures, `${title}: ${report.passed} passed, ${report.failed} failed, ${left}`].join("\n");
}

/** Runs cases one after the other, for commands; a test suite calls {@link attemptCase} a test. */
export async function runCorpus<Case extends CorpusCase>(
  cases: readonly Case[],
  attack: (testCase: Case) => Promise<Findings>,
  { host = thisHost, onResult }: { host?: CorpusHost; onResult?: (result: CorpusResult) => void } = {},
): Promise<CorpusReport> {
  const results: CorpusResult[] = [];
  for (const testCase of cases) {
    const result = await attemptCase(testCase, attack, host);
    onResult?.(result);
    results.push(result);
  }
  return summarize(results);
}
