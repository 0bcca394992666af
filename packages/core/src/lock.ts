import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { open, readFile, rm, stat } from "node:fs/promises";
import { hostname } from "node:os";
import { dirname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { ToolError } from "./errors.ts";
import { isAlive } from "./is-alive.ts";
import { makeFolder } from "./make-folder.ts";

/** How long a lock is waited for, and how long one may be held. */
export interface LockOptions {
  /** Milliseconds to wait for another holder. Default: 10,000. */
  readonly waitMs?: number;
  /** Milliseconds after which a holder that cannot be checked (another machine, no /proc) counts as gone. Default: 60,000. */
  readonly maxHoldMs?: number;
  readonly signal?: AbortSignal | undefined;
}

interface Holder {
  readonly pid: number;
  /** Start time of the process as the kernel counts it: a pid alone may have been given to somebody else. */
  readonly started: string | null;
  readonly host: string;
  readonly token: string;
}

/** A lock file that a crashed process left half-written counts as gone after this many milliseconds. */
const UNREADABLE_MS = 2_000;
const queues = new Map<string, Promise<unknown>>();

/**
 * Runs `work` while holding a lock file that other processes respect; calls of this process queue up in order.
 * A lock whose process is gone is taken over. The folder is made when it is missing.
 * Throws `unavailable` when the lock stays taken or cannot be made, and whatever `work` throws.
 */
export async function withLock<T>(path: string, work: () => Promise<T>, options: LockOptions = {}): Promise<T> {
  const before = queues.get(path);
  const turn = (async () => {
    await turnOrAbort(before, options.signal);
    const holder = await acquire(path, options);
    try {
      return await work();
    } finally {
      await release(path, holder);
    }
  })();
  const settled = turn.catch(() => undefined);
  queues.set(path, settled);
  try {
    return await turn;
  } finally {
    if (queues.get(path) === settled) queues.delete(path);
  }
}

// Who stops waiting here leaves the line; those behind still wait at the lock file.
async function turnOrAbort(before: Promise<unknown> | undefined, signal: AbortSignal | undefined): Promise<void> {
  if (before && signal) {
    const left = Promise.withResolvers<void>();
    const leave = () => left.resolve();
    signal.addEventListener("abort", leave, { once: true });
    await Promise.race([before, left.promise]);
    signal.removeEventListener("abort", leave);
  } else await before;
  signal?.throwIfAborted();
}

async function acquire(path: string, { waitMs = 10_000, maxHoldMs = 60_000, signal }: LockOptions): Promise<Holder> {
  const holder: Holder = {
    pid: process.pid,
    started: startOf(process.pid),
    host: hostname(),
    token: randomUUID(),
  };
  const giveUp = Date.now() + waitMs;
  for (;;) {
    if (await create(path, JSON.stringify(holder))) return holder;
    if (await removeStale(path, maxHoldMs)) continue;
    if (Date.now() >= giveUp)
      throw new ToolError("unavailable", "Another process of this server holds the lock on its state for too long.", {
        hint: "Try again in a moment; if it stays so, end other copies of this server.",
        retryAfterMs: 1_000,
      });
    await sleep(5 + Math.random() * 20, undefined, signal ? { signal } : {});
  }
}

async function create(path: string, content: string): Promise<boolean> {
  try {
    const file = await open(path, "wx", 0o600);
    try {
      await file.writeFile(content);
    } catch (error) {
      // A full disk must not leave a lock that nobody holds.
      await rm(path, { force: true });
      throw error;
    } finally {
      await file.close();
    }
    return true;
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? "";
    if (code === "EEXIST") return false;
    // Windows answers so while the former holder's file is being deleted.
    if (process.platform === "win32" && (code === "EPERM" || code === "EACCES" || code === "EBUSY")) return false;
    if (code === "ENOENT") {
      try {
        makeFolder(dirname(path));
      } catch (reason) {
        throw unwritable(reason);
      }
      return await create(path, content);
    }
    throw unwritable(error);
  }
}

function unwritable(error: unknown): ToolError {
  const code = (error as NodeJS.ErrnoException).code ?? "unknown";
  return new ToolError("unavailable", `The state folder cannot be written (${code}).`, {
    hint: "Name a folder that this user can write with --state-dir.",
    retryable: false,
    cause: error,
  });
}

// Everybody who removes a foreign lock first takes the take-over file and looks again, so a live lock is never removed.
async function removeStale(path: string, maxHoldMs: number): Promise<boolean> {
  if (!(await isStale(path, maxHoldMs))) return false;
  const guard = `${path}.takeover`;
  try {
    await (await open(guard, "wx", 0o600)).close();
  } catch {
    const age = await ageOf(guard);
    if (age !== undefined && age > 10_000) await rm(guard, { force: true });
    return false;
  }
  try {
    if (!(await isStale(path, maxHoldMs))) return false;
    await rm(path, { force: true });
    return true;
  } finally {
    await rm(guard, { force: true });
  }
}

async function isStale(path: string, maxHoldMs: number): Promise<boolean> {
  const age = await ageOf(path);
  if (age === undefined) return false;
  const holder = await read(path);
  if (!holder) return age > UNREADABLE_MS;
  if (holder.host !== hostname()) return age > maxHoldMs;
  if (!isAlive(holder.pid)) return true;
  const started = startOf(holder.pid);
  if (started !== null && holder.started !== null) return started !== holder.started;
  return age > maxHoldMs;
}

async function release(path: string, holder: Holder): Promise<void> {
  if ((await read(path))?.token === holder.token) await rm(path, { force: true });
}

async function read(path: string): Promise<Holder | undefined> {
  try {
    const value: unknown = JSON.parse(await readFile(path, "utf8"));
    const holder = value as Partial<Holder> | null;
    return typeof holder?.pid === "number" && typeof holder.token === "string" ? (holder as Holder) : undefined;
  } catch {
    return undefined;
  }
}

async function ageOf(path: string): Promise<number | undefined> {
  try {
    return Date.now() - (await stat(path)).mtimeMs;
  } catch {
    return undefined;
  }
}

/** Field 22 of /proc/<pid>/stat (proc_pid_stat(5)): clock ticks from boot to the start; null where there is no /proc. */
function startOf(pid: number): string | null {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "latin1");
    // The name in field 2 may contain spaces and brackets; fields count from behind it.
    return text.slice(text.lastIndexOf(")") + 2).split(" ")[19] ?? null;
  } catch {
    return null;
  }
}
