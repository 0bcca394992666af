import { expect, test } from "vitest";
import { judgeVersion } from "../../../src/health/checks/server-version.ts";

const judged = (versionNumber: number, now: string) =>
  judgeVersion({ facts: { versionNumber } as never, now: new Date(now) }).map(
    ({ severity, evidence }) => `${severity}: ${evidence}`,
  );

test.each([
  [150020, "2026-11-20", []],
  [150019, "2026-11-20", ["low: at least 1 minor release behind: 15.20 is out"]],
  [150016, "2026-11-20", ["medium: at least 4 minor releases behind: 15.20 is out"]],
  [150020, "2027-05-13", ["low: gets fixes until 2027-11-11: plan the upgrade"]],
  [150020, "2027-05-12", []],
  [150020, "2027-11-12", ["high: no more fixes since 2027-11-11: upgrade to a supported major version"]],
  [140099, "2026-11-20", ["high: no more fixes since 2026-11-12: upgrade to a supported major version"]],
  [110022, "2026-11-20", ["high: no more fixes: upgrade to a supported major version"]],
  [180006, "2026-11-20", []],
  // Nothing is known of it, so nothing is said.
  [190000, "2035-01-01", []],
] as const)("%i on %s", (version, now, expected) => {
  expect(judged(version, now)).toEqual(expected);
});
