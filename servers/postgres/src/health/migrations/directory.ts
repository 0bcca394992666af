import { createHash } from "node:crypto";
import { constants } from "node:fs";
import { open, readdir, realpath } from "node:fs/promises";
import { join, posix, sep } from "node:path";

/** Names below the directory of the migrations, with `/` between their parts, in order. */
export interface Directory {
  readonly files: readonly string[];
  /** The beginnings of the files that tools keep facts in, by name. */
  readonly heads: ReadonlyMap<string, string>;
  /** SHA-256 of a file in hexadecimal; `undefined` for one that is too large or cannot be read. */
  hash(file: string): Promise<string | undefined>;
}

const MOST_ENTRIES = 20_000;
const DEEPEST = 8;
/** Bytes of a file's head: where Alembic has its revision ids. */
const HEAD = 8_192;
/** Drizzle's journal is read whole. */
const JOURNAL = 4_194_304;
/** Bytes of a file that is hashed. */
const HASHED = 4_194_304;

/**
 * Lists the directory. Links are taken where they lead to something below it, never followed outside, and never descended into. Of
 * contents, only the heads of Python files (Alembic) and `_journal.json` (Drizzle) are read, and what Drizzle's journal names is
 * hashed. Throws what the file system says.
 */
export async function readDirectory(path: string, signal: AbortSignal): Promise<Directory> {
  const root = await realpath(path);
  const files: string[] = [];
  let left = MOST_ENTRIES;
  const visit = async (folder: string, depth: number): Promise<void> => {
    signal.throwIfAborted();
    for (const entry of await readdir(join(root, folder), { withFileTypes: true })) {
      if (left-- <= 0) return;
      const name = posix.join(folder, entry.name);
      if (entry.isDirectory() && depth < DEEPEST && entry.name !== "node_modules" && !entry.name.startsWith("."))
        await visit(name, depth + 1);
      else if (entry.isFile() || (entry.isSymbolicLink() && (await leadsInside(root, name)))) files.push(name);
    }
  };
  await visit("", 0);
  files.sort();
  const heads = new Map<string, string>();
  for (const name of files) {
    const most = name.endsWith(".py") ? HEAD : posix.basename(name) === "_journal.json" ? JOURNAL : 0;
    if (most > 0) heads.set(name, (await head(join(root, name), root, most))?.toString("utf8") ?? "");
  }
  const hash = (file: string) =>
    head(join(root, file), root, HASHED).then(
      (bytes) => (bytes && bytes.length < HASHED ? createHash("sha256").update(bytes).digest("hex") : undefined),
      () => undefined,
    );
  return { files, heads, hash };
}

async function leadsInside(root: string, name: string): Promise<boolean> {
  return realpath(join(root, name)).then(
    (real) => real.startsWith(root + sep),
    () => false,
  );
}

async function head(path: string, root: string, most: number): Promise<Buffer | undefined> {
  const real = await realpath(path);
  if (!real.startsWith(root + sep)) return undefined;
  const file = await open(real, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0));
  try {
    const stats = await file.stat();
    if (!stats.isFile()) return undefined;
    const length = Math.min(stats.size, most);
    const { buffer, bytesRead } = await file.read({ buffer: Buffer.alloc(length), length });
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}
