import type { Bench } from "./bench.ts";
import { type Check, runChecks } from "./conformance/check.ts";
import { listing } from "./conformance/lists.ts";
import { openings } from "./conformance/openings.ts";
import { requests } from "./conformance/requests.ts";
import { robustness } from "./conformance/robustness.ts";
import type { CheckResult } from "./report.ts";

// Openings come last, so that the others share a session.
const checks: readonly Check[] = [...requests, ...listing, ...robustness, ...openings];

/** Checks the protocol over stdio, message by message, in each revision that the server offers. */
export function checkConformance(bench: Bench, progress: (id: string) => void): Promise<CheckResult[]> {
  return runChecks(checks, bench, progress);
}
