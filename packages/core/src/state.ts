import { chmod, readFile, rename, rm, stat } from "node:fs/promises";
import { homedir } from "node:os";
import { basename, isAbsolute, join } from "node:path";
import { writeAtomically } from "./atomic-write.ts";
import { ToolError } from "./errors.ts";
import { makeFolder } from "./make-folder.ts";
import { type LockOptions, withLock } from "./lock.ts";

/** The part of a log that the outward side writes to. */
export interface WarnLog {
  warn(message: string): void;
}

export interface StateFolderSurroundings {
  readonly env?: NodeJS.ProcessEnv;
  readonly platform?: NodeJS.Platform;
  readonly home?: string;
}

/**
 * Where a server keeps its state: `$XDG_STATE_HOME/mooring/<server>`, else the platform's place for it.
 * Source: XDG Base Directory Specification 0.8 (relative values are ignored).
 */
export function stateFolder(
  server: string,
  { env = process.env, platform = process.platform, home = homedir() }: StateFolderSurroundings = {},
): string {
  const named = env["XDG_STATE_HOME"];
  if (named && isAbsolute(named)) return join(named, "mooring", server);
  if (platform === "win32") return join(env["LOCALAPPDATA"] || join(home, "AppData", "Local"), "mooring", server);
  if (platform === "darwin") return join(home, "Library", "Application Support", "mooring", server);
  return join(home, ".local", "state", "mooring", server);
}

/** Makes the state folder if needed and closes it to other users (0700). Throws `unavailable` when it cannot be used. */
export async function openStateFolder(path: string): Promise<void> {
  try {
    makeFolder(path);
    if (process.platform !== "win32" && ((await stat(path)).mode & 0o077) !== 0) await chmod(path, 0o700);
  } catch (error) {
    throw unusable(path, error);
  }
}

export interface StateFileOptions<T extends object> {
  readonly path: string;
  /** Version that this release writes, from 1. */
  readonly version: number;
  /** Checks what was read (without `v`); throws when it is not what it should be. */
  readonly parse: (value: unknown) => T;
  /** `migrate[1]` turns the content of version 1 into that of version 2, and so on. */
  readonly migrate?: Readonly<Record<number, (value: unknown) => unknown>>;
  readonly log?: WarnLog | undefined;
  /** How long another process is waited for; longer where the holder talks to a network. */
  readonly lock?: LockOptions;
}

/** A {@link stateFile}. What its functions throw says that function. */
export interface StateFile<T extends object> {
  readonly path: string;
  /** What is stored; `undefined` when nothing is, or when it was broken and has been moved aside. */
  read(): Promise<T | undefined>;
  write(value: T): Promise<void>;
  /** Reads, changes and writes under a lock between processes; `undefined` removes the file. */
  update(change: (current: T | undefined) => T | undefined | Promise<T | undefined>): Promise<T | undefined>;
}

/**
 * A small JSON file `{"v": 1, …}` that several processes and several releases share: written as a whole (0600),
 * older versions are migrated on reading, broken content is moved aside with a log line.
 * Reading a newer version throws `unavailable` naming the file; so does a folder that cannot be used.
 */
export function stateFile<T extends object>(options: StateFileOptions<T>): StateFile<T> {
  const { path, version, log } = options;
  const locked = <R>(work: () => Promise<R>) => withLock(`${path}.lock`, work, options.lock);

  async function text(): Promise<string | undefined> {
    try {
      return await readFile(path, "utf8");
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
      throw unusable(path, error);
    }
  }

  async function readLocked(): Promise<T | undefined> {
    const content = await text();
    if (content === undefined) return undefined;
    const value = decode(content, options);
    if (value !== undefined) return value;
    const aside = `${path}.broken-${Date.now()}`;
    await rename(path, aside).catch(() => undefined);
    log?.warn(`The state file ${basename(path)} was broken; it was moved to ${basename(aside)} and starts anew.`);
    return undefined;
  }

  async function store(value: T): Promise<void> {
    try {
      await writeAtomically(path, `${JSON.stringify({ v: version, ...value })}\n`);
    } catch (error) {
      throw unusable(path, error);
    }
  }

  return {
    path,
    async read() {
      const content = await text();
      if (content === undefined) return undefined;
      // Under the lock, so that what another process has just written in its place is not moved away.
      return decode(content, options) ?? (await locked(readLocked));
    },
    write: (value) => locked(() => store(value)),
    update: (change) =>
      locked(async () => {
        const next = await change(await readLocked());
        if (next) await store(next);
        else await rm(path, { force: true });
        return next;
      }),
  };
}

/** The stored value in today's version, or `undefined` when the content is broken. */
function decode<T extends object>(content: string, { path, version, parse, migrate }: StateFileOptions<T>) {
  let stored: { v?: unknown };
  try {
    stored = JSON.parse(content) as { v?: unknown };
  } catch {
    return undefined;
  }
  const found = stored?.v;
  if (typeof found !== "number" || !Number.isInteger(found) || found < 1) return undefined;
  if (found > version)
    throw new ToolError(
      "unavailable",
      `The state file ${shown(path)} was written by a newer release (version ${found}, this one knows ${version}).`,
      { hint: "Update this server, or move the file away to start anew.", retryable: false },
    );
  try {
    const { v: _, ...rest } = stored;
    let value: unknown = rest;
    for (let at = found; at < version; at += 1) {
      const step = migrate?.[at];
      if (!step) return undefined;
      value = step(value);
    }
    return parse(value);
  } catch {
    return undefined;
  }
}

function unusable(path: string, error: unknown): ToolError {
  const code = (error as NodeJS.ErrnoException).code ?? "unknown";
  return new ToolError("unavailable", `The state in ${shown(path)} cannot be used (${code}).`, {
    hint: "Check its permissions and the free space, or name another folder with --state-dir.",
    retryable: false,
    cause: error,
  });
}

function shown(path: string): string {
  const home = homedir();
  return path.startsWith(`${home}/`) ? `~${path.slice(home.length)}` : path;
}
