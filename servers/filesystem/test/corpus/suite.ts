import { existsSync } from "node:fs";
import { attackFiles, attemptCase, type CorpusResult, formatReport, loadFileCases, summarize } from "@mooring/testing";
import { afterAll, expect, it } from "vitest";
import { bin, startServer } from "./target.ts";

/** What may leave a case out; a server that merely lacks something must fail instead. */
const LEFT_OUT = /^(?:only on |needs uid 0|needs a uid other than 0|no tool for unzip|needs the program )/;

/** One test a case of a corpus file, each against a fresh built server; the count of what was left out is printed. */
export function attackBuiltServer(title: string, file: string): void {
  const results: CorpusResult[] = [];

  afterAll(() => {
    console.error(formatReport(summarize(results), title));
  });

  it("has a built server to attack", () => {
    expect(existsSync(bin), `${bin} is missing: build first`).toBe(true);
  });
  if (!existsSync(bin)) return;

  it.for(loadFileCases(new URL(file, import.meta.url)))("$id", { timeout: 120_000 }, async (testCase, { skip }) => {
    const result = await attemptCase(testCase, (each) => attackFiles(each, startServer));
    results.push(result);
    const { outcome } = result;
    const reason = outcome.status === "not_applicable" ? outcome.reason : undefined;
    skip(reason !== undefined && LEFT_OUT.test(reason), reason);
    expect(outcome).toEqual({ status: "passed" });
  });
}
