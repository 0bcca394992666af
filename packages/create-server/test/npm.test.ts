import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { expect, test } from "vitest";
import { refuseWithoutNpm } from "../src/npm.ts";
import { Problem } from "../src/problem.ts";

const MISSING = new Problem(
  "npm is not on the PATH, and a new project needs it. Install it with Node.js: https://nodejs.org.",
);

test("npm has to be in a folder of the PATH", () => {
  const folder = mkdtempSync(join(tmpdir(), "npm-"));
  try {
    expect(() => refuseWithoutNpm({ PATH: folder })).toThrow(MISSING);
    const npm = join(folder, process.platform === "win32" ? "npm.cmd" : "npm");
    writeFileSync(npm, "");
    chmodSync(npm, 0o755);
    refuseWithoutNpm({ PATH: ["/nowhere", folder].join(delimiter) });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

test("without a PATH there is none, not even in the current folder", () => {
  expect(() => refuseWithoutNpm({})).toThrow(MISSING);
  expect(() => refuseWithoutNpm({ PATH: delimiter })).toThrow(MISSING);
});
