import type { Report } from "../../../src/check/report.ts";

/** A report with one check of each status. */
export const report: Report = {
  target: "node server.js <a & b>",
  server: { name: "hello", version: "1.2.3", title: "Hello" },
  revisions: ["2025-11-25"],
  startMs: 1_234,
  tools: { count: 2, tokens: 1_500, perTool: [] },
  checks: [
    { id: "start/initialize", group: "start", expected: "answers initialize", status: "pass", detail: "after 1234 ms" },
    {
      id: "conformance/ping",
      group: "conformance",
      expected: "answers ping",
      spec: "https://example.com/ping",
      status: "fail",
      detail: 'error -32601 ("no\u0007 <method>")',
      advice: "Answer ping.",
    },
    {
      id: "conformance/ids",
      group: "conformance",
      expected: "keeps ids",
      status: "warn",
      detail: "it does\nso now & then",
      advice: "Copy them.",
    },
    { id: "orphans/stdin", group: "orphans", expected: "ends", status: "skip", detail: "no such system" },
  ],
  counts: { pass: 1, fail: 1, warn: 1, skip: 1 },
  ok: false,
  durationMs: 2_345,
};
