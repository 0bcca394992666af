import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Report } from "../../src/check/report.ts";
import { check } from "../../src/commands/check.ts";
import { UsageError } from "../../src/commands/command.ts";

const fixture = fileURLToPath(new URL("../check/fixture.mjs", import.meta.url));
const quick = ["--skip", "conformance,orphans", "--skip", "start"];

let stdout = "";
let folder = "";
beforeEach(() => {
  stdout = "";
  folder = mkdtempSync(join(tmpdir(), "check-"));
  vi.spyOn(process.stdout, "write").mockImplementation((text) => {
    stdout += String(text);
    return true;
  });
});
afterEach(() => {
  vi.restoreAllMocks();
  rmSync(folder, { recursive: true });
});

const run = (options: readonly string[], fault = "none") =>
  check.run([...quick, ...options, "--", process.execPath, fixture, fault]);

test("a good server is status 0, and the report is for people", async () => {
  expect(await run([])).toBe(0);
  expect(stdout).toMatch(/^fixture 1\.0\.0 · .*fixture\.mjs none\n2025-11-25 and 2026-07-28 · first answer after/);
  expect(stdout).toMatch(/\n\d+ passed, 0 failed, 0 warnings, 0 skipped in \d+\.\d s\n$/);
});

test("a check that fails is status 1, a warning is not", async () => {
  expect(await run(["--max-tokens", "5"])).toBe(1);
  expect(stdout).toContain("✘ total: its tools cost a model at most 5 tokens");
  expect(await run([], "hidden-text")).toBe(0);
});

test("JSON and JUnit go to stdout, and nothing else does", async () => {
  await run(["--format", "json"]);
  const report = JSON.parse(stdout) as Report;
  expect(report).toMatchObject({ ok: true, server: { name: "fixture" }, tools: { count: 1 } });
  stdout = "";
  await run(["--format", "junit"]);
  expect(stdout).toMatch(/^<\?xml .*<testsuite name="stdout".*<\/testsuites>\n$/s);
});

test("a file gets the report, and stdout what needs a look", async () => {
  const file = join(folder, "deep", "report.json");
  expect(await run(["--format", "json", "--output", file], "same-name")).toBe(1);
  expect((JSON.parse(readFileSync(file, "utf8")) as Report).ok).toBe(false);
  expect(readdirSync(join(folder, "deep"))).toEqual(["report.json"]);
  expect(stdout).toContain("✘ unique-names");
  expect(stdout).not.toContain("messages:");
});

test("variables are passed on by name or with a value, and only those", async () => {
  vi.stubEnv("FIXTURE_TOKEN", "from-here");
  const options = ["--format", "json", "--env"];
  const start = ["--skip", "conformance,orphans,surface,tokens", ...options];
  const ended = (text: string) => (JSON.parse(text) as Report).checks.find(({ id }) => id === "start/quiet")?.detail;
  const command = ["--", process.execPath, fixture, "prints-variable"];
  await check.run([...start, "FIXTURE_TOKEN", ...command]);
  expect(ended(stdout)).toBe('not JSON: "***"');
  stdout = "";
  await check.run([...start, "FIXTURE_TOKEN=abc", ...command]);
  // Too short to be a secret.
  expect(ended(stdout)).toBe('not JSON: "abc"');
  stdout = "";
  await check.run([...start, "OTHER=x", ...command]);
  expect(ended(stdout)).toBe('not JSON: "undefined"');
  vi.unstubAllEnvs();
});

test.for([
  [[], 'Name the server to check: its command behind "--", or --url.'],
  [["--"], "Name the server to check"],
  [["node", "server.js"], 'What is "node"? The server\'s command stands behind "--".'],
  [["--format", "xml", "--", "node"], 'There is no format "xml". There are: text, json, junit.'],
  [["--format", "toString", "--", "node"], "There is no format"],
  [["--skip", "all", "--", "node"], 'There is no group "all". There are: start, stdout,'],
  [["--max-tokens", "many", "--", "node"], '--max-tokens takes a number above 0, not "many".'],
  [["--timeout", "0", "--", "node"], "--timeout takes a number above 0"],
  [["--env", "MOORING_NOT_SET", "--", "node"], "The variable MOORING_NOT_SET is not set here."],
  [["--env", "=x", "--", "node"], "--env takes NAME or NAME=VALUE"],
  [["--url", "localhost:3000"], "--url takes a URL"],
  [["--url", "https://example.com/mcp"], "is on another machine. Say that this is meant with --allow-remote."],
  [["--http"], "Name the server to check"],
  [["--http", "--url", "http://localhost:1/mcp"], "--http needs a command to start."],
  [["--colour", "--", "node"], "--colour"],
] as const)("wrong use: %j", async ([args, message]) => {
  const error: unknown = await check.run(args).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(UsageError);
  expect((error as Error).message).toContain(message);
});
