import { expect, test } from "vitest";
import { oneLine, short } from "../src/one-line.ts";

test("oneLine keeps words and takes the line breaks", () => {
  expect(oneLine(" a\r\n b\u2028c\t ")).toBe("a b c");
});

test.each([
  ["abcd", 4, "abcd"],
  [" a\n\nb ", 3, "a b"],
  ["abcde", 4, "abc…"],
  // Two units each: what is left of the second would be half a character.
  ["a😀😀", 4, "a😀…"],
])("short(%j, %i)", (text, most, expected) => {
  expect(short(text, most)).toBe(expected);
});
