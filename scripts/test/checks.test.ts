import { spawnSync } from "node:child_process";
import { chmodSync, cpSync, existsSync, globSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

// A repository whose tools are stand-ins: a file `fail-<tool>` makes one fail, `report.json` in a package is what its tests "found".
let repository: string;

const TOOL = `#!/bin/sh
name=$(basename "$0"); echo "$name $*"
[ ! -e "$REPOSITORY/fail-$name" ] || { echo "trouble in $name"; exit 1; }
`;
const VITEST = `import { copyFileSync, existsSync, mkdirSync } from "node:fs";
import { dirname } from "node:path";
const report = process.env.MOORING_TEST_REPORT;
console.log("vitest in " + process.cwd());
mkdirSync(dirname(report), { recursive: true });
if (existsSync("report.json")) copyFileSync("report.json", report);
if (existsSync("exit-1")) process.exit(1);
`;

beforeEach(() => {
  repository = mkdtempSync(join(tmpdir(), "mooring-checks-"));
  write("package.json", JSON.stringify({ type: "module", packageManager: "pnpm@12.21.0" }));
  for (const name of ["oxlint", "oxfmt", "tsc", "npx"]) {
    write(`node_modules/.bin/${name}`, TOOL);
    chmodSync(join(repository, "node_modules/.bin", name), 0o755);
  }
  write("node_modules/vitest/vitest.mjs", VITEST);
  report("scripts", 5);
  write("packages/core/package.json", "{}");
  write("packages/core/test/a.test.ts", "");
  report("packages/core", 3);
  write("test/clients/some.test.ts", "");
  report("test", 2);
  const scripts = join(import.meta.dirname, "..");
  for (const name of globSync("*.{mjs,ts}", { cwd: scripts }))
    cpSync(join(scripts, name), join(repository, "scripts", name));
  for (const name of ["compare-surfaces", "generate-docs", "lint-workflows"]) write(`scripts/${name}.ts`, "");
});
afterEach(() => rmSync(repository, { recursive: true, force: true }));

function write(file: string, text: string): void {
  mkdirSync(dirname(join(repository, file)), { recursive: true });
  writeFileSync(join(repository, file), text);
}

function report(folder: string, passed: number, failed = 0, skipped: { test: string; reason?: string }[] = []): void {
  write(`${folder}/report.json`, JSON.stringify({ passed, failed, skipped }));
}

function run(...args: string[]) {
  const { stdout, stderr, status } = spawnSync(process.execPath, [join(repository, "scripts/checks.ts"), ...args], {
    cwd: repository,
    encoding: "utf8",
    env: { PATH: process.env["PATH"], REPOSITORY: repository },
  });
  return { lines: stdout.trimEnd().split("\n"), stdout, stderr, status };
}

describe.skipIf(process.platform === "win32")("the checks (POSIX shells only)", () => {
  it("adds tests, and one for each other step", () => {
    const { lines, status } = run();
    // 5 + 3 + 2 tests; lint, format, build, typecheck, docs, packages, surfaces, workflows.
    expect(lines.at(-1)).toBe("18 passed, 0 failed");
    expect(lines.at(-2)).toMatch(/No test was skipped\.$/);
    expect(status).toBe(0);
    expect(lines.find((line) => line.includes("unit packages/core "))).toMatch(/^✓ .*\d+\.\d s {2}3 passed, 0 failed$/);
  });

  it("runs the tests of templates as those of servers", () => {
    for (const folder of ["servers/one", "packages/create-server/templates/local"]) {
      write(`${folder}/package.json`, "{}");
      write(`${folder}/vitest.services.config.ts`, "");
      write(`${folder}/test/a.test.ts`, "");
      report(folder, 4);
    }
    const { stdout, lines } = run();
    for (const kind of ["unit", "integration"])
      for (const folder of ["servers/one", "packages/create-server/templates/local"])
        expect(stdout).toMatch(new RegExp(`^✓ ${kind} ${folder} .*4 passed, 0 failed$`, "m"));
    expect(lines.at(-1)).toBe("34 passed, 0 failed");
  });

  it("goes on after a failure, shows the end of its log and where the rest is", () => {
    write("fail-oxlint", "");
    const { lines, stdout, status } = run();
    expect(stdout).toMatch(
      /✗ lint .*\n {4}oxlint \n {4}trouble in oxlint\n {4}Whole log: artifacts\/logs\/lint\.log\n✓ format/,
    );
    expect(existsSync(join(repository, "artifacts/logs/lint.log"))).toBe(true);
    expect(lines.at(-1)).toBe("17 passed, 1 failed");
    expect(status).toBe(1);
  });

  it("counts failed tests", () => {
    report("packages/core", 1, 2);
    expect(run().lines.at(-1)).toBe("16 passed, 2 failed");
  });

  it("takes no report, no test, or a failing runner without a failed test for a failure", () => {
    rmSync(join(repository, "packages/core/report.json"));
    expect(run().lines.at(-1)).toBe("15 passed, 1 failed");
    report("packages/core", 0);
    expect(run().stdout).toContain("No test ran.");
    report("packages/core", 3);
    write("packages/core/exit-1", "");
    expect(run().lines.at(-1)).toBe("18 passed, 1 failed");
  });

  it("lists skipped tests by reason, and fails those without one", () => {
    report("packages/core", 3, 0, [
      { test: "a", reason: "needs Docker" },
      { test: "b", reason: "needs Docker" },
    ]);
    const explained = run();
    expect(explained.lines.at(-2)).toMatch(/2 skipped: needs Docker \(2\)\.$/);
    expect(explained.status).toBe(0);
    // What needs an engine is skipped as a whole where there is none.
    report("packages/core", 0, 0, [{ test: "a", reason: "needs Docker" }]);
    expect(run().lines.at(-1)).toBe("15 passed, 0 failed");
    report("packages/core", 3, 0, [{ test: "silent one" }]);
    const unexplained = run();
    expect(unexplained.stdout).toContain("silent one");
    expect(unexplained.lines.at(-1)).toBe("18 passed, 1 failed");
  });

  it("runs what --only names, with the build where it is needed", () => {
    const names = (only: string) =>
      run("--only", only).lines.flatMap((line) => /^[✓✗] (.*?) {2}/.exec(line)?.[1]?.trim() ?? []);
    expect(names("format,workflows")).toEqual(["format", "workflows"]);
    expect(names("clients")).toEqual(["build", "clients"]);
    const unknown = run("--only", "nosuch");
    expect(unknown.status).toBe(2);
    expect(unknown.stderr).toMatch(/^There is no step "nosuch"\. Use --only with some of: build, .*clients/m);
  });
});
