import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { writeProblem } from "../../src/journal/folder.ts";

const base = mkdtempSync(join(tmpdir(), "mooring-folder-"));
afterAll(() => rmSync(base, { recursive: true, force: true }));

test("tells beforehand, without making anything", () => {
  expect(writeProblem(join(base, "new", "deep"))).toBeUndefined();
  expect(existsSync(join(base, "new"))).toBe(false);
  writeFileSync(join(base, "file"), "");
  expect(writeProblem(join(base, "file", "x"))).toBe("ENOTDIR");
  mkdirSync(join(base, "shut"));
  chmodSync(join(base, "shut"), 0o500);
  // Nothing is shut for root.
  expect(writeProblem(join(base, "shut", "x"))).toBe(process.getuid?.() === 0 ? undefined : "EACCES");
});
