import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  bomOf,
  decodeFile,
  decodeText,
  encodeText,
  isEncodingLabel,
  sniff,
  utf8Boundary,
} from "../../src/text/decode.ts";

const utf16 = (text: string) => Buffer.from(text, "utf16le");

describe("decoding", () => {
  it.for([
    ["UTF-8", Buffer.from("häß 日本 👍\n"), "häß 日本 👍\n", { encoding: "utf-8", bom: 0 }],
    ["an empty file", Buffer.alloc(0), "", { encoding: "utf-8", bom: 0 }],
    ["UTF-8 with a BOM", Buffer.from("\ufeffabc"), "abc", { encoding: "utf-8", bom: 3 }],
    ["UTF-16LE with a BOM", utf16("\ufeffabc 日"), "abc 日", { encoding: "utf-16le", bom: 2 }],
    ["UTF-16BE with a BOM", utf16("\ufeffabc").swap16(), "abc", { encoding: "utf-16be", bom: 2 }],
    ["UTF-16LE without", utf16("hello\r\n"), "hello\r\n", { encoding: "utf-16le", bom: 0 }],
    ["UTF-16BE without", utf16("hello\n").swap16(), "hello\n", { encoding: "utf-16be", bom: 0 }],
  ] as const)("reads %s", ([, bytes, text, format]) => {
    expect(decodeFile(bytes)).toEqual({ text, format });
  });

  it.for([
    ["zeros", Buffer.alloc(1000)],
    ["bytes of no encoding", Buffer.from([0, 1, 2, 255, 254, 0])],
    ["text with a NUL", Buffer.from("a\0b")],
    ["Latin-1", Buffer.from([0x67, 0xfc, 0x6e])],
    ["a lone surrogate in UTF-16", Buffer.from([0xff, 0xfe, 0x00, 0xd8, 0x41, 0x00])],
    ["half a unit of UTF-16", Buffer.from([0xff, 0xfe, 0x41])],
    ["little integers", Buffer.from(new Uint32Array([1, 2, 3, 4, 5, 6]).buffer)],
    ["two bytes that could be UTF-16", Buffer.from([0, 255, 1, 2])],
    ["an overlong UTF-8 sequence", Buffer.from([0x61, 0xc0, 0x80])],
  ] as const)("takes %s for binary", ([, bytes]) => {
    expect(decodeFile(bytes)).toBeUndefined();
  });

  it("falls back to the operator's encoding", () => {
    expect(decodeFile(Buffer.from([0x67, 0xfc, 0x6e]), "latin1")).toEqual({
      text: "gün",
      format: { encoding: "windows-1252", bom: 0 },
    });
    expect(decodeFile(Buffer.from([0xc4, 0xe3, 0xba, 0xc3]), "gbk")?.text).toBe("你好");
    expect(decodeFile(Buffer.from("ü"), "latin1")?.text).toBe("ü");
    expect(decodeFile(Buffer.from([0, 0xfc]), "latin1")).toBeUndefined();
  });

  it("knows text by a sample that ends within a character", () => {
    for (const text of ["日本語", "a👍", "ü"]) {
      const bytes = Buffer.from(text);
      for (let end = 1; end <= bytes.length; end += 1)
        expect(sniff(bytes.subarray(0, end), { complete: false })?.encoding).toBe("utf-8");
    }
    const pair = utf16("\ufeff👍");
    expect(sniff(pair.subarray(0, 4), { complete: false })?.encoding).toBe("utf-16le");
  });

  it.for(["utf-8", "utf-16le", "utf-16be"])("encodes what it decodes: %s", (encoding) => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), (text) => {
        const bytes = encodeText(text, encoding);
        expect(bytes && decodeText(bytes, encoding)).toBe(text);
      }),
    );
  });

  it.for([
    ["windows-1252", "Größe €"],
    ["gbk", "你好, abc"],
    ["shift_jis", "日本語 ｱ"],
    ["koi8-r", "привет"],
  ] as const)("encodes %s", ([encoding, text]) => {
    const bytes = encodeText(text, encoding);
    expect(bytes && decodeText(bytes, encoding)).toBe(text);
  });

  it("says when an encoding lacks a character", () => {
    expect(encodeText("日", "windows-1252")).toBeUndefined();
    expect(encodeText("\ud800", "utf-8")).toBeUndefined();
  });

  it("knows labels and marks", () => {
    expect(["gbk", "latin1", "nonsense", "replacement"].map(isEncodingLabel)).toEqual([true, true, false, false]);
    expect(bomOf({ encoding: "utf-16be", bom: 2 })).toEqual(Buffer.from([0xfe, 0xff]));
    expect(bomOf({ encoding: "utf-8", bom: 0 })).toHaveLength(0);
  });

  it("cuts between characters", () => {
    const bytes = Buffer.from("a日b");
    expect([1, 2, 3, 4, 5, 9].map((end) => utf8Boundary(bytes, end))).toEqual([1, 1, 1, 4, 5, 5]);
  });
});
