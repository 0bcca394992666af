import { describe, expect, test, vi } from "vitest";
import { cacheKey, createCache } from "../src/cache.ts";
import { ToolError } from "../src/errors.ts";

const size = (value: string) => value.length;

describe("createCache", () => {
  test("keeps a value for its time to live, then makes it anew", async () => {
    let now = 0;
    const cache = createCache({ maxBytes: 100, now: () => now });
    const make = vi.fn(async () => `made ${make.mock.calls.length}`);
    expect(await cache.through("k", 1_000, size, make)).toBe("made 1");
    now = 999;
    expect(await cache.through("k", 1_000, size, make)).toBe("made 1");
    now = 1_000;
    expect(await cache.through("k", 1_000, size, make)).toBe("made 2");
  });

  test("equal keys at the same time share one flight, and a failure is never kept", async () => {
    const cache = createCache({ maxBytes: 100 });
    let calls = 0;
    const failing = async () => {
      calls += 1;
      await Promise.resolve();
      throw new ToolError("not_found", "There is no such thing.");
    };
    const both = await Promise.allSettled([
      cache.through("k", 1_000, size, failing),
      cache.through("k", 1_000, size, failing),
    ]);
    expect(both.map((one) => one.status)).toEqual(["rejected", "rejected"]);
    expect(calls).toBe(1);
    expect(await cache.through("k", 1_000, size, async () => "fine")).toBe("fine");
  });

  test("one caller that gives up does not take the others with it", async () => {
    const cache = createCache({ maxBytes: 100 });
    const cancelled = cache.through("k", 1_000, size, () =>
      Promise.reject(new ToolError("cancelled", "The call was cancelled.")),
    );
    const others = Array.from({ length: 3 }, () => cache.through("k", 1_000, size, async () => "ours"));
    await expect(cancelled).rejects.toMatchObject({ kind: "cancelled" });
    expect(await Promise.all(others)).toEqual(["ours", "ours", "ours"]);
  });

  test("stays within its bytes, and returns what does not fit", async () => {
    const cache = createCache({ maxBytes: 10 });
    const made: string[] = [];
    const ask = (key: string, bytes: number) =>
      cache.through(key, 1_000, size, async () => {
        made.push(key);
        return key.repeat(bytes);
      });
    expect(await ask("a", 11)).toHaveLength(11);
    await ask("a", 11);
    await ask("b", 6);
    await ask("c", 6);
    await ask("c", 6);
    await ask("b", 6);
    expect(made).toEqual(["a", "a", "b", "c", "b"]);
  });

  test("answers with the old value during an outage only where that was asked for", async () => {
    let now = 0;
    const cache = createCache({ maxBytes: 100, now: () => now });
    await cache.through("k", 1_000, size, async () => "old");
    now = 1_500;
    const down = () => Promise.reject(new ToolError("unavailable", "The service is down."));
    await expect(cache.through("k", 1_000, size, down)).rejects.toThrow("down");
    const onStale = vi.fn();
    expect(await cache.through("k", 1_000, size, down, { staleMs: 1_000, onStale })).toBe("old");
    expect(onStale).toHaveBeenCalledExactlyOnceWith(1_500);
    const denied = () => Promise.reject(new ToolError("denied", "No longer yours."));
    await expect(cache.through("k", 1_000, size, denied, { staleMs: 1_000 })).rejects.toThrow("No longer yours.");
    now = 2_001;
    await expect(cache.through("k", 1_000, size, down, { staleMs: 1_000 })).rejects.toThrow("down");
  });
});

describe("cacheKey", () => {
  test("the order of members does not count, everything else does", () => {
    const key = cacheKey("ada", "list", { a: 1, b: { c: [1, 2], d: undefined } });
    expect(cacheKey("ada", "list", { b: { c: [1, 2] }, a: 1 })).toBe(key);
    const others = [
      cacheKey("bob", "list", { a: 1, b: { c: [1, 2] } }),
      cacheKey(undefined, "list", { a: 1, b: { c: [1, 2] } }),
      cacheKey("ada", "view", { a: 1, b: { c: [1, 2] } }),
      cacheKey("ada", "list", { a: 1, b: { c: [2, 1] } }),
      cacheKey("ada", "list", { a: "1", b: { c: [1, 2] } }),
    ];
    expect(new Set([key, ...others])).toHaveLength(6);
  });

  test("nobody can name themselves into the shared part, nor an array pass for an object", () => {
    expect(cacheKey("public", "t", {})).not.toBe(cacheKey(undefined, "t", {}));
    expect(cacheKey("a", "t", ["{}", ["x", 1]])).not.toBe(cacheKey("a", "t", { x: 1 }));
  });
});
