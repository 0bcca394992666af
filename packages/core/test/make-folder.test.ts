import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { makeFolder } from "../src/make-folder.ts";

const base = mkdtempSync(join(tmpdir(), "mooring-folder-"));
afterAll(() => rmSync(base, { recursive: true, force: true }));

test("makes what is missing, for its owner only, and takes what is there", () => {
  makeFolder(join(base, "a", "b", "c"));
  makeFolder(join(base, "a", "b", "c"));
  for (const path of ["a", "a/b", "a/b/c"]) expect(statSync(join(base, path)).mode & 0o077).toBe(0);
});

test("ends where nothing can be made", () => {
  writeFileSync(join(base, "file"), "");
  expect(() => makeFolder(join(base, "file"))).toThrow(expect.objectContaining({ code: "ENOTDIR" }));
  expect(() => makeFolder(join(base, "file", "x"))).toThrow(expect.objectContaining({ code: "ENOTDIR" }));
});

test.runIf(existsSync("/proc/self"))("does not wait for /proc to take a name (needs /proc)", () => {
  expect(() => makeFolder("/proc/nope/a/b")).toThrow(expect.objectContaining({ code: "ENOENT" }));
});
