import { describe, expect, it } from "vitest";
import { hexDump } from "../../src/text/hex.ts";
import { mediaOf } from "../../src/text/media.ts";
import { parseRange } from "../../src/text/range.ts";
import { shareFairly } from "../../src/text/share.ts";

describe("ranges", () => {
  it.for([
    ["10-40", { kind: "from", first: 10, last: 40 }],
    ["100-", { kind: "from", first: 100, last: Infinity }],
    ["7", { kind: "from", first: 7, last: 7 }],
    ["-20", { kind: "tail", count: 20 }],
    [" 1 - 2 ", { kind: "from", first: 1, last: 2 }],
  ] as const)("reads %j", ([text, range]) => {
    expect(parseRange(text)).toEqual(range);
  });

  it.for([
    "",
    "-",
    "0",
    "0-5",
    "1-0",
    "-0",
    "9-3",
    "a",
    "1,2",
    "1-2-3",
    "1.5",
    "99999999999999999999",
    `${" ".repeat(1_000_000)}x`,
    `1${" ".repeat(200)}`,
  ])("refuses %j", (text) => {
    expect(() => parseRange(text)).toThrow("is not a range of lines");
  });
});

it("shares fairly", () => {
  expect(shareFairly([10, 1000, 20, 1000], 430)).toEqual([10, 200, 20, 200]);
  expect(shareFairly([5, 5], 100)).toEqual([5, 5]);
  expect(shareFairly([], 100)).toEqual([]);
  expect(shareFairly([0, 50], 10)).toEqual([0, 10]);
});

it.for([
  ["89504e470d0a1a0a", "image/png"],
  ["ffd8ffe0", "image/jpeg"],
  [Buffer.from("GIF89a").toString("hex"), "image/gif"],
  [Buffer.from("RIFF\0\0\0\0WEBPVP8 ", "latin1").toString("hex"), "image/webp"],
  [Buffer.from("RIFF\0\0\0\0WAVEfmt ", "latin1").toString("hex"), "audio/wav"],
  [Buffer.from("ID3\u0004", "latin1").toString("hex"), "audio/mpeg"],
  [Buffer.from("OggS").toString("hex"), "audio/ogg"],
  [Buffer.from("fLaC").toString("hex"), "audio/flac"],
  [Buffer.from("BM").toString("hex"), undefined],
  ["424d46000000000000003600", "image/bmp"],
  ["00ff0102", undefined],
  ["", undefined],
] as const)("knows %s as %s", ([hex, mimeType]) => {
  expect(mediaOf(Buffer.from(hex, "hex"))?.mimeType).toBe(mimeType);
});

it("dumps rows of 16", () => {
  const bytes = Buffer.from("0123456789abcdef\x00\x7fz", "latin1");
  expect(hexDump(bytes, 32)).toBe(
    [
      "00000020  30 31 32 33 34 35 36 37 38 39 61 62 63 64 65 66  0123456789abcdef",
      `00000030  00 7f 7a${" ".repeat(41)}..z`,
    ].join("\n"),
  );
});
