import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ToolError } from "@mooring/core";
import { bomOf, decodeFile, encodeText, type TextFormat } from "../../src/text/decode.ts";
import { type Edit, editBytes } from "../../src/text/edit-bytes.ts";
import { fold } from "../../src/text/folding.ts";
import { drain } from "./drain.ts";

const FORMATS: readonly TextFormat[] = [
  { encoding: "utf-8", bom: 0 },
  { encoding: "utf-8", bom: 3 },
  { encoding: "utf-16le", bom: 2 },
  { encoding: "utf-16be", bom: 2 },
];

function bytesOf(text: string, format: TextFormat = { encoding: "utf-8", bom: 0 }): Buffer {
  return Buffer.concat([bomOf(format), encodeText(text, format.encoding) as Buffer]);
}

function edit(text: string | Buffer, ...edits: (Partial<Edit> & { old: string; new: string })[]): Buffer {
  const bytes = typeof text === "string" ? bytesOf(text) : text;
  const all = edits.map((e) => ({ count: 1, ...e }));
  return drain(editBytes("/r/t", bytes, all, { diffLength: 10_000 })).bytes;
}

function refusal(text: string | Buffer, ...edits: (Partial<Edit> & { old: string; new: string })[]): string {
  try {
    edit(text, ...edits);
  } catch (error) {
    if (error instanceof ToolError) return `${error.kind}: ${error.message} | ${error.hint ?? ""}`;
    throw error;
  }
  return "not refused";
}

describe("line endings", () => {
  test.for([
    ["LF pattern in CRLF text", "a\r\nb\r\nc\r\n", "a\nb", "x\ny", "x\r\ny\r\nc\r\n"],
    ["more lines than before", "a\r\nb\r\n", "a\nb", "a\nb\nc", "a\r\nb\r\nc\r\n"],
    ["CRLF pattern in LF text", "a\nb\n", "a\r\nb", "x\r\ny", "x\ny\n"],
    ["mixed: lines that stay keep their own", "a\r\nb\nc\r\n", "a\nb\nc", "a\nB\nc", "a\r\nB\nc\r\n"],
    ["mixed: an added line ends as the majority", "a\r\nb\nc\r\nd\r\n", "b", "b\nx", "a\r\nb\r\nx\nc\r\nd\r\n"],
    [
      "mixed: an added line ends as the replaced region",
      "a\r\nb\nc\nd\r\ne\r\nf\r\n",
      "b\nc",
      "b\nx\nc",
      "a\r\nb\nx\nc\nd\r\ne\r\nf\r\n",
    ],
    ["classic Mac", "a\rb\rc", "a\nb", "a\nx\nb", "a\rx\rb\rc"],
    ["a lone CR in LF text is a character", "a\rb\nc\n", "a\rb", "ab", "ab\nc\n"],
    ["joining lines removes both bytes", "a\r\nb\r\n", "a\nb", "ab", "ab\r\n"],
    ["no final newline is added", "a\nb", "b", "c", "a\nc"],
    ["a final newline can be removed", "a\nb\n", "b\n", "b", "a\nb"],
    ["one line without an ending", "a", "a", "b\nc", "b\nc"],
  ] as const)("%s", ([, before, old, replacement, after]) => {
    expect(edit(before, { old, new: replacement }).toString()).toBe(after);
  });
});

describe("encodings", () => {
  test.for(FORMATS)("$encoding with a BOM of $bom bytes", (format) => {
    const before = bytesOf("é\r\n😀 alpha\r\nend", format);
    const after = edit(before, { old: "\n😀 alpha", new: "\n😁 beta\nγ" });
    expect(after).toEqual(bytesOf("é\r\n😁 beta\r\nγ\r\nend".replace("γ\r\nend", "γ\r\nend"), format));
  });

  test("a surrogate pair is never split by what old and new have in common", () => {
    expect(edit("x😀y", { old: "😀", new: "😁" }).toString()).toBe("x😁y");
    expect(edit("x𐀀y", { old: "𐀀", new: "𝀀" }).toString()).toBe("x𝀀y");
  });

  test("binary is refused and says so", () => {
    expect(refusal(Buffer.from([0, 1, 2, 255, 254, 0]), { old: "a", new: "b" })).toMatch(
      /^invalid_input: \/r\/t is binary/,
    );
  });

  test("characters that the encoding lacks are refused", () => {
    const latin = Buffer.from("caf\u00e9 ol\u00e9", "latin1");
    const options = { diffLength: 1_000, encoding: "windows-1252" };
    const change = (text: string) =>
      drain(editBytes("/r/t", latin, [{ old: "caf", new: text, count: 1 }], options)).bytes;
    expect(change("€")).toEqual(Buffer.from([0x80, 0xe9, 0x20, 0x6f, 0x6c, 0xe9]));
    expect(() => change("漢")).toThrow(/lacks a character/);
  });
});

describe("counting", () => {
  test("exactly once by default, and every match is shown", () => {
    const text = refusal("one\nsame\ntwo\nsame\nthree\n", { old: "same", new: "x" });
    expect(text).toContain("invalid_input: edits[0].old matches 2 times in /r/t, not once.");
    expect(text).toContain("1-one\n2:same\n3-two\n4:same\n5-three");
  });

  test("matches far apart are shown apart, lines of several matches once, and all lines of a long match", () => {
    expect(refusal("x\nx\n\n\n\nx", { old: "x", new: "y" })).toContain("1:x\n2:x\n3-\n--\n5-\n6:x");
    expect(refusal("0\na\nb\n1\na\nb\n", { old: "a\nb\n", new: "" })).toContain("1-0\n2:a\n3:b\n4-1\n5:a\n6:b");
  });

  test("overlapping matches are ambiguous", () => {
    expect(refusal("aaa", { old: "aa", new: "b" })).toContain("matches 2 times");
    expect(refusal("aaa", { old: "aa", new: "b", count: 2 })).toContain("the matches overlap");
    expect(edit("aaa", { old: "aa", new: "b", count: -1 }).toString()).toBe("ba");
  });

  test("n matches exactly n times, -1 all of them", () => {
    expect(edit("a.a.a", { old: "a", new: "bb", count: 3 }).toString()).toBe("bb.bb.bb");
    expect(refusal("a.a.a", { old: "a", new: "b", count: 2 })).toContain("matches 3 times in /r/t, not 2 times");
    expect(refusal("a", { old: "a", new: "b", count: 2 })).toContain("Set `count` to 1");
    expect(edit("a\r\na\r\n", { old: "a\n", new: "b\n\n", count: -1 }).toString()).toBe("b\r\n\r\nb\r\n\r\n");
    expect(refusal("a", { old: "b", new: "c", count: -1 })).toContain("matches nothing");
  });

  test("a thousand matches are not printed", () => {
    const text = refusal("x\n".repeat(50_000), { old: "x", new: "y" });
    expect(text).toContain("1000 times or more");
    expect(text.length).toBeLessThan(2_000);
  });
});

describe("what is refused", () => {
  test("an empty `old`, with the way on", () => {
    expect(refusal("abc\n", { old: "", new: "INS" })).toContain("invalid_input: edits[0].old is empty.");
  });
  test("a change that changes nothing", () => {
    expect(refusal("a\r\nb", { old: "a\nb", new: "a\r\nb" })).toContain("nothing would change");
  });
  test("an edit whose text an earlier one took away", () => {
    expect(refusal("a b", { old: "a", new: "x" }, { old: "a b", new: "y" })).toContain(
      "no more after the edits before it",
    );
  });
});

test("`$` in `new` is literal", () => {
  expect(edit("P\n", { old: "P", new: "$$ $& $` $'" }).toString()).toBe("$$ $& $` $'\n");
});

test("edits apply in order, each to the result of those before it", () => {
  expect(edit("a\r\nb\r\n", { old: "a", new: "x\ny" }, { old: "y\nb", new: "z" }).toString()).toBe("x\r\nz\r\n");
});

test("our marks of invisible characters in `old` stand for the characters, unless the file holds the marks", () => {
  expect(edit("a\u200bb", { old: "a⟨U+200B⟩b", new: "ab" }).toString()).toBe("ab");
  expect(edit("a⟨U+200B⟩b a\u200bb", { old: "a⟨U+200B⟩b", new: "ab" }).toString()).toBe("ab a\u200bb");
});

test("a thousand edits of a big file take a moment", () => {
  const text = Array.from({ length: 20_000 }, (_, line) => `const value${line} = ${line};\r\n`).join("");
  const edits = Array.from({ length: 200 }, (_, at) => ({ old: `value${at * 100} =`, new: `renamed${at} =` }));
  const from = performance.now();
  const after = edit(text, ...edits).toString();
  expect(after).toContain("const renamed199 = 19900;\r\n");
  expect(performance.now() - from).toBeLessThan(5_000);
});

const part = fc.oneof(
  fc.constantFrom("\n", "\r\n", "\n\n", "a", "b", "\t", " ", "é", "😀", "$&", "\u2028"),
  fc
    .string({ unit: "binary", maxLength: 4 })
    .filter((s) => s.isWellFormed() && !s.includes("\0") && !s.includes("\ufeff")),
);
const document = fc.array(part, { minLength: 1, maxLength: 40 }).map((parts) => `x${parts.join("")}`);

describe("properties", () => {
  test("bytes outside the edited span stay, and the result reads as expected", () => {
    fc.assert(
      fc.property(
        document,
        fc.constantFrom(...FORMATS),
        fc.nat(),
        fc.nat(),
        document,
        (text, format, from, length, added) => {
          const bytes = bytesOf(text, format);
          const folded = fold(text);
          const start = from % folded.text.length;
          const end = start + 1 + (length % Math.min(8, folded.text.length - start));
          const old = folded.text.slice(start, end);
          const replacement = folded.dominant === "\r" ? added.replace(/\r\n?/g, "\n") : added.replaceAll("\r\n", "\n");
          fc.pre(old.isWellFormed() && folded.text.indexOf(old) === start && !folded.text.includes(old, start + 1));
          fc.pre(old !== replacement && !/⟨U\+/.test(old));
          // A pattern that ends in a lone CR is another one once it stands before LF.
          fc.pre(!old.includes("\r"));
          // So is an added lone CR once its line's end has become LF.
          fc.pre(!added.includes("\r\r\n"));
          const after = drain(editBytes("/r/t", bytes, [{ old, new: added, count: 1 }], { diffLength: 1_000 })).bytes;
          const head =
            format.bom + (encodeText(text.slice(0, folded.original(start)), format.encoding) as Buffer).length;
          const tail = (encodeText(text.slice(folded.original(end)), format.encoding) as Buffer).length;
          expect(after.subarray(0, head)).toEqual(bytes.subarray(0, head));
          expect(after.subarray(after.length - tail)).toEqual(bytes.subarray(bytes.length - tail));
          const middle = decodeFile(
            Buffer.concat([bytes.subarray(0, format.bom), after.subarray(head, after.length - tail)]),
          );
          expect(fold(middle?.text ?? "").text.replaceAll("\r", "\n")).toBe(replacement.replaceAll("\r", "\n"));
        },
      ),
      { numRuns: 2_000 },
    );
  });

  test("replacing back gives the same bytes", () => {
    fc.assert(
      fc.property(document, fc.constantFrom(...FORMATS), (text, format) => {
        fc.pre(!text.includes("\u0001") && !text.includes("⟨U+"));
        const folded = fold(text);
        const bytes = bytesOf(`${text}\u0001`, format);
        const once = edit(bytes, { old: "\u0001", new: "\u0001\u0002" });
        const back = edit(once, { old: "\u0001\u0002", new: "\u0001" });
        expect(back).toEqual(bytes);
        expect(folded.original(folded.text.length)).toBe(text.length);
      }),
    );
  });
});

describe("bounds", () => {
  test("as many replacements as fit in memory", () => {
    const text = "a".repeat(200_001);
    expect(edit(text.slice(1), { old: "a", new: "b", count: -1 }).length).toBe(200_000);
    expect(refusal(text, { old: "a", new: "b", count: -1 })).toMatch(/^too_large: .* more than 200,000 replacements/);
    expect(refusal(text, { old: "a", new: "b", count: Number.MAX_SAFE_INTEGER })).toMatch(/^too_large/);
  });

  test("a pause between the edits of a long text, none in a short one", () => {
    const pauses = (text: string) => {
      const edits = ["a", "b", "c"].map((old) => ({ old, new: "x", count: 1 }));
      return [...editBytes("/r/t", bytesOf(text), edits, { diffLength: 0 })].length;
    };
    expect(pauses("abc")).toBe(0);
    expect(pauses(`abc${"-".repeat(300_000)}`)).toBeGreaterThanOrEqual(3);
  });
});
