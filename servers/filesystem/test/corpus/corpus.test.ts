import { existsSync } from "node:fs";
import { attackFiles, attemptCase, type CorpusResult, formatReport, loadFileCases, summarize } from "@mooring/testing";
import { afterAll, describe, expect, it } from "vitest";
import { bin, startServer } from "./target.ts";

/** What may leave a case out; a server that merely lacks something must fail instead. */
const LEFT_OUT = /^(?:only on |needs uid 0|needs a uid other than 0|no tool for unzip|needs the program )/;

it("attacks the built server", () => {
  expect(existsSync(bin), "run `pnpm build` first").toBe(true);
});

describe.for([
  ["the shared cases", "attacks.json"],
  ["our own cases", "more.json"],
] as const)("%s", ([title, file]) => {
  const results: CorpusResult[] = [];

  afterAll(() => {
    console.error(formatReport(summarize(results), `filesystem corpus, ${title}`));
  });

  it.for(loadFileCases(new URL(file, import.meta.url)))("$id", { timeout: 120_000 }, async (testCase, { skip }) => {
    const result = await attemptCase(testCase, (each) => attackFiles(each, startServer));
    results.push(result);
    const { outcome } = result;
    const reason = outcome.status === "not_applicable" ? outcome.reason : undefined;
    skip(reason !== undefined && LEFT_OUT.test(reason), reason);
    expect(outcome).toEqual({ status: "passed" });
  });
});
