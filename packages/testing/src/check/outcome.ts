import type { Answer } from "./raw-session.ts";
import type { CheckResult, Group, Status } from "./report.ts";

/** How a check came out. */
export interface Outcome {
  readonly status: Status;
  readonly detail?: string;
}

export const pass = (detail?: string): Outcome => ({ status: "pass", ...(detail !== undefined && { detail }) });
export const fail = (detail: string): Outcome => ({ status: "fail", detail });
export const warn = (detail: string): Outcome => ({ status: "warn", detail });
export const skip = (why: string): Outcome => ({ status: "skip", detail: why });

/** What stands in a report about a check before it is run. */
export interface Expectation {
  readonly id: `${Group}/${string}`;
  readonly expected: string;
  readonly spec?: string;
  /** What to do when it fails. */
  readonly advice: string;
}

export function result({ id, expected, spec, advice }: Expectation, { status, detail }: Outcome): CheckResult {
  return {
    id,
    group: id.slice(0, id.indexOf("/")) as Group,
    expected,
    ...(spec !== undefined && { spec }),
    status,
    ...(detail !== undefined && { detail }),
    ...((status === "fail" || status === "warn") && { advice }),
  };
}

const ranks: readonly Status[] = ["skip", "pass", "warn", "fail"];

/** One outcome for several: the gravest, and the details of all that are as grave. */
export function worst(outcomes: readonly Outcome[]): Outcome {
  const rank = Math.max(...outcomes.map(({ status }) => ranks.indexOf(status)));
  const status = ranks[rank] as Status;
  const details = outcomes.flatMap((outcome) =>
    outcome.status === status && outcome.detail !== undefined ? [outcome.detail] : [],
  );
  return { status, ...(details.length > 0 && { detail: [...new Set(details)].join("; ") }) };
}

/** An answer in a few words. */
export function describe(answer: Answer): string {
  switch (answer.kind) {
    case "result":
      return `the result ${shorten(JSON.stringify(answer.result))}`;
    case "error":
      return `error ${answer.code} (${shorten(answer.message)})`;
    case "silence":
      return `no answer within ${(answer.ms / 1_000).toFixed(answer.ms < 1_000 ? 1 : 0)} s`;
    case "end":
      return `the server ended: ${answer.how}`;
  }
}

export function shorten(text: string, limit = 160): string {
  const line = text.replace(/\s+/g, " ").trim();
  return line.length > limit ? `${line.slice(0, limit)}…` : line;
}
