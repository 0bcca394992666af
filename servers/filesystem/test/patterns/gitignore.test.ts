import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type IgnoreScope, rootScope } from "../../src/patterns/gitignore.ts";

/** Decides a path as a walk does: a path below an ignored directory is never reached. */
function ignored(files: Readonly<Record<string, string>>, path: string): boolean {
  const names = path.split("/");
  const own = (directory: string) => ({ gitignore: files[directory + ".gitignore"] });
  let scope: IgnoreScope = rootScope({ ...own(""), exclude: files[".git/info/exclude"] });
  let directory = "";
  for (const [i, name] of names.entries()) {
    const last = i === names.length - 1;
    if (scope.ignores(name, !last)) return true;
    if (last) return false;
    directory += name + "/";
    scope = scope.enter(name, own(directory));
  }
  return false;
}

const table: [rules: string, path: string, ignored: boolean][] = [
  ["*.log", "a/b/c.log", true],
  ["*.log\n!keep.log", "keep.log", false],
  ["!keep.log\n*.log", "keep.log", true],
  ["node_modules/", "node_modules/x/y.js", true],
  ["node_modules/", "node_modules", false],
  ["/dist", "dist/a", true],
  ["/dist", "a/dist/b", false],
  ["a/b", "x/a/b", false],
  ["a/b", "a/b/c", true],
  ["**/b", "x/y/b", true],
  ["a/**", "a/x/y", true],
  ["a/**", "b/a/x", false],
  ["a/**/b", "a/b", true],
  ["a/**/b", "a/x/y/b", true],
  ["a/*/b", "a/x/y/b", false],
  ["a**b", "axxb", true],
  ["foo/*\n!foo/keep", "foo/keep", false],
  ["foo/\n!foo/keep", "foo/keep", true],
  ["\\#x", "#x", true],
  ["#x", "#x", false],
  ["\\!x", "!x", true],
  ["x ", "x", true],
  ["x\\ ", "x ", true],
  ["x\\ ", "x", false],
  ["x\r\ny\r", "y", true],
  ["\uFEFFx", "x", true],
  ["[", "[", false],
  ["[a-c]x", "bx", true],
  ["[!a-c]x", "bx", false],
  ["[^a-c]x", "dx", true],
  ["[]]x", "]x", true],
  ["[[:digit:]]x", "7x", true],
  ["a\\", "a", false],
  ["a?c", "abc", true],
  ["a?c", "a/c", false],
  ["?", "é", false],
  ["/", "a", false],
  ["**", "a/b", true],
  ["**/", "a", false],
  ["**/", "a/b", true],
  ["/*\n!/src", "src/a.ts", false],
  ["/*\n!/src", "lib/a.ts", true],
];

describe("rules of one file", () => {
  // git matches bytes, so its `?` takes one byte of a character; ours takes the character.
  const ours = new Map([["?\u0000é", true]]);
  test.each(table)("%j: %j ignored %j", (rules, path, expected) => {
    expect(ignored({ ".gitignore": rules }, path)).toBe(ours.get(`${rules}\u0000${path}`) ?? expected);
  });
});

test("a nested file overrides, exclude is weakest, a nested repository starts anew", () => {
  const files = { ".gitignore": "*.a\n", "sub/.gitignore": "!x.a\n*.b\n", ".git/info/exclude": "*.c\n!y.a\n" };
  expect(ignored(files, "x.a")).toBe(true);
  expect(ignored(files, "y.a")).toBe(true);
  expect(ignored(files, "sub/x.a")).toBe(false);
  expect(ignored(files, "sub/deep/x.a")).toBe(false);
  expect(ignored(files, "x.b")).toBe(false);
  expect(ignored(files, "sub/deep/x.b")).toBe(true);
  expect(ignored(files, "sub/x.c")).toBe(true);
  const repository = rootScope({ gitignore: "*.a" }).enter("vendored", { repository: true });
  expect(repository.ignores("x.a", false)).toBe(false);
  expect(repository.ignores(".git", true)).toBe(true);
});

test("no rule is slow on a hostile name", () => {
  const scope = rootScope({ gitignore: `${"*a".repeat(120)}b\n${"**/a*/".repeat(60)}b\n` });
  const started = performance.now();
  let at = scope;
  for (let depth = 0; depth < 100; depth++) {
    expect(at.ignores("a".repeat(255), true)).toBe(false);
    at = at.enter("a");
  }
  expect(performance.now() - started).toBeLessThan(1000);
});

const git = (() => {
  try {
    execFileSync("git", ["--version"]);
    return true;
  } catch {
    return false;
  }
})();

// Counted: without git there is nothing to compare with.
describe.skipIf(!git)("as git check-ignore (needs git)", () => {
  let base = "";
  beforeAll(() => {
    base = mkdtempSync(join(tmpdir(), "gitignore-"));
    execFileSync("git", ["init", "-q", base]);
  });
  afterAll(() => rmSync(base, { recursive: true, force: true }));

  function write(files: Readonly<Record<string, string>>): void {
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(base, path)), { recursive: true });
      writeFileSync(join(base, path), text);
    }
  }

  function gitIgnores(paths: readonly string[]): Set<string> {
    const { status, stdout, stderr } = spawnSync(
      "git",
      ["-C", base, "-c", "core.excludesFile=", "check-ignore", "--no-index", "-z", "--stdin"],
      { input: paths.join("\0") },
    );
    // 1 says that none is ignored.
    if (status !== 0 && status !== 1) throw new Error(String(stderr));
    return new Set(String(stdout).split("\0").filter(Boolean));
  }

  test("the table", () => {
    for (const [rules, path, expected] of table) {
      write({ ".gitignore": rules, [path]: "" });
      const got = gitIgnores([path]);
      rmSync(join(base, path.split("/")[0] ?? ""), { recursive: true, force: true });
      expect([rules, path, got.has(path)]).toEqual([rules, path, expected]);
    }
  });

  const word = fc.constantFrom(
    "a",
    "b",
    "ab",
    "a.b",
    "*.b",
    "*.a.b",
    "x",
    "*",
    "a*",
    "*b",
    "**",
    "?",
    "[ab]",
    "[!a]",
    "[]a]",
    "[[:alpha:]]",
    "\\/",
    "***",
    "a**b",
    "\\a",
    "\\*",
    "[",
  );
  const rule = fc
    .tuple(
      fc.constantFrom("", "", "", "!"),
      fc.constantFrom("", "", "/"),
      fc.array(word, { minLength: 1, maxLength: 3 }),
      fc.constantFrom("", "", "/", " ", "\\ "),
    )
    .map(([not, slash, words, end]) => not + slash + words.join("/") + end);
  const rules = fc.array(rule, { minLength: 1, maxLength: 6 }).map((all) => all.join("\n"));
  const directories = ["a", "b", "ab"];
  const leaves = ["x", "ab", "a.b", "*", "[", "b "];
  const paths = [
    ...leaves.map((leaf) => `${leaf}1`),
    ...leaves.filter((leaf) => leaf !== "ab"),
    ...directories.flatMap((one) => leaves.map((leaf) => `${one}/${leaf}2`)),
    ...directories.flatMap((one) => leaves.filter((leaf) => leaf !== "ab").map((leaf) => `${one}/${leaf}`)),
    ...directories.flatMap((one) => directories.flatMap((two) => leaves.map((leaf) => `${one}/${two}d/${leaf}`))),
    ...directories.flatMap((one) => leaves.map((leaf) => `${one}/q/${leaf}`)),
  ];

  test("random rules", { timeout: 60_000 }, () => {
    write(Object.fromEntries(paths.map((path) => [path, ""])));
    fc.assert(
      fc.property(rules, rules, rules, (top, nested, exclude) => {
        const files = { ".gitignore": top, "a/.gitignore": nested, ".git/info/exclude": exclude };
        write(files);
        const expected = gitIgnores(paths);
        const got = paths.filter((path) => ignored(files, path));
        expect(got).toEqual(paths.filter((path) => expected.has(path)));
      }),
      { numRuns: 200 },
    );
  });
});
