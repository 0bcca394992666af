import fs from "node:fs/promises";
import { join } from "node:path";
import { toToolError } from "@mooring/core";
import { expect, test } from "vitest";
import { mapError } from "../src/errors.ts";
import { openNotes } from "../src/notes.ts";
import { folderOf } from "./folder.ts";

/** The kind of a failure, as the model learns it. */
async function kindOf(work: Promise<unknown>): Promise<string | undefined> {
  return work.then(
    () => undefined,
    (error: unknown) => toToolError(error, mapError).kind,
  );
}

test.for([
  "",
  "..",
  "../secret",
  "a/b",
  "a\\b",
  "/etc/passwd",
  ".hidden",
  "a\0b",
  "a\nb",
  "C:a",
  "~",
  "-rf",
  " a",
  "a\u202eb",
  "a".repeat(101),
])("%j is no name", async (name) => {
  await using folder = await folderOf({ ".hidden.md": "planted" });
  expect(await kindOf(folder.deps.notes.read(name))).toBe("invalid_input");
});

test.for(["a", "Tide table", "v1.2_draft-3", "Æbleskiver", "日記", "a".repeat(80)])("%j is a name", async (name) => {
  await using folder = await folderOf({ [`${name}.md`]: "text" });
  expect(await folder.deps.notes.read(name)).toBe("text");
  expect(await folder.deps.notes.list()).toEqual([name]);
});

test("a name that the system finds too long is told as such", async () => {
  await using folder = await folderOf();
  expect(await kindOf(folder.deps.notes.read("日".repeat(100)))).toBe("invalid_input");
});

test("a link is neither listed nor followed", async () => {
  await using outside = await folderOf({ "secret.md": "planted" });
  await using folder = await folderOf();
  await fs.symlink(join(outside.path, "secret.md"), join(folder.path, "a.md"));
  expect(await folder.deps.notes.list()).toEqual([]);
  expect(await kindOf(folder.deps.notes.read("a"))).toBe("denied");
});

test("a folder is no note, and one that is too long is refused", async () => {
  await using folder = await folderOf({ "long.md": "a".repeat(1_000_001), "fits.md": "a".repeat(1_000_000) });
  await fs.mkdir(join(folder.path, "folder.md"));
  expect(await kindOf(folder.deps.notes.read("folder"))).toBe("denied");
  expect(await kindOf(folder.deps.notes.read("long"))).toBe("too_large");
  expect(await folder.deps.notes.read("fits")).toHaveLength(1_000_000);
});

test("a folder that is not there, or is a file, is unavailable", async () => {
  await using folder = await folderOf({ "a.md": "" });
  expect(await kindOf(openNotes().list())).toBe("unavailable");
  expect(await kindOf(openNotes(join(folder.path, "nope")).list())).toBe("unavailable");
  expect(await kindOf(openNotes(join(folder.path, "a.md")).list())).toBe("unavailable");
});

test("a folder may be reached through a link, and come back", async () => {
  await using folder = await folderOf({ "a.md": "text" });
  await using other = await folderOf();
  const link = join(other.path, "link");
  await fs.symlink(folder.path, link);
  const notes = openNotes(link);
  expect(await notes.list()).toEqual(["a"]);
  await fs.rename(link, `${link}-away`);
  expect(await kindOf(notes.list())).toBe("unavailable");
  await fs.rename(`${link}-away`, link);
  expect(await notes.read("a")).toBe("text");
});
// begin: write

test("a new note goes neither over another nor through a link", async () => {
  await using outside = await folderOf();
  await using folder = await folderOf({ "a.md": "text" });
  await fs.symlink(join(outside.path, "new.md"), join(folder.path, "b.md"));
  for (const name of ["a", "b"]) expect(await kindOf(folder.deps.notes.add(name, "other"))).toBe("conflict");
  expect(await folder.deps.notes.read("a")).toBe("text");
  expect(await fs.readdir(outside.path)).toEqual([]);
});

test("of two that write the same name at once one wins", async () => {
  await using folder = await folderOf();
  const kinds = await Promise.all(["one", "two"].map(async (text) => kindOf(folder.deps.notes.add("a", text))));
  expect(new Set(kinds)).toEqual(new Set(["conflict", undefined]));
  await fs.writeFile(join(folder.path, "b.md"), "");
  expect(await folder.deps.notes.list()).toEqual(["a", "b"]);
});
// end: write
// begin: full

test("removing takes a link and leaves what it names", async () => {
  await using outside = await folderOf({ "secret.md": "kept" });
  await using folder = await folderOf();
  await fs.symlink(join(outside.path, "secret.md"), join(folder.path, "a.md"));
  await folder.deps.notes.remove("a");
  expect([await fs.readdir(folder.path), await fs.readdir(outside.path)]).toEqual([[], ["secret.md"]]);
});
// end: full
