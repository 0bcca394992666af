import fc from "fast-check";
import { expect, test } from "vitest";
import { decodeCursor, encodeCursor, queryHash } from "../../src/search/cursor.ts";

const hash = queryHash(["*.md", undefined]);

test("a cursor says its position, whatever the names", () => {
  // Bytes that are not UTF-8 are lone surrogates; no name holds a slash or NUL.
  const name = fc
    .string({ unit: fc.integer({ min: 1, max: 0xffff }).map((code) => String.fromCharCode(code)), minLength: 1 })
    .map((text) => text.replaceAll("/", "_"));
  const resume = fc.record({ line: fc.nat(), count: fc.nat() });
  const exact = fc.record({
    line: fc.nat(),
    count: fc.nat(),
    offset: fc.integer({ min: 1, max: 1e12 }),
    mtimeMs: fc.double({ min: 1e12, max: 2e12, noNaN: true }),
  });
  const position = fc.record({
    root: fc.nat(99),
    key: fc.array(name).map((names) => names.join("\0")),
    resume: fc.option(fc.oneof(resume, exact), { nil: undefined }),
  });
  fc.assert(
    fc.property(position, (given) => {
      const cursor = encodeCursor(hash, given);
      expect(cursor).toMatch(/^[\x21-\x7e]*$/);
      expect(decodeCursor(hash, cursor, 100)).toEqual(given);
    }),
  );
});

test("stays short and readable for ordinary paths", () => {
  expect(encodeCursor("abcdef", { root: 0, key: "src\0search\0cursor.ts\0" })).toBe("abcdef~0~~src/search/cursor.ts/");
  expect(encodeCursor("abcdef", { root: 1, key: "a.txt", resume: { line: 12, count: 3 } })).toBe(
    "abcdef~1~12_3__~a.txt",
  );
});

test.each([
  "",
  "x",
  "abcdef~0~",
  "abcdef~-1~~a",
  "abcdef~1~~a",
  "abcdef~0~1~a",
  "abcdef~0~~a~b",
  `abcdef~0~${"9".repeat(40)}_1__~a`,
])("%j is refused", (cursor) => {
  expect(() => decodeCursor("abcdef", cursor, 1)).toThrow(/not valid/);
});

test("of another search is refused", () => {
  expect(() => decodeCursor("abcdef", encodeCursor(hash, { root: 0, key: "a" }), 1)).toThrow(/another search/);
});
