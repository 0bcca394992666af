import { expect, test } from "vitest";
import { asTyped } from "../src/as-typed.ts";

test.for([
  ["weather map", '"weather map"'],
  ["wetter-ü", '"wetter-ü"'],
  ['a"b\n', String.raw`"a\"b\n"`],
  ["a\u200bb", String.raw`"a\u{200b}b"`],
  ["a\u202eb\u00a0", String.raw`"a\u{202e}b\u{a0}"`],
  ["a\u{e0041}b", String.raw`"a\u{e0041}b"`],
  ["\ud800", String.raw`"\ud800"`],
] as const)("%j is shown as %s", ([text, shown]) => {
  expect(asTyped(text)).toBe(shown);
});

test("what is long is cut, and says so", () => {
  expect(asTyped("x".repeat(80))).toBe(`"${"x".repeat(80)}"`);
  expect(asTyped("x".repeat(81))).toBe(`"${"x".repeat(80)}…"`);
});
