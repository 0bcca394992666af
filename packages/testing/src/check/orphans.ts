import { setTimeout as sleep } from "node:timers/promises";
import { type Bench, NoSession, type Peer } from "./bench.ts";
import { describe, type Expectation, fail, type Outcome, pass, result, shorten, skip } from "./outcome.ts";
import type { RawSession } from "./raw-session.ts";
import { type CheckResult, type Revision, spec } from "./report.ts";

/** How long a server may take to end. */
const LIMIT_MS = 5_000;

const endsWithStdin: Expectation = {
  id: "orphans/stdin",
  expected: "ends within 5 s when stdin is closed, with all processes that it has started",
  spec: spec("2026-07-28", "basic/transports/stdio#shutdown"),
  advice:
    "End the process at the end of stdin (in Node: process.stdin.on('end', …), and close pools, timers and children): hosts that are killed leave it running for ever otherwise.",
};

const endsWithSigterm: Expectation = {
  id: "orphans/sigterm",
  expected: "ends within 5 s of SIGTERM, with all processes that it has started",
  spec: spec("2025-11-25", "basic/lifecycle#shutdown"),
  advice: "Handle SIGTERM: end the children, then the process.",
};

/** Ends two sessions as hosts do and looks at what goes on running; it is ended by force afterwards. */
export async function checkOrphans(bench: Bench): Promise<CheckResult[]> {
  const revision = [...bench.greetings.keys()][0] as Revision;
  const isWindows = process.platform === "win32";
  return [
    result(endsWithStdin, await ends(bench, revision, (session) => session.closeStdin())),
    result(
      endsWithSigterm,
      isWindows ? skip("Windows has no SIGTERM") : await ends(bench, revision, (session) => session.signal("SIGTERM")),
    ),
  ];
}

async function ends(bench: Bench, revision: Revision, tell: (session: RawSession) => void): Promise<Outcome> {
  let peer: Peer;
  try {
    peer = await bench.freshPeer(revision);
  } catch (error) {
    if (error instanceof NoSession) return fail(describe(error.answer));
    throw error;
  }
  const { session } = peer;
  // Children may come with the first work.
  await peer.request("tools/list");
  const before = session.running();
  const began = performance.now();
  tell(session);
  let left = before;
  while (performance.now() - began < LIMIT_MS) {
    left = session.running();
    if (session.end !== undefined && (left === undefined || left.length === 0)) {
      const ms = Math.round(performance.now() - began);
      return left === undefined
        ? pass(`after ${ms} ms; its children are not looked at, since this system does not tell`)
        : pass(`after ${ms} ms${withOthers((before?.length ?? 1) - 1)}`);
    }
    await sleep(50);
  }
  if (session.end === undefined) return fail("the process is still running after 5 s");
  const names = (left ?? []).map(({ pid, command }) => `${pid} (${shorten(command, 80)})`);
  return fail(`the process has ended, but its children still run: ${names.join(", ")}`);
}

function withOthers(count: number): string {
  if (count < 1) return "";
  return `, with ${count} other ${count === 1 ? "process" : "processes"}`;
}
