import { describe, expect, test } from "vitest";
import { compileGlob } from "../../src/search/glob.ts";
import { QueryProblem } from "../../src/search/problem.ts";

function matches(glob: string, path: string, ignoreCase = false): boolean {
  const directory = path.endsWith("/");
  return compileGlob(glob, { ignoreCase }).matches(path.replace(/\/$/, "").split("/"), directory);
}

describe("one glob, one path", () => {
  test.each<[glob: string, path: string, matches: boolean]>([
    ["*.md", "a.md", true],
    ["*.md", "x/y/a.md", true],
    ["*.md", "a.mdx", false],
    ["*.md", ".md", true],
    ["**/*.md", "a.md", true],
    ["**/*.md", "x/y/a.md", true],
    ["./*.md", "a.md", true],
    ["./*.md", "x/a.md", false],
    ["/*.md", "a.md", true],
    ["/*.md", "x/a.md", false],
    ["src/*.ts", "src/a.ts", true],
    ["src/*.ts", "src/x/a.ts", false],
    ["src/*.ts", "x/src/a.ts", false],
    ["src/**", "src/a", true],
    ["src/**", "src/a/b", true],
    ["src/**", "src/", false],
    ["src/**/*.ts", "src/a.ts", true],
    ["src/**/*.ts", "src/x/y/a.ts", true],
    ["**/src/**/a", "x/src/y/z/a", true],
    ["**/src/**/a", "x/y/z/a", false],
    ["**", "a/b", true],
    ["a?c", "abc", true],
    ["a?c", "a😀c", true],
    ["a?c", "ac", false],
    ["[ab].ts", "b.ts", true],
    ["[!ab].ts", "b.ts", false],
    ["[^ab].ts", "c.ts", true],
    ["[a-c]1", "b1", true],
    ["[", "[", true],
    ["a[", "a[", true],
    ["\\*", "*", true],
    ["\\*", "x", false],
    ["\\{a,b}", "{a,b}", true],
    ["*.{ts,js}", "a.js", true],
    ["*.{ts,js}", "a.md", false],
    ["{src,test}/**/*.{ts,js}", "test/x/a.ts", true],
    ["{a,{b,c}}x", "cx", true],
    ["{a}", "{a}", true],
    ["{a,b", "{a,b", true],
    ["a{,b}", "a", true],
    ["docs/", "docs/", true],
    ["docs/", "x/docs/", true],
    ["docs/", "docs", false],
    ["x/docs/", "x/docs/", true],
    ["x/docs/", "docs/", false],
    ["!(a)", "!(a)", true],
    ["a**b", "axxb", true],
    ["ok.txt", "ok.txt", true],
    ["OK.txt", "ok.txt", false],
  ])("%j %j %j", (glob, path, expected) => {
    expect(matches(glob, path)).toBe(expected);
  });
});

test("case is ignored on request", () => {
  expect(matches("*.MD", "x/read.md", true)).toBe(true);
  expect(matches("SRC/[A-B].ts", "src/b.TS", true)).toBe(true);
});

test("directories that cannot contain a match are left out", () => {
  const may = (glob: string, path: string) => compileGlob(glob).mayContain(path.split("/"));
  expect(may("*.md", "a/b")).toBe(true);
  expect(may("src/*.ts", "src")).toBe(true);
  expect(may("src/*.ts", "src/x")).toBe(false);
  expect(may("src/*.ts", "lib")).toBe(false);
  expect(may("src/**/a", "src/x/y")).toBe(true);
  expect(may("src/**/a", "lib")).toBe(false);
  expect(may("{src,lib}/**", "lib")).toBe(true);
});

test("limits are errors, not work", () => {
  expect(() => compileGlob("a".repeat(1025))).toThrow(QueryProblem);
  expect(() => compileGlob("{a,b}".repeat(20))).toThrow(/braces/);
  expect(() => compileGlob("../*")).toThrow(/`\.\.`/);
  expect(() => compileGlob("")).toThrow(/empty/);
});

test("time is bounded whatever the glob", () => {
  const started = performance.now();
  expect(matches("*a".repeat(100) + "b", "a".repeat(255))).toBe(false);
  expect(matches("**/a*/".repeat(100) + "b", "a/".repeat(400) + "c")).toBe(false);
  expect(performance.now() - started).toBeLessThan(500);
});
