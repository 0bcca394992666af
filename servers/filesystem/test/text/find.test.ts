import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { allMatches, contains, disjointMatches, indexOf } from "../../src/text/find.ts";

const starts = (spans: readonly { start: number }[]) => spans.map(({ start }) => start);

describe("exact text in long ones", () => {
  // Long enough that the built-in search is not asked.
  const filler = "-".repeat(50_000);
  const repetitive = fc.array(fc.constantFrom("a", "b", "ab", "aab"), { maxLength: 40 }).map((parts) => parts.join(""));

  test("is found as the built-in search finds it", () => {
    fc.assert(
      fc.property(repetitive, repetitive, (text, old) => {
        fc.pre(old.length > 0);
        const [long, pattern] = [`${text}${filler}`, `${old}${filler.slice(1)}`];
        expect(indexOf(long, pattern)).toBe(long.indexOf(pattern));
        expect(contains(long, `${pattern}--`)).toBe(long.includes(`${pattern}--`));
      }),
      { numRuns: 200 },
    );
  });

  test("overlapping and disjoint matches are counted alike in short and in long texts", () => {
    for (const times of [20, 50_000]) {
      const [text, old] = ["aab".repeat(times), "aab".repeat(times / 2)];
      const all = starts(allMatches(text, old, 5));
      expect(all).toEqual([0, 3, 6, 9, 12]);
      expect(starts(disjointMatches(text, old, 5))).toEqual([0, (times / 2) * 3]);
    }
  });

  test("takes time in proportion to their lengths, whatever repeats in them", () => {
    const text = "a".repeat(10_000_000);
    const started = performance.now();
    for (const old of [
      `${"a".repeat(5_000)}b${"a".repeat(5_000)}`,
      `${"a".repeat(1_000_000)}b`,
      `b${"a".repeat(5_000)}`,
    ])
      expect(contains(text, old)).toBe(false);
    expect(allMatches(text, "a".repeat(5_000_000), 3)).toHaveLength(3);
    expect(performance.now() - started).toBeLessThan(5_000);
  });
});
