// A vitest reporter that writes what `npm test` adds up. Vitest's own JSON report leaves out why a test was skipped.
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import type { Reporter, TestCase, TestModule } from "vitest/node";

/** Where the report goes: `artifacts/results/<step>.json`. */
export const REPORT_VARIABLE = "MOORING_TEST_REPORT";

export interface Counts {
  readonly passed: number;
  /** Failed tests, and files or hooks that failed outside a test. */
  readonly failed: number;
  readonly skipped: readonly { readonly test: string; readonly reason: string | undefined }[];
}

export default class CountReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandled: readonly unknown[]): void {
    const file = process.env[REPORT_VARIABLE];
    if (!file) return;
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, JSON.stringify(count(modules, unhandled.length), null, 2));
  }
}

function count(modules: readonly TestModule[], unhandled: number): Counts {
  let passed = 0;
  let failed = unhandled;
  const skipped: { test: string; reason: string | undefined }[] = [];
  for (const module of modules) {
    failed += module.errors().length;
    for (const suite of module.children.allSuites()) failed += suite.errors().length;
    for (const test of module.children.allTests()) {
      const result = test.result();
      if (result.state === "passed") passed++;
      else if (result.state === "failed") failed++;
      else skipped.push({ test: `${module.relativeModuleId} > ${test.fullName}`, reason: reasonOf(test) });
    }
  }
  return { passed, failed, skipped };
}

// `context.skip("needs Docker")`, or the last brackets of a title: `describe.skipIf(…)("pins (Linux only)")`.
function reasonOf(test: TestCase): string | undefined {
  const result = test.result();
  const note = result.state === "skipped" ? result.note : undefined;
  return note ?? /.*\(([^()]+)\)/.exec(test.fullName)?.[1];
}
