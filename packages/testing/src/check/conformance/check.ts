import { type Bench, NoSession, type Peer } from "../bench.ts";
import { describe, type Expectation, fail, type Outcome, pass, result, skip, warn, worst } from "../outcome.ts";
import type { Answer } from "../raw-session.ts";
import type { CheckResult, Revision } from "../report.ts";

/** A check of the protocol, without knowing what the server is for. */
export interface Check extends Expectation {
  /** The revisions it means something in; `any`: once, in whichever is offered. Default: each that is offered. */
  readonly in?: Revision | "any";
  /** Throws {@link NoSession} when the server does not come up any more. */
  run(peer: Peer, bench: Bench): Promise<Outcome>;
}

/** Runs checks, revision by revision, so that a session serves as many of them as can be. @returns a result for each */
export async function runChecks(
  checks: readonly Check[],
  bench: Bench,
  progress: (id: string) => void,
): Promise<CheckResult[]> {
  const offered = [...bench.greetings.keys()];
  const outcomes = new Map<Check, Outcome[]>();
  for (const revision of offered)
    for (const check of checks) {
      const isFirst = revision === offered[0];
      if (check.in === "any" ? !isFirst : check.in !== undefined && check.in !== revision) continue;
      progress(check.id);
      const outcome = await attempt(check, bench, revision);
      const isWorthNaming = offered.length > 1 && (outcome.status === "fail" || outcome.status === "warn");
      const named = isWorthNaming ? { ...outcome, detail: `${revision}: ${outcome.detail}` } : outcome;
      outcomes.set(check, [...(outcomes.get(check) ?? []), named]);
    }
  return checks.map((check) =>
    result(check, worst(outcomes.get(check) ?? [skip(`the server does not offer ${check.in}`)])),
  );
}

/** A server that dies or falls silent of a check fails it, whatever it has answered. */
async function attempt(check: Check, bench: Bench, revision: Revision): Promise<Outcome> {
  try {
    const peer = await bench.peer(revision);
    const outcome = await check.run(peer, bench);
    if (outcome.status === "fail" || peer.session.isDoubtful || bench.current !== peer.session) return outcome;
    const after = await peer.fence();
    return after.kind === "silence" || after.kind === "end" ? fail(`afterwards, ${describe(after)}`) : outcome;
  } catch (error) {
    if (error instanceof NoSession) return fail(`no session: ${describe(error.answer)}`);
    throw error;
  }
}

/** An error with the code that the specification says; another code is a warning, anything else a failure. */
export function refused(answer: Answer, codes: readonly number[]): Outcome {
  if (answer.kind !== "error") return fail(describe(answer));
  return codes.includes(answer.code)
    ? pass(`error ${answer.code}`)
    : warn(`${describe(answer)}, not ${codes.join(" or ")}`);
}
