import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Counts, REPORT_VARIABLE } from "../count-reporter.ts";
import { root } from "../workspace.mjs";

const FILES = {
  "mixed.test.js": `
    it("passes", () => {});
    it("fails", () => { throw new Error("no"); });
    it("says why it is skipped", (context) => context.skip("needs Docker"));
    describe.skip("pins (Linux only)", () => { it("a", () => {}); });
    it.skip("says nothing", () => {});`,
  "hook.test.js": `
    describe("broken", () => { beforeAll(() => { throw new Error("hook"); }); it("never runs", () => {}); });`,
  "load.test.js": `throw new Error("does not load");`,
};

let folder: string;
let counts: Counts;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "mooring-count-"));
  for (const [name, text] of Object.entries(FILES)) writeFileSync(join(folder, name), text);
  const report = join(folder, "deep/report.json");
  const reporter = join(root, "scripts/count-reporter.ts");
  const args = ["run", "--globals", "--root", folder, `--reporter=${reporter}`];
  spawnSync(process.execPath, [join(root, "node_modules/vitest/vitest.mjs"), ...args], {
    env: { ...process.env, [REPORT_VARIABLE]: report },
  });
  counts = JSON.parse(readFileSync(report, "utf8")) as Counts;
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("the counting reporter", () => {
  it("counts passed tests", () => {
    expect(counts.passed).toBe(1);
  });

  it("counts a failed test, a failed hook and a file that does not load", () => {
    expect(counts.failed).toBe(3);
  });

  it("keeps the reasons of skipped tests: a note, or the brackets of a title", () => {
    const reasons = Object.fromEntries(counts.skipped.map(({ test, reason }) => [test, reason]));
    expect(reasons).toMatchObject({
      "mixed.test.js > says why it is skipped": "needs Docker",
      "mixed.test.js > pins (Linux only) > a": "Linux only",
    });
    expect(reasons["mixed.test.js > says nothing"]).toBeUndefined();
    expect(counts.skipped.map(({ test }) => test)).toContain("mixed.test.js > says nothing");
  });
});
