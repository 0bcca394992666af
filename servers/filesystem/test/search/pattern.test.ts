import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { enableLinearRegex } from "../../src/search/linear-regex.ts";
import { compilePattern } from "../../src/search/pattern.ts";
import { QueryProblem } from "../../src/search/problem.ts";

beforeAll(enableLinearRegex);

const regex = (pattern: string, ignoreCase = false) => {
  const matcher = compilePattern(pattern, { regex: true, ignoreCase });
  if (matcher.kind === "bytes") throw new Error("a regex was taken for a literal");
  return { ...matcher, needles: matcher.needles?.map(String) };
};

describe("the linear engine", () => {
  // These fail when the flags of linear-regex.ts stop working, in this Node or the next.
  test.each(["(a+)+$", "(a|a)*$", "^(([a-z])+.)+[A-Z]([a-z])+$", "(?i:(a+)+)$", "(.*)*x"])(
    "%s is not exponential",
    (pattern) => {
      const matcher = regex(pattern);
      expect(matcher.kind).toBe("linear");
      const started = performance.now();
      matcher.regex.exec("a".repeat(60) + "!");
      expect(performance.now() - started).toBeLessThan(250);
    },
  );

  test("also when case is ignored, which V8's engine cannot do itself", () => {
    const matcher = regex("(a+)+$", true);
    expect(matcher.kind).toBe("linear");
    const started = performance.now();
    matcher.regex.exec("A".repeat(60) + "!");
    expect(performance.now() - started).toBeLessThan(250);
  });

  test.each(["(?=a)(a+)+$", "(?!b)a", "(a)\\1", "(?<n>a)\\k<n>", "\\p{L}", "[\\p{L}]", "a{17}", "😀+", "[😀]"])(
    "%s is left to the kill timer",
    (pattern) => {
      expect(regex(pattern).kind).toBe("timed");
    },
  );
});

describe("text that every match contains", () => {
  test.each<[pattern: string, needles: string[] | undefined]>([
    ["foo", ["foo"]],
    ["foo\\d+barbaz", ["barbaz"]],
    ["fo+bar", ["bar"]],
    ["ab?c", ["a"]],
    ["(foo)?bar", ["bar"]],
    ["(?:foo|quux)x", ["foo", "quux"]],
    ["foo|ba[rz]", ["foo", "ba"]],
    ["foo|\\d", undefined],
    ["\\bfoo\\b", ["foo"]],
    ["(?=bar)x", ["x"]],
    ["(?!foobar)x", ["x"]],
    ["a\\.b", ["a.b"]],
    ["\\x41\\u0042", ["AB"]],
    ["(foo){0,2}", undefined],
    ["(foo){2,3}", ["foo"]],
    ["é+", ["é"]],
    ["[a]b", ["b"]],
    [".", undefined],
  ])("%j: %j", (pattern, needles) => {
    expect(regex(pattern).needles).toEqual(needles);
  });

  test("is unknown when case is ignored, but for characters without one", () => {
    expect(regex("foo: bar", true).needles).toEqual([": "]);
  });
});

test.each<[pattern: string, message: RegExp]>([
  ["(", /Unterminated group/],
  ["a)", /Unmatched/],
  ["*", /Nothing to repeat/],
  ["[a", /Unterminated character class/],
  ["a\\", /end of pattern/],
  ["[b-a]", /out of order/],
  ["a\\nb", /line break/],
  ["\\Afoo", /\\A is not supported/],
  ["[[:alpha:]]", /\[:alpha:\]/],
  ["foo(?i)bar", /only at the start/],
  ["a".repeat(2001), /longer than 2000/],
  ["", /empty/],
])("%j is refused with the reason", (pattern, message) => {
  expect(() => compilePattern(pattern, { regex: true })).toThrow(QueryProblem);
  expect(() => compilePattern(pattern, { regex: true })).toThrow(message);
});

test("a literal is searched by its bytes, without a meaning of its own", () => {
  expect(compilePattern("a.*(b")).toEqual({ kind: "bytes", needle: Buffer.from("a.*(b") });
  expect(compilePattern("1.2", { ignoreCase: true }).kind).toBe("bytes");
  expect(() => compilePattern("a\nb")).toThrow(/line break/);
});

test.each<[pattern: string, ignoreCase: boolean, line: string, matches: boolean]>([
  ["(?i)FOO", false, "foo", true],
  ["(?i:F)OO", false, "fOO", true],
  ["(?i:F)OO", false, "foo", false],
  ["(?P<name>x)y", false, "xy", true],
  ["straße", true, "STRAßE", true],
  ["Ж[а-я]", true, "жЯ", true],
  ["[^a]", true, "A", false],
  ["[a-c]x", true, "BX", true],
  ["\\S+@\\S+", false, "me@here", true],
  ["a{,2}", false, "a{,2}", true],
  ["}]", false, "}]", true],
])("%j, case ignored: %j, on %j: %j", (pattern, ignoreCase, line, matches) => {
  const { regex: compiled } = regex(pattern, ignoreCase);
  compiled.lastIndex = 0;
  expect(compiled.test(line)).toBe(matches);
});

// What the rewriting must not change: on one line without a break, the same as V8 on what was given.
test("the rewritten regex matches what the given one matches", () => {
  const atom = fc.constantFrom(
    "a",
    "b",
    "B",
    ".",
    "\\d",
    "\\w",
    "\\W",
    "\\s",
    "\\S",
    "[ab]",
    "[^a]",
    "[^\\s]",
    "[\\w\\-]",
    "[\\Wa]",
    "[A-z]",
    "\\.",
    "é",
    "(?:a|b)",
    "(b)",
    "\\bx",
    " ",
  );
  const piece = fc
    .tuple(atom, fc.constantFrom("", "", "", "*", "+", "?", "{2}", "{0,1}", "+?"))
    .map(([one, times]) => one + times);
  const pattern = fc
    .array(
      fc.array(piece, { minLength: 1, maxLength: 4 }).map((pieces) => pieces.join("")),
      { minLength: 1, maxLength: 3 },
    )
    .map((alternatives) => alternatives.join("|"));
  const line = fc
    .array(fc.constantFrom("a", "b", "A", "B", "x", "1", " ", ".", "é", "É", "-", "_", "\t", "😀"), { maxLength: 12 })
    .map((chars) => chars.join(""));
  fc.assert(
    fc.property(pattern, line, fc.boolean(), (given, text, ignoreCase) => {
      const matcher = compilePattern(given, { regex: true, ignoreCase });
      if (matcher.kind === "bytes") throw new Error("a regex was taken for a literal");
      const compiled = text.includes("😀") ? (matcher.astral ?? matcher.regex) : matcher.regex;
      compiled.lastIndex = 0;
      const expected = new RegExp(given, ignoreCase ? "miu" : "mu").exec(text);
      const got = compiled.exec(text);
      // A match without any of its needles would be missed.
      const missed = expected && matcher.needles && !matcher.needles.some((needle) => text.includes(String(needle)));
      expect([missed ? "missed" : got?.index, got?.[0]]).toEqual([expected?.index, expected?.[0]]);
    }),
    { numRuns: 3000 },
  );
});
