import type { HttpServing } from "@mooring/core/http";
import { runSuite, scoredScenarios, suiteFailures, type SuiteReport } from "@mooring/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startFixtureServer } from "./fixture-server.ts";

let server: HttpServing;
beforeAll(async () => {
  server = await startFixtureServer();
});
afterAll(() => server.close());

// How many each set scores is part of the promise: a suite that shrinks must not look green.
describe.for([
  ["2025-11-25", 30],
  ["2026-07-28", 37],
] as const)("%s", ([requirements, count]) => {
  const scenarios = scoredScenarios(requirements);
  let report: SuiteReport;
  beforeAll(async () => {
    report = await runSuite(server.url, ["--requirements", requirements]);
  });

  test(`scores ${count} scenarios`, () => {
    expect(scenarios).toHaveLength(count);
  });

  test.for(scenarios)("%s", (scenario) => {
    const checks = report.get(scenario) ?? [];
    expect(checks.length).toBeGreaterThan(0);
    expect(suiteFailures(checks)).toEqual([]);
  });
});
