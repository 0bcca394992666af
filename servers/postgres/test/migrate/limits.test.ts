import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { applying, outsideLimit, previewing } from "../../src/migrate/limits.ts";

const NOW = 1_000_000;
const deadline = NOW + 600_000;

beforeEach(() => void vi.useFakeTimers({ now: NOW }));
afterEach(() => void vi.useRealTimers());

const operator = (statementTimeout: number, lockTimeout: number) => ({ statementTimeout, lockTimeout });

describe("a preview", () => {
  test("holds its locks for 10 s a statement and 30 s in all, and waits 2 s for one", () => {
    expect(previewing(operator(60_000, 10_000), deadline)).toEqual({
      statement: 10_000,
      longest: 60_000,
      lock: 2_000,
      until: deadline - 2_000,
      total: NOW + 30_000,
      large: 1024 ** 3,
    });
  });

  test("never waits longer for a lock than the operator allows", () =>
    expect(previewing(operator(0, 300), deadline)).toMatchObject({ lock: 300, longest: Infinity }));

  test("without a limit of the operator keeps its own for locks", () =>
    expect(previewing(operator(0, 0), deadline).lock).toBe(2_000));
});

describe("an application", () => {
  test("has the operator's limits, and large tables", () =>
    expect(applying(operator(60_000, 10_000), deadline)).toEqual({
      statement: 60_000,
      longest: 60_000,
      lock: 10_000,
      until: deadline - 2_000,
      total: Infinity,
      large: Infinity,
    }));

  test("0 is no limit", () =>
    expect(applying(operator(0, 0), deadline)).toMatchObject({ statement: Infinity, lock: Infinity }));
});

describe("one statement outside transactions", () => {
  test("ends by itself before the call does", () => expect(outsideLimit(operator(0, 0), deadline)).toBe(598_000));
  test("or when the operator says", () => expect(outsideLimit(operator(5_000, 0), deadline)).toBe(5_000));
});
