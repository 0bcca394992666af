import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Bench, type Command, discover, envelope, type Greeting, initialize } from "./bench.ts";
import { emptyEnvironment } from "./environment.ts";
import { isRecord } from "./json-rpc.ts";
import { describe, type Expectation, fail, type Outcome, pass, result, skip, warn } from "./outcome.ts";
import type { Answer, RawSession } from "./raw-session.ts";
import { type CheckResult, spec } from "./report.ts";

const initializes: Expectation = {
  id: "start/initialize",
  expected: "answers initialize",
  spec: spec("2025-11-25", "basic/lifecycle#initialization"),
  advice:
    "Run the command by hand: it must wait for messages on stdin, whatever is configured, and answer initialize. One that npx downloads first may need a longer --timeout.",
};

const offers2026: Expectation = {
  id: "start/discover",
  expected: "answers server/discover, or goes on with initialize after that probe",
  spec: spec("2026-07-28", "basic/transports/stdio#backward-compatibility"),
  advice:
    "Answer a method that you do not know with -32601, also before initialize: hosts of the 2026-07-28 revision open with server/discover.",
};

const saysWhoItIs: Expectation = {
  id: "start/server-info",
  expected: "names itself and its version",
  spec: spec("2025-11-25", "schema#implementation"),
  advice: "Fill serverInfo.name and serverInfo.version: hosts show them.",
};

const isQuiet: Expectation = {
  id: "start/quiet",
  expected: "writes nothing to stdout before its first answer",
  spec: spec("2025-11-25", "basic/transports#stdio"),
  advice: "Send banners and logs to stderr; look for console.log, print and loggers that write to stdout.",
};

const needsNothing: Expectation = {
  id: "start/empty-environment",
  expected: "starts and lists its tools with an empty environment and an empty home",
  advice:
    "Start without credentials and settings, and say what is missing when a tool is called: catalogues and hosts list tools before anything is configured.",
};

/**
 * Starts the server, learns what it offers, and leaves that in `bench.greetings`.
 * @param isThorough `false` leaves out what takes a start of its own and is not needed for the other groups
 * @returns the results and the milliseconds that the first answer took; with no revision in `greetings` there is no more to check
 */
export async function checkStart(
  bench: Bench,
  command: Command,
  isThorough = true,
): Promise<{ readonly results: readonly CheckResult[]; readonly startMs?: number }> {
  const session = await bench.fresh();
  const answer = await initialize(session, bench.startTimeoutMs);
  // What cannot even be run is said once.
  if (answer.kind === "end") return { results: [result(initializes, fail(describe(answer)))] };

  const greeting = readInitialize(answer);
  if (typeof greeting !== "string") {
    bench.greetings.set("2025-11-25", greeting);
    session.notify("notifications/initialized");
  }
  const startMs = answer.kind === "result" ? Math.round(answer.atMs) : undefined;
  const probe = await probe2026(bench, startMs);
  if (bench.greetings.size === 0) {
    const why = answer.kind === "result" ? (greeting as string) : describe(answer);
    const said = session.stderr().trim();
    const detail = said === "" ? why : `${why}; stderr: ${said.slice(-300)}`;
    return { results: [result(initializes, fail(detail))] };
  }
  const began = describeBegin(greeting, answer, startMs);
  return {
    results: [
      result(initializes, began),
      result(offers2026, probe),
      result(saysWhoItIs, serverInfo(bench)),
      ...(isThorough ? [result(needsNothing, await startEmpty(bench, command))] : []),
    ],
    ...(startMs !== undefined && { startMs }),
  };
}

function describeBegin(greeting: Greeting | string, answer: Answer, startMs: number | undefined): Outcome {
  if (typeof greeting === "string")
    return answer.kind === "result"
      ? fail(greeting)
      : skip(`only the 2026-07-28 revision is offered; to initialize comes ${describe(answer)}`);
  return pass(`after ${startMs} ms, with ${String(greeting["protocolVersion"])}`);
}

/** To be judged when everything has run, over all sessions. */
export function checkQuiet(sessions: readonly RawSession[]): CheckResult {
  const early = sessions.flatMap(({ badLines }) => badLines.filter((line) => line.early));
  if (early[0]) return result(isQuiet, fail(`${early[0].problem}: ${JSON.stringify(early[0].text)}`));
  const asked = sessions.flatMap(({ serverRequests }) => serverRequests.filter((request) => request.early));
  if (asked[0]) return result(isQuiet, warn(`the request ${asked[0].method} comes before the answer to initialize`));
  return result(isQuiet, pass());
}

/** @returns the result of `initialize`, or what is wrong with it */
function readInitialize(answer: Answer): Greeting | string {
  if (answer.kind !== "result") return describe(answer);
  const { protocolVersion, capabilities } = answer.result;
  if (typeof protocolVersion !== "string") return "the result of initialize has no protocolVersion";
  if (!isRecord(capabilities)) return "the result of initialize has no capabilities";
  return answer.result;
}

async function probe2026(bench: Bench, startMs = Infinity): Promise<Outcome> {
  const session = await bench.fresh();
  // A server of last year may leave the probe unanswered; the start is in this time too.
  const answer = await discover(session, Math.min(bench.startTimeoutMs, bench.patienceMs + 3 * startMs));
  if (answer.kind === "result") {
    const problem = discoverProblem(answer.result);
    if (problem !== undefined) return fail(`the result of server/discover ${problem}`);
    if (!(answer.result["supportedVersions"] as unknown[]).includes("2026-07-28"))
      return pass(`offers ${(answer.result["supportedVersions"] as unknown[]).join(", ")}`);
    bench.greetings.set("2026-07-28", answer.result);
    return pass("offers 2026-07-28");
  }
  if (bench.greetings.size === 0) return fail(describe(answer));
  const after = await initialize(session, bench.patienceMs);
  return after.kind === "result"
    ? pass("does not offer 2026-07-28; initialize works after the probe")
    : fail(`after ${describe(answer)} to server/discover, initialize gets ${describe(after)}`);
}

function discoverProblem({ supportedVersions, capabilities, resultType, ttlMs, cacheScope }: Greeting) {
  if (!Array.isArray(supportedVersions) || supportedVersions.length === 0) return "has no supportedVersions";
  if (!isRecord(capabilities)) return "has no capabilities";
  if (resultType !== "complete") return 'has no "resultType": "complete"';
  if (typeof ttlMs !== "number" || ttlMs < 0) return "has no ttlMs of 0 or more";
  return cacheScope === "public" || cacheScope === "private" ? undefined : "has no cacheScope";
}

/** Who the server says it is, in whichever revision. */
export function identity({ greetings }: Bench): Record<string, unknown> | undefined {
  const meta = greetings.get("2026-07-28")?.["_meta"];
  const info =
    greetings.get("2025-11-25")?.["serverInfo"] ??
    (isRecord(meta) ? meta["io.modelcontextprotocol/serverInfo"] : undefined);
  return isRecord(info) ? info : undefined;
}

function serverInfo(bench: Bench): Outcome {
  const info = identity(bench);
  const has = (key: string) => typeof info?.[key] === "string" && info[key] !== "";
  const missing = ["name", "version"].filter((key) => !has(key));
  if (missing.length === 0) return pass(`${String(info?.["name"])} ${String(info?.["version"])}`);
  // Since 2026-07-28 it is a SHOULD.
  const judge = bench.greetings.has("2025-11-25") ? fail : warn;
  return judge(`serverInfo has no ${missing.join(" and no ")}`);
}

async function startEmpty(bench: Bench, { command }: Command): Promise<Outcome> {
  const home = mkdtempSync(join(tmpdir(), "empty-home-"));
  const session = await bench.fresh({ env: emptyEnvironment(command, home) });
  try {
    const isLegacy = bench.greetings.has("2025-11-25");
    const answer = await (isLegacy ? initialize : discover)(session, bench.startTimeoutMs);
    if (answer.kind !== "result") return warn(describe(answer));
    const { capabilities } = answer.result;
    if (!isRecord(capabilities) || !("tools" in capabilities)) return pass();
    if (isLegacy) session.notify("notifications/initialized");
    const params = isLegacy ? {} : { _meta: envelope() };
    const listed = await session.request("tools/list", params, { timeoutMs: bench.patienceMs });
    return listed.kind === "result" ? pass() : warn(`it starts, but tools/list gets ${describe(listed)}`);
  } finally {
    await session.close();
    rmSync(home, { recursive: true, force: true });
  }
}
