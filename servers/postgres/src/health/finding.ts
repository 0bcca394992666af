/** Worst first. */
export const severities = ["critical", "high", "medium", "low", "info"] as const;
export type Severity = (typeof severities)[number];

/** One problem, as the database shows it. All texts may hold names that others chose. */
export interface Finding {
  readonly severity: Severity;
  /** What it is about, quoted as SQL needs it: `public.orders_idx`, `pid 4711`. */
  readonly subject: string;
  /** What was seen, with its figures. */
  readonly evidence: string;
  /** SQL for a person to review and run, one line. */
  readonly fix?: string | undefined;
}

/** The first severity whose bound the value reaches, bounds given worst first; `undefined` below all. */
export function graded(value: number, bounds: readonly (readonly [Severity, number])[]): Severity | undefined {
  return bounds.find(([, bound]) => value >= bound)?.[0];
}

/** Negative where `a` is worse. */
export function compareSeverity(a: Severity, b: Severity): number {
  return severities.indexOf(a) - severities.indexOf(b);
}
