import { fixtureFree, runSuite, suiteFailures, withoutFixtures } from "@mooring/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { productServers, serveOverHttp, type Serving } from "../product-servers.ts";

describe.for(productServers)("$name", (server) => {
  let serving: Serving | undefined;
  beforeAll(async () => {
    serving = await serveOverHttp(server);
  });
  afterAll(() => serving?.[Symbol.asyncDispose]());

  const cases = Object.entries(fixtureFree).flatMap(([version, scenarios]) =>
    scenarios.map((scenario) => [version, scenario] as const),
  );
  test.for(cases)("%s %s", async ([version, scenario]) => {
    const report = await runSuite(serving?.url ?? "", ["--scenario", scenario, "--spec-version", version]);
    const checks = report.get(scenario) ?? [];
    expect(checks.length).toBeGreaterThan(0);
    expect(suiteFailures(withoutFixtures(checks))).toEqual([]);
  });
});
