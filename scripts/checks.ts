// What `npm test` runs once everything is installed: each step in turn, a line for each, and one sum.
import { existsSync, globSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join, relative } from "node:path";
import { parseArgs, styleText } from "node:util";
import { type Counts, REPORT_VARIABLE } from "./count-reporter.ts";
import { runLogged, tail } from "./run-logged.mjs";
import { environment, root } from "./workspace.mjs";

interface Command {
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd: string;
}

interface Step {
  /** What `--only` names. */
  readonly group: string;
  readonly name: string;
  readonly commands: readonly Command[];
  /** Counted by its tests instead of as one. */
  readonly tests?: true;
}

// Both modes of one suite leave their results.
const SERVICES = process.env["TEST_SERVICES"] ?? "auto";
const STEP_TIMEOUT_MS = 20 * 60_000;
// All other steps use what was built.
const NEEDS_NO_BUILD = ["format", "build", "surfaces", "workflows"];

const only = chosenGroups();
const steps = allSteps().filter(({ group }) => !only || only.has(group));
process.exitCode = await runAll(steps);

function chosenGroups(): Set<string> | undefined {
  const groups = [...new Set(allSteps().map(({ group }) => group))];
  let chosen: string[] | undefined;
  try {
    const { values } = parseArgs({ options: { only: { type: "string" } }, allowPositionals: false });
    chosen = values.only?.split(",");
  } catch (error) {
    usage((error as Error).message);
  }
  if (!chosen) return undefined;
  const unknown = chosen.find((name) => !groups.includes(name));
  if (unknown !== undefined) usage(`There is no step "${unknown}".`);
  return new Set(chosen.every((name) => NEEDS_NO_BUILD.includes(name)) ? chosen : ["build", ...chosen]);

  function usage(problem: string): never {
    console.error(`${problem} Use --only with some of: ${groups.join(", ")}.`);
    process.exit(2);
  }
}

function allSteps(): Step[] {
  const packages = globSync(["{packages,servers,packages/create-server/templates}/*/package.json"], { cwd: root })
    .map((file) => join(file, ".."))
    .sort();
  return [
    { group: "build", name: "build", commands: [turbo("build")] },
    // Lint knows types, and packages see each other's through what was built.
    { group: "lint", name: "lint", commands: [tool("oxlint")] },
    { group: "format", name: "format", commands: [tool("oxfmt", "--check")] },
    { group: "typecheck", name: "typecheck", commands: [turbo("typecheck"), tool("tsc", "-p", "scripts")] },
    vitest("unit", "unit scripts", "scripts"),
    ...packages
      .filter((folder) => existsSync(join(root, folder, "test")))
      .map((folder) => vitest("unit", `unit ${folder}`, folder)),
    ...packages
      .filter((folder) => existsSync(join(root, folder, "vitest.services.config.ts")))
      .map((folder) =>
        vitest("integration", `integration ${folder} (${SERVICES})`, folder, "--config", "vitest.services.config.ts"),
      ),
    ...suites().map((suite) => {
      const name = suite.replace(/\.test\.ts$|\/$/, "");
      return vitest(name, name, "test", suite);
    }),
    { group: "docs", name: "docs", commands: [node("scripts/generate-docs.ts", "--check")] },
    { group: "packages", name: "packages", commands: [turbo("lint:package")] },
    { group: "surfaces", name: "surfaces", commands: [node("scripts/compare-surfaces.ts")] },
    { group: "workflows", name: "workflows", commands: [node("scripts/lint-workflows.ts")] },
  ];
}

/** What stands in test/: folders that hold tests (conformance, clients, …) and single files. */
function suites(): string[] {
  return readdirSync(join(root, "test"), { withFileTypes: true })
    .filter(({ name }) => name !== "node_modules")
    .map((entry) => (entry.isDirectory() ? `${entry.name}/` : entry.name))
    .filter((name) => name.endsWith(".test.ts") || globSync(`test/${name}**/*.test.ts`, { cwd: root }).length > 0)
    .sort();
}

function tool(name: string, ...args: string[]): Command {
  return { command: join(root, "node_modules/.bin", name), args, cwd: root };
}

function node(script: string, ...args: string[]): Command {
  return { command: process.execPath, args: [join(root, script), ...args], cwd: root };
}

// Turbo looks for pnpm on PATH, where npx puts it.
function turbo(task: string): Command {
  const { packageManager } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { packageManager: string };
  return {
    command: "npx",
    args: ["-y", packageManager, "exec", "turbo", "run", task, "--continue", "--output-logs=errors-only"],
    cwd: root,
  };
}

function vitest(group: string, name: string, folder: string, ...args: string[]): Step {
  const reporters = [
    "--reporter=default",
    `--reporter=${join(root, "scripts/count-reporter.ts")}`,
    "--reporter=junit",
    `--outputFile.junit=${join(root, "artifacts/junit", `${slug(name)}.xml`)}`,
  ];
  const command = {
    command: process.execPath,
    args: [join(root, "node_modules/vitest/vitest.mjs"), "run", ...args, ...reporters],
    cwd: join(root, folder),
  };
  return { group, name, commands: [command], tests: true };
}

async function runAll(all: readonly Step[]): Promise<number> {
  for (const folder of ["results", "junit", "logs"])
    rmSync(join(root, "artifacts", folder), { recursive: true, force: true });
  const started = performance.now();
  const width = Math.max(...all.map(({ name }) => name.length));
  const totals = { passed: 0, failed: 0 };
  const skips: Counts["skipped"][number][] = [];
  for (const step of all) {
    if (process.stdout.isTTY) process.stdout.write(`  ${step.name}…`);
    const { passed, failed, skipped, seconds, explanation } = await run(step);
    totals.passed += passed;
    totals.failed += failed;
    skips.push(...skipped);
    const counted = step.tests
      ? `${passed} passed, ${failed} failed${skipped.length > 0 ? `, ${skipped.length} skipped` : ""}`
      : "";
    const mark = failed === 0 ? colour("green", "✓") : colour("red", "✗");
    if (process.stdout.isTTY) process.stdout.write("\r\u001b[K");
    print(`${mark} ${step.name.padEnd(width)}  ${seconds.toFixed(1).padStart(6)} s  ${counted}`.trimEnd());
    if (explanation) print(explanation.replaceAll(/^/gm, "    "));
  }
  print(`\n${Math.round((performance.now() - started) / 1000)} s in all. ${skipLine(skips)}`);
  print(`${totals.passed} passed, ${totals.failed} failed`);
  return totals.failed === 0 && totals.passed > 0 ? 0 : 1;
}

interface Outcome extends Counts {
  readonly seconds: number;
  readonly explanation?: string;
}

async function run({ name, commands, tests }: Step): Promise<Outcome> {
  const log = join(root, "artifacts/logs", `${slug(name)}.log`);
  const report = join(root, "artifacts/results", `${slug(name)}.json`);
  rmSync(report, { force: true });
  const env = { ...environment(), ...(tests && { [REPORT_VARIABLE]: report }) };
  let seconds = 0;
  let worst = 0;
  for (const { command, args, cwd } of commands) {
    const result = await runLogged(command, args, { log, cwd, env, append: seconds > 0, timeoutMs: STEP_TIMEOUT_MS });
    seconds += result.seconds;
    worst ||= result.code;
  }
  const shown = `${worst === 124 ? "It took too long and was ended.\n" : ""}${tail(log, 40)}\nWhole log: ${relative(root, log)}`;
  const failure = { seconds, explanation: shown };
  if (!tests)
    return worst === 0
      ? { passed: 1, failed: 0, skipped: [], seconds }
      : { passed: 0, failed: 1, skipped: [], ...failure };
  if (!existsSync(report)) return { passed: 0, failed: 1, skipped: [], ...failure };
  const counts = JSON.parse(readFileSync(report, "utf8")) as Counts;
  if (counts.passed + counts.failed + counts.skipped.length === 0)
    return { ...counts, failed: 1, ...failure, explanation: `No test ran.\n${shown}` };
  const unexplained = counts.failed === 0 ? counts.skipped.filter(({ reason }) => reason === undefined) : [];
  if (unexplained.length > 0)
    return {
      ...counts,
      failed: unexplained.length,
      seconds,
      explanation: `Skipped without a reason (use context.skip("why"), or brackets in the title):\n${unexplained.map(({ test }) => test).join("\n")}`,
    };
  if (worst === 0 && counts.failed === 0) return { ...counts, seconds };
  // Vitest can fail without a failed test, for instance on an unhandled rejection.
  return { ...counts, failed: Math.max(1, counts.failed), ...failure };
}

function skipLine(skips: readonly Counts["skipped"][number][]): string {
  if (skips.length === 0) return "No test was skipped.";
  const byReason = Map.groupBy(skips, ({ reason }) => reason ?? "no reason given");
  return `${skips.length} skipped: ${[...byReason].map(([reason, of]) => `${reason} (${of.length})`).join("; ")}.`;
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

function slug(name: string): string {
  return name.replace(/\W+/g, "-").replace(/-$/, "");
}

function colour(style: "green" | "red", text: string): string {
  return process.stdout.isTTY ? styleText(style, text) : text;
}
