import { describe, expect, test } from "vitest";
import { nearMiss } from "../../src/text/near-miss.ts";
import { explainNoMatch } from "../../src/text/no-match.ts";

const code = `import x from "y";

function first(a) {
\tif (a) {
\t\treturn "one";
\t}
}

function second(b) {
    return 'two';
}
`;

describe("the closest region and what differs", () => {
  test.for([
    ["indentation", '    if (a) {\n        return "one";', 4, 5, /^indentation: 1 tab in the file, 4 spaces in `old`$/],
    [
      "whitespace at the end",
      "function first(a) { \n\tif (a) {",
      3,
      4,
      /^whitespace at the end: none in the file, 1 space in `old`$/,
    ],
    [
      "whitespace inside",
      "function second( b ) {",
      9,
      9,
      /^whitespace from column 17: "b\) \{" in the file, " b \) \{" in `old`$/,
    ],
    ["case", "Function second(b) {", 9, 9, /^case from column 1/],
    ["quotes", "    return “two”;", 10, 10, /from column 12/],
    [
      "a wrong word",
      "function second(c) {\n    return 'two';",
      9,
      10,
      /^text from column 17: "b\) \{" in the file, "c\) \{" in `old`$/,
    ],
    ["a line too many", "function second(b) {\n    log();\n    return 'two';", 9, 11, /from column 5/],
    ["line breaks", "function second(b) { return 'two'; }", 9, 11, /^line breaks: 3 lines in the file, 1 in `old`$/],
    ["similar only", 'import z from "yy";', 1, 1, /^text from column 8/],
  ] as const)("%s", ([, old, first, last, difference]) => {
    const near = nearMiss(code, old);
    expect(near).toMatchObject({ firstLine: first, lastLine: last });
    expect(near?.differences[0]?.what).toMatch(difference);
    expect(near?.text).toBe(
      code
        .split("\n")
        .slice(first - 1, last)
        .join("\n"),
    );
  });

  test("invisible characters are shown in words", () => {
    expect(nearMiss("let a\u200b = 1;\n", "let a = 1;")?.differences[0]?.what).toMatch(
      /^invisible characters from column 6: "⟨U\+200B⟩/,
    );
  });

  test("Unicode normal forms", () => {
    expect(nearMiss("x = 'cafe\u0301'\n", "x = 'caf\u00e9'")?.differences[0]?.what).toMatch(/^Unicode normal form/);
  });

  test("nothing alike is said so", () => {
    expect(nearMiss(code, "zzzzzzzz qqqqqqq")).toBeUndefined();
    expect(explainNoMatch(code, "zzzzzzzz qqqqqqq")).toBe("Nothing in the file is like it.");
    expect(explainNoMatch("", "a")).toBe("The file is empty.");
  });
});

describe("usual slips are named", () => {
  test.for([
    ["escapes", "function first(a) {\\n\\tif (a) {", /backslash escapes/],
    ["line numbers of another tool", "9\tfunction second(b) {\n10\t    return 'two';", /without the line numbers/],
    ["line numbers with a bar", " 9│function second(b) {\n10│    return 'two';", /without the line numbers/],
    ["newlines around", '\nimport x from "y";\n', /without the newlines at its beginning or end/],
  ] as const)("%s", ([, old, message]) => {
    expect(explainNoMatch(code, old)).toMatch(message);
  });
});

test("the explanation holds the file's text, exact, inside our boundary", () => {
  const text = explainNoMatch(code, "    if (a) {");
  expect(text).toMatch(/^Closest, line 4:\n/);
  expect(text).toContain("\tif (a) {");
  expect(text).toContain("Line 4: indentation: 1 tab in the file, 4 spaces in `old`.");
});

test("20,000 lines take a bounded time, with a hit and without", () => {
  const lines = Array.from(
    { length: 20_000 },
    (_, line) => `  const value${line} = compute(${line}, "some text ${line % 97}");`,
  );
  const text = lines.join("\n");
  for (const old of [
    "const value777 = compute(778, 'some other text');\nreturn",
    `${lines.slice(100, 400).join("\n").replaceAll("compute", "computed")}`,
    "entirely different words that occur nowhere in it",
    "x".repeat(100_000),
  ]) {
    const from = performance.now();
    explainNoMatch(text, old);
    expect(performance.now() - from).toBeLessThan(1_500);
  }
});

test("one endless line is cut", () => {
  expect(explainNoMatch(`${"ab ".repeat(500_000)}End`, "ab ab AB ab end").length).toBeLessThan(1_500);
});

test("takes time in proportion to what was looked for, whatever it is made of", () => {
  const started = performance.now();
  for (const part of ["\n", " ", "\t1", "1", "\n "]) explainNoMatch(code, `${part.repeat(300_000)}x`);
  expect(performance.now() - started).toBeLessThan(5_000);
});
