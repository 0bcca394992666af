import { describe, expect, it } from "vitest";
import { countEols, countLines, dominantEol, eolOf } from "../../src/text/lines.ts";

describe("lines", () => {
  it.for([
    ["", 0, "none", "\n"],
    ["a", 1, "none", "\n"],
    ["a\n", 1, "lf", "\n"],
    ["a\nb", 2, "lf", "\n"],
    ["a\r\nb\r\n", 2, "crlf", "\r\n"],
    ["a\rb\r", 1, "cr", "\r"],
    ["a\r\nb\nc\r\n", 3, "mixed", "\r\n"],
    ["\n\n", 2, "lf", "\n"],
    ["\r\n", 1, "crlf", "\r\n"],
  ] as const)("of %j", ([text, lines, eol, dominant]) => {
    expect([countLines(text), eolOf(countEols(text)), dominantEol(text)]).toEqual([lines, eol, dominant]);
  });
});
