import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { Problem } from "../../src/problem.ts";
import { diffWithGit, mergeWithGit, refuseUncommitted } from "../../src/upgrade/with-git.ts";

// A folder of its own for what is temporary, so that anything that stays can be seen.
let temporary: string;
beforeEach(() => {
  temporary = mkdtempSync(join(tmpdir(), "with-git-"));
  vi.stubEnv("TMPDIR", temporary);
});
afterEach(() => {
  vi.unstubAllEnvs();
  const left = readdirSync(temporary);
  rmSync(temporary, { recursive: true, force: true });
  if (left.length > 0) throw new Error(`It has left ${left.join(", ")}.`);
});

const lines = (...all: string[]) => `${all.join("\n")}\n`;
const base = lines("a", "b", "c", "d", "e");

describe("a merge", () => {
  test("has what both sides changed", () => {
    expect(mergeWithGit(lines("A", "b", "c", "d", "e"), base, lines("a", "b", "c", "d", "E", "ü"))).toBe(
      lines("A", "b", "c", "d", "E", "ü"),
    );
  });

  test.for([
    ["the same line", lines("a", "b", "mine", "d", "e"), base, lines("a", "b", "theirs", "d", "e")],
    ["files that each has added", lines("mine"), "", lines("theirs")],
    ["what is no text", "a\u0000mine\n", "a\u0000b\n", "a\u0000theirs\n"],
  ] as const)("of %s is none", ([, mine, before, theirs]) => {
    expect(mergeWithGit(mine, before, theirs)).toBeUndefined();
  });
});

describe("a diff", () => {
  test("shows what was changed, added and removed, as git does, and nothing of this machine", () => {
    const before = new Map([
      ["same", "1\n"],
      ["src/ä b.ts", "1\n"],
      ["gone", "1\n"],
    ]);
    const after = new Map([
      ["same", "1\n"],
      ["src/ä b.ts", "2\n"],
      [".github/new", "1\n"],
    ]);
    const diff = diffWithGit(before, after);
    expect(diff).toContain("--- a/src/ä b.ts\t\n+++ b/src/ä b.ts\t\n@@ -1 +1 @@\n-1\n+2\n");
    expect(diff).toContain("--- a/gone\n+++ /dev/null\n@@ -1 +0,0 @@\n-1\n");
    expect(diff).toContain("--- /dev/null\n+++ b/.github/new\n@@ -0,0 +1 @@\n+1\n");
    expect(diff).not.toContain("same");
    expect(diff).not.toContain("\u001b");
    expect(diff).not.toContain(temporary);
  });

  test("of the same is empty, and of much is whole", () => {
    expect(diffWithGit(new Map([["a", "1"]]), new Map([["a", "1"]]))).toBe("");
    const much = Array.from({ length: 300_000 }, (_, n) => `line ${n}`).join("\n");
    expect(diffWithGit(new Map(), new Map([["a", `${much}\nlast\n`]])).endsWith("+last\n")).toBe(true);
  });
});

test("without git nothing works, and it says so", () => {
  vi.stubEnv("PATH", "/nowhere");
  const missing = new Problem("--upgrade needs git to compare and merge: install it from https://git-scm.com.");
  expect(() => mergeWithGit("a", "b", "c")).toThrow(missing);
  expect(() => diffWithGit(new Map(), new Map([["a", "1"]]))).toThrow(missing);
  expect(() => refuseUncommitted(tmpdir())).toThrow(missing);
});
