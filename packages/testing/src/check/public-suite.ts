import { spawn } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

/** One check of the public conformance suite. */
export interface SuiteCheck {
  readonly id: string;
  readonly status: "SUCCESS" | "FAILURE" | "WARNING" | "SKIPPED" | "INFO";
  readonly description?: string;
  readonly errorMessage?: string;
}

/** Checks of each scenario that ran, by scenario. */
export type SuiteReport = ReadonlyMap<string, readonly SuiteCheck[]>;

/** Scenarios of the suite that mean something on any server, without fixtures, by revision. */
export const fixtureFree = {
  "2025-11-25": [
    "server-initialize",
    "ping",
    "tools-list",
    "resources-list",
    "prompts-list",
    "dns-rebinding-protection",
    "server-session-lifecycle",
    "server-sse-multiple-streams",
  ],
  "2026-07-28": [
    "tools-list",
    "resources-list",
    "prompts-list",
    "caching",
    "sep-2164-resource-not-found",
    "dns-rebinding-protection",
    "http-header-validation",
    "server-sse-multiple-streams",
    "input-required-result-unsupported-methods",
    "input-required-result-validate-input",
    "server-stateless",
  ],
} as const;

/** Checks of `server-stateless` that call fixtures by name. */
const needFixtures: ReadonlySet<string> = new Set([
  "sep-2575-server-rejects-undeclared-capability",
  "sep-2575-missing-capability-http-400",
  "sep-2575-http-server-no-independent-requests-on-stream",
  "sep-2575-server-no-log-without-loglevel",
]);

/** Leaves out the checks that no server without the suite's own fixtures can pass. */
export function withoutFixtures(checks: readonly SuiteCheck[]): SuiteCheck[] {
  return checks.filter(({ id }) => !needFixtures.has(id));
}

/** What to run where the suite is missing. */
export const installSuite = "npm install --save-dev @modelcontextprotocol/conformance@0.2.0-alpha.12";

/** How to run one scenario by hand. */
export function runAlone(scenario: string, revision: string): string {
  return `npx @modelcontextprotocol/conformance@0.2.0-alpha.12 server --url URL --scenario ${scenario} --spec-version ${revision}`;
}

/** Where the suite is, or `undefined`: it is an optional peer of this package. */
export function findSuite(): string | undefined {
  try {
    return dirname(createRequire(import.meta.url).resolve("@modelcontextprotocol/conformance/package.json"));
  } catch {
    return undefined;
  }
}

function suite(): string {
  const folder = findSuite();
  if (folder === undefined) throw new Error(`The public conformance suite is not installed. Run: ${installSuite}`);
  return folder;
}

/**
 * Runs the public conformance suite (`@modelcontextprotocol/conformance server --url …`) against a server on loopback, and
 * reads what it wrote. Throws when the suite is missing or writes no report.
 */
export async function runSuite(url: string, args: readonly string[]): Promise<SuiteReport> {
  const cli = join(suite(), "dist/index.js");
  const folder = mkdtempSync(join(tmpdir(), "conformance-"));
  try {
    // The suite insists on the name.
    const target = url.replace("127.0.0.1", "localhost");
    const child = spawn(process.execPath, [cli, "server", "--url", target, ...args, "-o", folder], {
      stdio: ["ignore", "pipe", "pipe"],
    });
    let output = "";
    for (const stream of [child.stdout, child.stderr])
      stream.on("data", (chunk: Buffer) => (output += chunk.toString()));
    await new Promise((resolve) => child.once("exit", resolve));
    const report = new Map<string, readonly SuiteCheck[]>();
    for (const name of readdirSync(folder)) {
      const scenario = name.replace(/^server-/, "").replace(/-\d{4}-\d{2}-\d{2}T.*$/, "");
      report.set(scenario, JSON.parse(readFileSync(join(folder, name, "checks.json"), "utf8")) as SuiteCheck[]);
    }
    // Without a word of it a suite that crashed would be a riddle.
    if (report.size === 0) throw new Error(`the conformance suite wrote no report: ${output.slice(-2_000)}`);
    return report;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The server scenarios that a frozen set scores (`2026-07-28`), from the suite's own list. */
export function scoredScenarios(requirements: string): string[] {
  const text = readFileSync(join(suite(), "requirements", `${requirements}.yaml`), "utf8");
  const section = /^server:\n((?: {2}- .*\n)+)/m.exec(text)?.[1] ?? "";
  return [...section.matchAll(/^ {2}- (\S+)/gm)].map((match) => match[1] as string);
}

/** What failed, a line each. */
export function suiteFailures(checks: readonly SuiteCheck[]): string[] {
  return checks
    .filter((check) => check.status === "FAILURE")
    .map((check) => `${check.id}: ${check.errorMessage ?? "failed"}`);
}
