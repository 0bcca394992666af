import { setTimeout as sleep } from "node:timers/promises";
import { connectHttp } from "../clients/http.ts";
import type { Session } from "../clients/session.ts";
import type { Bench } from "./bench.ts";
import { isRecord } from "./json-rpc.ts";
import { describe, type Expectation, fail, type Outcome, pass, result, shorten, skip, warn } from "./outcome.ts";
import {
  findSuite,
  fixtureFree,
  installSuite,
  runAlone,
  runSuite,
  type SuiteCheck,
  suiteFailures,
  type SuiteReport,
  withoutFixtures,
} from "./public-suite.ts";
import type { CheckResult, Revision } from "./report.ts";

/** What a server over HTTP says of itself and lists. */
export interface HttpFacts {
  readonly revisions: readonly Revision[];
  readonly server?: Record<string, unknown>;
  readonly tools?: readonly unknown[];
}

const connects: Expectation = {
  id: "http/connect",
  expected: "answers a client over Streamable HTTP",
  advice: "Start the server, and give the URL with its path, for instance http://127.0.0.1:3000/mcp.",
};

const printsUrl: Expectation = {
  id: "http/start",
  expected: "starts with --http and prints its URL on stderr",
  advice: "Print the URL on stderr once the server listens, or start it yourself and use --url.",
};

export function isLoopback(url: string): boolean {
  const { hostname } = new URL(url);
  return hostname === "localhost" || hostname === "[::1]" || /^127(?:\.\d+){3}$/.test(hostname);
}

/** Starts the command once more with `--http` and runs the public suite on the URL that it prints. */
export async function checkHttpCommand(
  bench: Bench,
  args: readonly string[],
  progress: (id: string) => void,
): Promise<CheckResult[]> {
  await using session = await bench.fresh({ args: [...args, "--http"] });
  const until = performance.now() + bench.startTimeoutMs;
  let url: string | undefined;
  while (url === undefined && session.end === undefined && performance.now() < until) {
    await sleep(50);
    // With its line end: half a URL is none.
    url = /https?:\/\/[^\s"'<>]+(?=[^\n]*\n)/.exec(session.stderr())?.[0];
  }
  if (url === undefined) {
    const why =
      session.end === undefined
        ? `no URL on stderr within ${bench.startTimeoutMs / 1_000} s; it says: ${shorten(session.stderr())}`
        : describe({ kind: "end", how: session.end });
    return [result(printsUrl, fail(why))];
  }
  if (!isLoopback(url)) return [result(printsUrl, fail(`it listens beyond this machine: ${url}`))];
  const { results } = await checkHttp(url, bench.startTimeoutMs, progress);
  return [result(printsUrl, pass(url)), ...results];
}

/** Connects in each revision, lists the tools, and runs the public suite's scenarios that need no fixtures. */
export async function checkHttp(
  url: string,
  timeoutMs: number,
  progress: (id: string) => void,
  withSuite = true,
): Promise<{ readonly results: CheckResult[]; readonly facts: HttpFacts }> {
  progress(connects.id);
  const revisions: Revision[] = [];
  const problems: string[] = [];
  const capabilities = new Map<Revision, object>();
  let server: Record<string, unknown> | undefined;
  let tools: readonly unknown[] | undefined;
  for (const [revision, era] of [
    ["2025-11-25", "2025"],
    ["2026-07-28", "2026"],
  ] as const) {
    try {
      await using session = await connectHttp(url, { era, timeoutMs });
      revisions.push(revision);
      capabilities.set(revision, session.client.getServerCapabilities() ?? {});
      server ??= session.client.getServerVersion() as Record<string, unknown> | undefined;
      tools ??= await listTools(session);
    } catch (error) {
      problems.push(shorten(error instanceof Error ? error.message : String(error)));
    }
  }
  if (revisions.length === 0)
    return { results: [result(connects, fail([...new Set(problems)].join("; ")))], facts: { revisions } };
  const results = [result(connects, pass(`offers ${revisions.join(" and ")}`))];
  for (const revision of withSuite ? revisions : [])
    results.push(...(await runScenarios(url, revision, capabilities.get(revision) ?? {}, progress)));
  return { results, facts: { revisions, ...(isRecord(server) && { server }), ...(tools && { tools }) } };
}

async function listTools({ client, transcript }: Session): Promise<readonly unknown[] | undefined> {
  if (!client.getServerCapabilities()?.tools) return undefined;
  // The SDK's client walks the pages, and throws or leaves out what it takes for invalid: the transcript has all.
  const from = transcript.length;
  await client.listTools().catch(() => {});
  return transcript.slice(from).flatMap(({ to, message }) => {
    const listed = to === "client" && "result" in message ? (message.result as Record<string, unknown>)["tools"] : [];
    return Array.isArray(listed) ? (listed as unknown[]) : [];
  });
}

/** Scenarios that mean nothing without a capability. */
const needs: Readonly<Record<string, string>> = {
  "tools-list": "tools",
  "resources-list": "resources",
  "sep-2164-resource-not-found": "resources",
  "prompts-list": "prompts",
};

/** The scenario `caching` asks for every list, also those that a server rightly does not have. */
function isAskedOf(capabilities: object): (check: SuiteCheck) => boolean {
  return ({ id }) => {
    const [, feature] = /^sep-2549-(tools|prompts|resources)-/.exec(id) ?? [];
    return feature === undefined || feature in capabilities;
  };
}

async function runScenarios(
  url: string,
  revision: Revision,
  capabilities: object,
  progress: (id: string) => void,
): Promise<CheckResult[]> {
  const results: CheckResult[] = [];
  for (const scenario of fixtureFree[revision]) {
    const expectation: Expectation = {
      id: `http/${revision}/${scenario}`,
      expected: `passes the public suite's scenario`,
      spec: `https://modelcontextprotocol.io/specification/${revision}`,
      advice: `See more with: ${runAlone(scenario, revision)}`,
    };
    progress(expectation.id);
    results.push(result(expectation, await runScenario(url, revision, scenario, capabilities)));
  }
  return results;
}

async function runScenario(url: string, revision: Revision, scenario: string, capabilities: object): Promise<Outcome> {
  if (findSuite() === undefined) return skip(`the public suite is not installed: ${installSuite}`);
  // The suite tests protection against DNS rebinding, which only means something there.
  if (!isLoopback(url)) return skip("the public suite runs on this machine only");
  const needed = needs[scenario];
  if (needed !== undefined && !(needed in capabilities)) return skip(`no ${needed} are declared`);
  let report: SuiteReport;
  try {
    report = await runSuite(url, ["--scenario", scenario, "--spec-version", revision]);
  } catch (error) {
    return fail(shorten(error instanceof Error ? error.message : String(error), 400));
  }
  const checks = withoutFixtures(report.get(scenario) ?? []).filter(isAskedOf(capabilities));
  const failures = suiteFailures(checks);
  if (failures.length > 0) return fail(failures.join("; "));
  const warnings = checks.filter(({ status }) => status === "WARNING");
  if (warnings.length > 0)
    return warn(
      warnings.map(({ id, errorMessage, description }) => `${id}: ${errorMessage ?? description}`).join("; "),
    );
  const done = checks.filter(({ status }) => status === "SUCCESS").length;
  return done > 0
    ? pass(`${done} ${done === 1 ? "check" : "checks"}`)
    : skip("the suite found nothing in it to check on this server");
}
