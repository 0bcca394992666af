import { stripVTControlCharacters } from "node:util";
import { expect, test } from "vitest";
import { formatText } from "../../../src/check/format/text.ts";
import { report } from "./report.ts";

test("everything, for people", () => {
  expect(formatText(report, { colour: false })).toMatchInlineSnapshot(`
    "Hello 1.2.3 · node server.js <a & b>
    2025-11-25 · first answer after 1,234 ms · 2 tools, 1,500 tokens

    start
      ✔ initialize: answers initialize (after 1234 ms)

    conformance
      ✘ ping: answers ping
          seen  error -32601 ("no  <method>")
          do    Answer ping.
          see   https://example.com/ping
      ! ids: keeps ids
          seen  it does so now & then
          do    Copy them.

    orphans
      - stdin: ends (skipped: no such system)

    1 passed, 1 failed, 1 warning, 1 skipped in 2.3 s
    "
  `);
});

test("only what needs a look", () => {
  const text = formatText(report, { colour: false, isShort: true });
  expect(text).toContain("ping: answers ping");
  expect(text).toContain("ids: keeps ids");
  expect(text).not.toContain("initialize: answers");
  expect(text).not.toContain("orphans");
});

test("colours change nothing but colours", () => {
  const text = formatText(report, { colour: true });
  expect(text).toContain("\u001b[31m✘");
  expect(stripVTControlCharacters(text)).toBe(formatText(report, { colour: false }));
});
