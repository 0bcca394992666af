import { mkdtemp, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openNotes } from "../src/notes.ts";

/** A folder of its own with these files in it, and what a server is given; it goes at the end of the block. */
export async function folderOf(files: Readonly<Record<string, string>> = {}) {
  const path = await realpath(await mkdtemp(join(tmpdir(), "notes-")));
  for (const [name, text] of Object.entries(files)) await writeFile(join(path, name), text);
  return {
    path,
    deps: { notes: openNotes(path), pollMs: 10 },
    [Symbol.asyncDispose]: async () => rm(path, { recursive: true, force: true }),
  };
}
