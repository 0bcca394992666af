import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { encodeText } from "../../src/text/decode.ts";
import { cutPage, findLine, findTail } from "../../src/text/scan.ts";
import { memorySource } from "../../src/text/source.ts";
import { drain } from "./drain.ts";

const encodings = ["utf-8", "utf-16le", "utf-16be"] as const;
const texts = fc
  .array(fc.constantFrom("a", "日", "👍", "\n", "\r\n", "\u0a0a", "\u000d\u0a00", "xyz"), { maxLength: 60 })
  .map((parts) => parts.join(""));
const bytesOf = (text: string, encoding: string) => encodeText(text, encoding) as Buffer;
// As an editor counts: a final line end starts no line.
const linesOf = (text: string) => text.match(/[^\n]*\n|[^\n]+$/g) ?? [];

describe.for(encodings)("scanning %s", (encoding) => {
  const layout = { encoding, start: 0 };

  it("finds the start of every line, and says how many there are", () => {
    fc.assert(
      fc.property(texts, (text) => {
        const source = memorySource(bytesOf(text, encoding));
        const lines = linesOf(text);
        let offset = 0;
        for (const [index, line] of lines.entries()) {
          expect(drain(findLine(source, layout, index + 1))).toEqual({ offset });
          offset += bytesOf(line, encoding).length;
        }
        expect(drain(findLine(source, layout, lines.length + 1))).toEqual({ lines: lines.length });
      }),
    );
  });

  it("finds the last lines", () => {
    fc.assert(
      fc.property(texts, fc.integer({ min: 1, max: 8 }), (text, count) => {
        const bytes = bytesOf(text, encoding);
        const tail = bytesOf(linesOf(text).slice(-count).join(""), encoding);
        expect(bytes.subarray(drain(findTail(memorySource(bytes), layout, count)))).toEqual(tail);
      }),
    );
  });

  it("cuts pages that together are the text, at lines or at characters", () => {
    fc.assert(
      fc.property(texts, fc.integer({ min: 8, max: 40 }), (text, size) => {
        const bytes = bytesOf(text, encoding);
        const pages: string[] = [];
        for (let at = 0; at < bytes.length;) {
          const page = bytes.subarray(at, at + size);
          const { length } = cutPage(page, encoding, { lines: Infinity, last: at + page.length >= bytes.length });
          expect(length).toBeGreaterThan(0);
          pages.push(new TextDecoder(encoding, { fatal: true, ignoreBOM: true }).decode(page.subarray(0, length)));
          at += length;
        }
        expect(pages.join("")).toBe(text);
      }),
    );
  });
});

it("finds lines and tails across blocks", () => {
  const bytes = Buffer.from(Array.from({ length: 200_000 }, (_, index) => `line ${index + 1}`).join("\n"));
  const source = memorySource(bytes);
  const layout = { encoding: "utf-8", start: 0 };
  const from = drain(findLine(source, layout, 150_000));
  expect("offset" in from && bytes.toString("utf8", from.offset, from.offset + 11)).toBe("line 150000");
  expect(bytes.toString("utf8", drain(findTail(source, layout, 100_000))).startsWith("line 100001\n")).toBe(true);
});
