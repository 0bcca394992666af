import { describe, expect, test } from "vitest";
import { type Part, selectLines } from "../../src/project/select-lines.ts";

const select = (lines: readonly string[], ...parts: Part[]) =>
  selectLines(lines.join("\n"), new Set(parts)).split("\n");

describe("parts of a file", () => {
  const nested = ["a", "  // begin: write", "b", "// begin: full", "c", "// end: full", "d", "  // end: write", "e"];

  test.for([
    [[], ["a", "e"]],
    [["write"], ["a", "b", "d", "e"]],
    [
      ["write", "full"],
      ["a", "b", "c", "d", "e"],
    ],
    // What is within a part that is left out is left out, whatever it is for.
    [["full"], ["a", "e"]],
  ] satisfies [Part[], string[]][])("for %j", ([parts, expected]) => {
    expect(select(nested, ...parts)).toEqual(expected);
  });

  test("are marked with # in YAML, and the end of the file stays", () => {
    const text = "on: push\n# begin: auth\nenv: X\n# end: auth\n";
    expect(selectLines(text, new Set())).toBe("on: push\n");
    expect(selectLines(text, new Set(["auth"]))).toBe("on: push\nenv: X\n");
  });

  test("of Markdown end in their mark, which goes", () => {
    const page = ["1. read", "2. write <!-- only: write -->", "<!-- begin:tools -->", "<!-- end:tools -->"];
    expect(select(page)).toEqual(["1. read", "<!-- begin:tools -->", "<!-- end:tools -->"]);
    expect(select(page, "write")).toEqual(["1. read", "2. write", "<!-- begin:tools -->", "<!-- end:tools -->"]);
  });

  test("take the blank line after them along, so that files look as if they had never been there", () => {
    const between = ["a", "", "// begin: full", "b", "", "// end: full", "", "c"];
    expect(select(between)).toEqual(["a", "", "c"]);
    expect(select(between, "full")).toEqual(["a", "", "b", "", "", "c"]);
    const twoAtTheEnd = [
      "a",
      "",
      "// begin: write",
      "b",
      "// end: write",
      "",
      "// begin: full",
      "c",
      "// end: full",
      "",
    ];
    expect(select(twoAtTheEnd)).toEqual(["a", ""]);
    expect(select(twoAtTheEnd, "write")).toEqual(["a", "", "b", ""]);
    // Blank lines of the author's own are none of our business.
    expect(select(["a", "", "", "b", "// begin: full", "c", "// end: full", "d", "", "", "e"])).toEqual([
      "a",
      "",
      "",
      "b",
      "d",
      "",
      "",
      "e",
    ]);
  });

  test("are nothing to code that only speaks of them", () => {
    const lines = ["const begin = 1; // begin: write", "/* begin: write */", "// beginning: write"];
    expect(select(lines)).toEqual(lines);
  });
});

test.for([
  [["// begin: write", "x"], "A part does not end: write"],
  [["x", "// end: write"], "A part ends that did not begin: // end: write"],
  [
    ["// begin: write", "// begin: full", "// end: write", "// end: full"],
    "A part ends that did not begin: // end: write",
  ],
  [["  // begin: wirte", "// end: wirte"], "There is no such part: // begin: wirte"],
  [["# end: read"], "There is no such part: # end: read"],
  [["text <!-- only: wirte -->"], "A line ends in one <!-- only: PART -->: text <!-- only: wirte -->"],
  [["text <!-- only: write --> more"], "A line ends in one <!-- only: PART -->"],
  [["text <!-- only: write --> <!-- only: full -->"], "A line ends in one <!-- only: PART -->"],
] as const)("%j is a fault of the template", ([lines, message]) => {
  expect(() => select(lines, "write", "full")).toThrow(message);
});
