import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { productServers, serveOverHttp, type Serving } from "../product-servers.ts";
import { conformance, failures } from "./suite.ts";

/** Scenarios that mean something on any server, without fixtures. */
const FIXTURE_FREE = {
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
const NEED_FIXTURES = new Set([
  "sep-2575-server-rejects-undeclared-capability",
  "sep-2575-missing-capability-http-400",
  "sep-2575-http-server-no-independent-requests-on-stream",
  "sep-2575-server-no-log-without-loglevel",
]);

describe.for(productServers)("$name", (server) => {
  let serving: Serving | undefined;
  beforeAll(async () => {
    serving = await serveOverHttp(server);
  });
  afterAll(() => serving?.[Symbol.asyncDispose]());

  const cases = Object.entries(FIXTURE_FREE).flatMap(([version, scenarios]) =>
    scenarios.map((scenario) => [version, scenario] as const),
  );
  test.for(cases)("%s %s", async ([version, scenario]) => {
    const { report } = await conformance(serving?.url ?? "", ["--scenario", scenario, "--spec-version", version]);
    const checks = report.get(scenario) ?? [];
    expect(checks.length).toBeGreaterThan(0);
    const failed = failures(checks.filter((check) => !NEED_FIXTURES.has(check.id)));
    expect(failed).toEqual([]);
  });
});
