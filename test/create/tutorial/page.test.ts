import { expect, test } from "vitest";
import { sectionsOf } from "./blocks.ts";
import { patternOf, printed } from "./expected.ts";
import { replacementsOf, replaceOnce } from "./replacements.ts";

test("a page is read by its headings, with what stands behind each fence", () => {
  const text =
    '# T\n\n## One\n\n```ts file=src/a.ts\nconst a = "## no";\n```\n\n## Two\n\n```sh skip (why not)\nrm x\n```\n';
  expect(sectionsOf("p.md", text)).toEqual([
    {
      title: "One",
      blocks: [{ at: "p.md:5", language: "ts", info: { file: "src/a.ts" }, body: 'const a = "## no";\n' }],
    },
    { title: "Two", blocks: [{ at: "p.md:11", language: "sh", info: { skip: "" }, body: "rm x\n" }] },
  ]);
});

test("a block that nothing closes, and one before the first heading, are refused", () => {
  expect(() => sectionsOf("p.md", "## One\n```sh\nls\n")).toThrow("p.md:2: the block is not closed");
  expect(() => sectionsOf("p.md", "```sh\nls\n```\n")).toThrow("p.md:1: a block before the first heading");
});

test("a diff replaces what is there once, in several files", () => {
  const [first, second, third, ...more] = replacementsOf("+++ a.ts\n one\n-two\n+2\n@@\n-four\n+++ b.ts\n-x\n+y\n");
  expect([first, second, third, more]).toEqual([
    { path: "a.ts", before: "one\ntwo\n", after: "one\n2\n" },
    { path: "a.ts", before: "four\n", after: "" },
    { path: "b.ts", before: "x\n", after: "y\n" },
    [],
  ]);
  expect(first && replaceOnce("zero\none\ntwo\nthree\n", first)).toBe("zero\none\n2\nthree\n");
});

test("a diff of something that is missing, that is there twice, or that is no diff is refused", () => {
  const part = { path: "a.ts", before: "two\n", after: "" };
  expect(() => replaceOnce("one\n", part)).toThrow("a.ts does not have this exactly once:\ntwo");
  expect(() => replaceOnce("two\ntwo\n", part)).toThrow("exactly once");
  expect(() => replacementsOf("+++ a.ts\nnaked\n")).toThrow("neither -, + nor a space: naked");
  expect(() => replacementsOf("-two\n+2\n")).toThrow("names no file");
});

test.for([
  ["a\nb", "a\nb", true],
  ["a\nb", "a\nb\nc", false],
  ["…\nb", "b", true],
  ["…\nb\n…", "a\na\nb\nc", true],
  ["a … c (x).", "a 12 ms c (x).", true],
  ["a … c", "a\nc", false],
  ["…\nb", "a", false],
] as const)("%j expects %j: %s", ([expected, came, fits]) => {
  expect(patternOf(expected).test(came)).toBe(fits);
});

test("what is printed is read without colours and without npm's remarks", () => {
  expect(printed('npm warn Unknown user config "x".\n\u001B[32mok\u001B[39m\n')).toBe("ok");
});
