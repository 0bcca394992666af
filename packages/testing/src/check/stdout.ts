import { type Expectation, fail, pass, result } from "./outcome.ts";
import type { RawSession } from "./raw-session.ts";
import { type CheckResult, spec } from "./report.ts";

const isPure: Expectation = {
  id: "stdout/messages",
  expected: "every line on stdout is one JSON-RPC 2.0 message in UTF-8",
  spec: spec("2025-11-25", "basic/transports#stdio"),
  advice: "Send logs to stderr; look for console.log, print and libraries that write to stdout while a tool runs.",
};

/** Judges all that the sessions wrote from their first answer on; what comes before is `start/quiet`. */
export function checkStdout(sessions: readonly RawSession[]): CheckResult {
  const bad = sessions.flatMap(({ badLines }) => badLines.filter(({ early }) => !early));
  const total = sessions.reduce((sum, { lines }) => sum + lines, 0);
  const [first] = bad;
  if (!first) return result(isPure, pass(`${total} lines in ${sessions.length} sessions`));
  const others = bad.length > 1 ? `, and ${bad.length - 1} more` : "";
  return result(isPure, fail(`${first.problem}: ${JSON.stringify(first.text)}${others}`));
}
