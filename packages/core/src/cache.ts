import { createHash } from "node:crypto";
import type { LRUCache } from "lru-cache";
import { canonical } from "./canonical.ts";
import { ToolError } from "./errors.ts";

export interface CacheOptions {
  /** Bytes of values (as their `size` says) kept at most; the least recently used go first. */
  readonly maxBytes: number;
  /** Milliseconds since the epoch; for tests. */
  readonly now?: () => number;
}

export interface ThroughOptions {
  /** Milliseconds past the time to live in which an old value answers while the service is `unavailable` or times out. */
  readonly staleMs?: number;
  /** Told the age in milliseconds when an old value answers. */
  readonly onStale?: (ageMs: number) => void;
}

/** Remembers what reading calls returned; only successes, never errors. Values are shared: callers do not change them. */
export interface Cache {
  /**
   * The value kept under `key`, else what `make` returns, which is then kept for `ttlMs`.
   * Equal keys asked for at the same time share one `make`; throws what `make` throws.
   * `size` is in bytes; a value larger than the whole cache is returned and not kept.
   */
  through<T>(
    key: string,
    ttlMs: number,
    size: (value: T) => number,
    make: () => Promise<T>,
    options?: ThroughOptions,
  ): Promise<T>;
  clear(): void;
}

interface Entry {
  readonly value: unknown;
  readonly madeAt: number;
}

/** A cache in memory; the list behind it is loaded with the first value kept. */
export function createCache({ maxBytes, now = Date.now }: CacheOptions): Cache {
  let entries: LRUCache<string, Entry> | undefined;
  const flights = new Map<string, Promise<unknown>>();

  async function keep<T>(key: string, value: T, bytes: number): Promise<void> {
    if (bytes > maxBytes) return;
    if (!entries) {
      const { LRUCache: Lru } = await import("lru-cache");
      entries ??= new Lru<string, Entry>({ maxSize: maxBytes });
    }
    entries.set(key, { value, madeAt: now() }, { size: Math.max(1, Math.ceil(bytes)) });
  }

  async function fly<T>(key: string, size: (value: T) => number, make: () => Promise<T>): Promise<T> {
    const value = await make();
    await keep(key, value, size(value));
    return value;
  }

  async function shared<T>(key: string, size: (value: T) => number, make: () => Promise<T>): Promise<T> {
    const running = flights.get(key) as Promise<T> | undefined;
    if (running) {
      try {
        return await running;
      } catch (error) {
        // The one who was first gave up for reasons of its own; that says nothing about this call.
        if (!gaveUp(error)) throw error;
        return await shared(key, size, make);
      }
    }
    const flight = fly(key, size, make).finally(() => flights.delete(key));
    flights.set(key, flight);
    return await flight;
  }

  return {
    async through(key, ttlMs, size, make, { staleMs = 0, onStale } = {}) {
      const entry = entries?.get(key);
      const age = entry ? now() - entry.madeAt : 0;
      // The key names tool and arguments, so what stands under it is what this tool made.
      if (entry && age < ttlMs) return entry.value as Awaited<ReturnType<typeof make>>;
      try {
        return await shared(key, size, make);
      } catch (error) {
        if (!entry || age >= ttlMs + staleMs || !isOutage(error)) throw error;
        onStale?.(age);
        return entry.value as Awaited<ReturnType<typeof make>>;
      }
    },
    clear: () => entries?.clear(),
  };
}

/**
 * The key of a call: a hash of principal, tool and canonical arguments (order of members does not count).
 * Without a principal the value is shared by everybody.
 */
export function cacheKey(principal: string | undefined, tool: string, args: unknown): string {
  const scope = principal === undefined ? "public" : ["of", principal];
  return createHash("sha256")
    .update(canonical([scope, tool, args]))
    .digest("base64url");
}

function gaveUp(error: unknown): boolean {
  if (error instanceof ToolError) return error.kind === "cancelled" || error.kind === "timeout";
  return error instanceof Error && error.name === "AbortError";
}

function isOutage(error: unknown): boolean {
  return error instanceof ToolError && (error.kind === "unavailable" || error.kind === "timeout");
}
