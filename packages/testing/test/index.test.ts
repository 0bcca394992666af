import { expect, test } from "vitest";
import * as testing from "../src/index.ts";

// Public API: a red test means a changeset is due.
test("the names that others import", () => {
  expect(Object.keys(testing).toSorted()).toMatchInlineSnapshot(`
    [
      "NotApplicable",
      "attackFiles",
      "attemptCase",
      "connect",
      "connectHttp",
      "connectStdio",
      "countTokens",
      "cpuSeconds",
      "eras",
      "expandVariables",
      "fillPlaceholders",
      "formatReport",
      "keep",
      "keepArtifacts",
      "lintTools",
      "loadFileCases",
      "measureTools",
      "mode",
      "newDatabase",
      "peakMemoryMb",
      "printTranscript",
      "recordConnections",
      "runCorpus",
      "serverSurface",
      "startAll",
      "startFaultProxy",
      "startGitHub",
      "startPostgres",
      "startProgram",
      "startSlack",
      "startSwapper",
      "summarize",
      "surface",
      "thisHost",
      "whyNotHere",
      "writeArtifacts",
    ]
  `);
});
