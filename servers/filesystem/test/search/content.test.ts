import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { contentSearch, type ContextLine, type Outcome, type Resume } from "../../src/search/content.ts";
import { enableLinearRegex } from "../../src/search/linear-regex.ts";
import { compilePattern } from "../../src/search/pattern.ts";

let base = "";
beforeAll(() => {
  enableLinearRegex();
  base = mkdtempSync(join(tmpdir(), "content-"));
});
afterAll(() => rmSync(base, { recursive: true, force: true }));

interface Asked {
  regex?: boolean;
  ignoreCase?: boolean;
  context?: number;
  firstOnly?: boolean;
  stopAfter?: number;
  resume?: Resume;
  shouldStop?: () => boolean;
}

function find(content: string | Uint8Array, pattern: string, asked: Asked = {}) {
  const file = join(base, "file");
  writeFileSync(file, content);
  const { regex = false, ignoreCase = false, context = 0, firstOnly = false, stopAfter = Infinity, resume } = asked;
  const search = contentSearch({
    matcher: compilePattern(pattern, { regex, ignoreCase }),
    context,
    firstOnly,
    lines: true,
    shouldStop: asked.shouldStop ?? (() => false),
    timed: () => {},
  });
  const lines: [line: number, text: string][] = [];
  const near: (readonly ContextLine[])[] = [];
  const fd = openSync(file, "r");
  try {
    const outcome = search.search(fd, resume, (line, text, context) => {
      lines.push([line, text]);
      near.push(context);
      return lines.length < stopAfter;
    });
    return { outcome, lines, near };
  } finally {
    closeSync(fd);
  }
}

const count = (outcome: Outcome) => (outcome.kind === "done" ? outcome.count : outcome.kind);

describe("lines", () => {
  test.each<[name: string, content: string, pattern: string, asked: Asked, lines: [number, string][]]>([
    [
      "first, middle and last",
      "foo\nbar\nfoo\nfoo",
      "foo",
      {},
      [
        [1, "foo"],
        [3, "foo"],
        [4, "foo"],
      ],
    ],
    [
      "once for each line",
      "foo foo\nfoo",
      "foo",
      {},
      [
        [1, "foo foo"],
        [2, "foo"],
      ],
    ],
    [
      "without the CR of CRLF",
      "a foo\r\nb\r\nfoo\r\n",
      "foo",
      {},
      [
        [1, "a foo"],
        [3, "foo"],
      ],
    ],
    ["$ before CRLF", "foo\r\nfoob\r\n", "foo$", { regex: true }, [[1, "foo"]]],
    [
      "^ on each",
      "foo\n foo\nfoo",
      "^foo",
      { regex: true },
      [
        [1, "foo"],
        [3, "foo"],
      ],
    ],
    [
      "empty ones, but none after the last break",
      "a\n\nb\n\n",
      "^$",
      { regex: true },
      [
        [2, ""],
        [4, ""],
      ],
    ],
    ["never across a break", "foo\nbar\n", "foo\\s*bar", { regex: true }, []],
    ["never across a break, negated", "foo\nbar\n", "foo[^x]*bar", { regex: true }, []],
    ["never across a break, timed", "foo\nbar\n", "foo(?!x)[^x]*bar", { regex: true }, []],
    [
      "timed",
      "xfoo1\nfoo2\r\nfoox\n",
      "foo(?!x).$",
      { regex: true },
      [
        [1, "xfoo1"],
        [2, "foo2"],
      ],
    ],
    ["back-references", "abab\nabba\n", "^(..)\\1$", { regex: true }, [[1, "abab"]]],
    [
      "case ignored",
      "Foo\nfoo\nbar",
      "FOO",
      { ignoreCase: true },
      [
        [1, "Foo"],
        [2, "foo"],
      ],
    ],
    [
      "case ignored beyond ASCII",
      "ÄPFEL\näpfel",
      "äPfel",
      { ignoreCase: true },
      [
        [1, "ÄPFEL"],
        [2, "äpfel"],
      ],
    ],
    ["after characters of several bytes", "äöü😀\nfoo é\nx\n", "foo .$", { regex: true }, [[2, "foo é"]]],
    [
      "behind a BOM",
      "\uFEFFfoo\nfoo",
      "^foo",
      { regex: true },
      [
        [1, "foo"],
        [2, "foo"],
      ],
    ],
    ["a needle longer than the file", "fo", "foo", {}, []],
    ["nothing of an earlier, longer file", "f", "needle", {}, []],
    ["an empty file", "", "^", { regex: true }, []],
  ])("%s", (_, content, pattern, asked, expected) => {
    find("needle ".repeat(50), "x");
    const { lines, outcome } = find(content, pattern, asked);
    expect(lines).toEqual(expected);
    expect(count(outcome)).toBe(expected.length);
  });
});

describe("encodings", () => {
  test("UTF-16 with BOM, both byte orders", () => {
    const text = "erste\r\nzweite ß foo\r\ndritte\r\n";
    const little = Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(text, "utf16le")]);
    const big = Buffer.concat([Buffer.from([0xfe, 0xff]), Buffer.from(text, "utf16le").swap16()]);
    for (const bytes of [little, big]) {
      expect(find(bytes, "ß foo").lines).toEqual([[2, "zweite ß foo"]]);
      expect(find(bytes, "^dritte$", { regex: true }).lines).toEqual([[3, "dritte"]]);
    }
  });

  test("bytes that are not UTF-8 are kept apart, and move no line", () => {
    const bytes = Buffer.concat([
      Buffer.from("caf"),
      Buffer.from([0xe9]),
      Buffer.from(" au lait\nfoo "),
      Buffer.from([0xff]),
      Buffer.from("x\nfoo\n"),
    ]);
    expect(find(bytes, "foo").lines).toEqual([
      [2, "foo \udcffx"],
      [3, "foo"],
    ]);
    expect(find(bytes, "foo$", { regex: true }).lines).toEqual([[3, "foo"]]);
    expect(find(bytes, "lait").lines).toEqual([[1, "caf\udce9 au lait"]]);
  });

  test("a file with a NUL is binary; one whose BOM says UTF-16 is not", () => {
    expect(find("foo\0", "foo").outcome).toEqual({ kind: "binary" });
    expect(find(Buffer.concat([Buffer.alloc(70_000, "x"), Buffer.from("\0foo")]), "foo").outcome.kind).toBe("done");
    expect(find("\ufffe\0\0", "foo").outcome.kind).toBe("binary");
  });
});

describe("long lines", () => {
  test("are cut around the match, at characters, with marks", () => {
    const [[, text] = [0, ""]] = find(`${"ä".repeat(5000)}NEEDLE${"ö".repeat(5000)}\n`, "NEEDLE").lines;
    expect(text).toMatch(/^…ä+NEEDLEö+…$/);
    expect(text.length).toBeLessThan(410);
    expect(find(`${"x".repeat(400)}\n`, "x").lines).toEqual([[1, "x".repeat(400)]]);
  });

  test("longer than the window are one line, found at every place", () => {
    const line = Buffer.alloc(3_500_000, "x");
    for (const at of [0, 1_048_570, 1_048_576, 2_097_150, 3_499_990]) {
      const bytes = Buffer.concat([Buffer.from("first\n"), line, Buffer.from("\nlast needle\n")]);
      bytes.write("needle", 6 + at);
      for (const regex of [false, true]) {
        const { lines } = find(bytes, regex ? "ne{2}dle" : "needle", { regex });
        expect(lines.map(([number]) => number)).toEqual([2, 3]);
        expect(lines[0]?.[1]).toContain("needle");
      }
    }
  });
});

describe("files above one block", () => {
  const many = Array.from({ length: 300_000 }, (_, i) => `line ${i + 1}${i % 1000 === 999 ? " needle" : ""}`);
  const text = `${many.join("\n")}\n`;
  const expected = many.flatMap((line, i): [number, string][] => (line.endsWith("needle") ? [[i + 1, line]] : []));

  test.each<[string, Asked]>([
    ["needle", {}],
    ["needle$", { regex: true }],
    ["ne(?=e)edle", { regex: true }],
  ])("%s", (pattern, asked) => {
    expect(find(text, pattern, asked).lines).toEqual(expected);
  });

  test("go on where they were stopped, with and without the offset, and after the file was touched", () => {
    for (const change of [
      (resume: Resume) => resume,
      ({ line, count: so }: Resume) => ({ line, count: so }),
      (r: Resume) => ({ ...r, mtimeMs: 1 }),
    ]) {
      const all: [number, string][] = [];
      let resume: Resume | undefined;
      let last: Outcome | undefined;
      for (let pages = 0; pages < 100; pages++) {
        const { lines, outcome } = find(text, "needle", { stopAfter: 70, ...(resume ? { resume } : {}) });
        all.push(...lines);
        last = outcome;
        if (outcome.kind !== "stopped") break;
        resume = change(outcome.resume);
      }
      expect(all).toEqual(expected);
      expect(last).toEqual({ kind: "done", count: 300 });
    }
  });

  test("stop between blocks when asked, and miss nothing", () => {
    const all: [number, string][] = [];
    let resume: Resume | undefined;
    let stops = 0;
    for (; stops < 5000; stops++) {
      let asked = 0;
      const { lines, outcome } = find(text, "need[l]e", {
        regex: true,
        shouldStop: () => ++asked > 40,
        ...(resume ? { resume } : {}),
      });
      all.push(...lines);
      if (outcome.kind !== "stopped") break;
      resume = outcome.resume;
    }
    expect(stops).toBeGreaterThan(3);
    expect(all).toEqual(expected);
  });
});

test("stops inside a line that is longer than a block, and goes on there", () => {
  const file = join(base, "long");
  writeFileSync(file, `${"x".repeat(5_000_000)} needle\nshort\nneedle\n`);
  const search = contentSearch({
    matcher: compilePattern("needle"),
    context: 0,
    firstOnly: false,
    lines: true,
    shouldStop: () => true,
    timed: () => {},
  });
  const found: number[] = [];
  const offsets: number[] = [];
  let resume: Resume | undefined;
  const fd = openSync(file, "r");
  for (let pages = 0; pages < 20; pages++) {
    const outcome = search.search(fd, resume, (line) => found.push(line) > 0);
    if (outcome.kind !== "stopped") break;
    resume = outcome.resume;
    offsets.push(resume.offset ?? -1);
  }
  closeSync(fd);
  expect(found).toEqual([1, 3]);
  expect(offsets.length).toBeGreaterThan(3);
  expect(offsets).toEqual(offsets.toSorted((a, b) => a - b));
});

test("stops at the first match when only that is asked", () => {
  expect(find("foo\n".repeat(100), "foo", { firstOnly: true }).outcome).toEqual({ kind: "done", count: 1 });
});

describe("context", () => {
  const text = Array.from({ length: 9 }, (_, i) => `l${i + 1}`).join("\n");
  test.each<[pattern: string, context: number, near: (readonly [number, string])[]]>([
    [
      "l5",
      2,
      [
        [3, "l3"],
        [4, "l4"],
        [6, "l6"],
        [7, "l7"],
      ],
    ],
    [
      "l1",
      2,
      [
        [2, "l2"],
        [3, "l3"],
      ],
    ],
    [
      "l9",
      2,
      [
        [7, "l7"],
        [8, "l8"],
      ],
    ],
    ["l5", 20, [1, 2, 3, 4, 6, 7, 8, 9].map((n) => [n, `l${n}`] as const)],
  ])("of %s, %d", (pattern, context, near) => {
    expect(find(text, pattern, { context }).near).toEqual([near]);
    expect(find(`${text}\n`, pattern, { context }).near).toEqual([near]);
  });

  test("in files of several blocks", () => {
    const lines = Array.from({ length: 200_000 }, (_, i) => `row ${i + 1}`);
    const { near } = find(lines.join("\n"), "row 150000", { context: 1 });
    expect(near).toEqual([
      [
        [149_999, "row 149999"],
        [150_001, "row 150001"],
      ],
    ]);
  });
});

// Whatever the content and wherever the blocks end: what a line by line search finds.
test("finds what a search of each line finds", () => {
  const char = fc.constantFrom("a", "a", "b", "\n", "\n", "\r\n", "é", "😀", " ");
  const content = fc.array(char, { maxLength: 60 }).map((chars) => chars.join(""));
  const pattern = fc.constantFrom("a", "ab", "b$", "^a", "a.b", "[^b]+", "é", "a|b", "\\s", "^$", "(?!a)b", "(.)\\1");
  fc.assert(
    fc.property(content, pattern, fc.boolean(), (text, given, ignoreCase) => {
      const { lines } = find(text, given, { regex: true, ignoreCase });
      const rows = text.split("\n");
      if (rows.at(-1) === "") rows.pop();
      const expected = rows.flatMap((row, i): number[] =>
        new RegExp(given, ignoreCase ? "imu" : "mu").test(row.endsWith("\r") ? row.slice(0, -1) : row) ? [i + 1] : [],
      );
      expect(lines.map(([line]) => line)).toEqual(expected);
    }),
    { numRuns: 1500 },
  );
});
