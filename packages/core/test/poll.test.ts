import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { ToolError } from "../src/errors.ts";
import { poll } from "../src/poll.ts";

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

test("calls when what it sees is another, until it ends", async () => {
  let value: unknown = { n: 1 };
  const changed = vi.fn<() => void>();
  const looks = vi.fn<(signal: AbortSignal) => Promise<unknown>>(async () => value);
  const end = await poll(looks, 1_000, changed);
  await vi.advanceTimersByTimeAsync(2_500);
  expect([looks.mock.calls.length, changed.mock.calls.length]).toEqual([3, 0]);
  value = { n: 2 };
  await vi.advanceTimersByTimeAsync(1_000);
  expect(changed).toHaveBeenCalledTimes(1);
  value = { n: 3 };
  end();
  await vi.advanceTimersByTimeAsync(5_000);
  expect([looks.mock.calls.length, changed.mock.calls.length]).toEqual([4, 1]);
});

test("throws what the first look throws, and takes a later failure for no change", async () => {
  await expect(
    poll(
      () => Promise.reject(new Error("missing")),
      1_000,
      () => {},
    ),
  ).rejects.toThrow("missing");
  let fail = false;
  const changed = vi.fn<() => void>();
  const end = await poll(() => (fail ? Promise.reject(new Error("down")) : Promise.resolve("same")), 1_000, changed);
  fail = true;
  await vi.advanceTimersByTimeAsync(3_000);
  fail = false;
  await vi.advanceTimersByTimeAsync(3_000);
  expect(changed).not.toHaveBeenCalled();
  end();
});

test.for([
  ["the service", new ToolError("not_found", "It is gone.")],
  ["the system", Object.assign(new Error("no such file"), { code: "ENOENT" })],
] as const)("tells that what was followed is gone, as %s says, once, and that it is back", async ([, gone]) => {
  let there = true;
  const changed = vi.fn<() => void>();
  const look = () => (there ? Promise.resolve(1) : Promise.reject(gone));
  const end = await poll(look, 1_000, changed);
  there = false;
  await vi.advanceTimersByTimeAsync(3_000);
  expect(changed).toHaveBeenCalledTimes(1);
  there = true;
  await vi.advanceTimersByTimeAsync(1_000);
  expect(changed).toHaveBeenCalledTimes(2);
  end();
});

test("never looks twice at once, and aborts a look when it ends", async () => {
  const signals: AbortSignal[] = [];
  let first = true;
  const end = await poll(
    (signal) => {
      signals.push(signal);
      if (first) return Promise.resolve((first = false));
      return new Promise((resolve) => setTimeout(() => resolve(signals.length), 10_000));
    },
    1_000,
    () => {},
  );
  await vi.advanceTimersByTimeAsync(9_000);
  expect(signals).toHaveLength(2);
  end();
  expect(signals[1]?.aborted).toBe(true);
  await vi.advanceTimersByTimeAsync(30_000);
  expect(signals).toHaveLength(2);
});
