import { expect, test } from "vitest";
import * as testing from "../src/index.ts";

// Public API: a red test means a changeset is due.
test("the names that others import", () => {
  expect(Object.keys(testing).toSorted()).toMatchInlineSnapshot(`
    [
      "NotApplicable",
      "attackFiles",
      "attemptCase",
      "checkServer",
      "connect",
      "connectHttp",
      "connectStdio",
      "countTokens",
      "cpuSeconds",
      "eras",
      "expandVariables",
      "fillPlaceholders",
      "findSuite",
      "fixtureFree",
      "formatReport",
      "keep",
      "keepArtifacts",
      "lintTools",
      "loadFileCases",
      "measureTools",
      "mode",
      "modeFor",
      "newDatabase",
      "peakMemoryMb",
      "printTranscript",
      "recordConnections",
      "runCorpus",
      "runSuite",
      "scoredScenarios",
      "serverSurface",
      "startAll",
      "startFaultProxy",
      "startGitHub",
      "startPostgres",
      "startProgram",
      "startSlack",
      "startSwapper",
      "suiteFailures",
      "summarize",
      "surface",
      "thisHost",
      "whyNotHere",
      "withoutFixtures",
      "writeArtifacts",
    ]
  `);
});
