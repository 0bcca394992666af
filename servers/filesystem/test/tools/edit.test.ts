import {
  chmodSync,
  chownSync,
  existsSync,
  linkSync,
  mkdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { createHash } from "node:crypto";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { serve, undoId } from "./server.ts";

const hash = (text: string | Buffer): string => createHash("sha256").update(text).digest("hex").slice(0, 16);
const one = (path: string, old: string, replacement: string, more: object = {}) => ({
  files: [{ path, edits: [{ old, new: replacement }], ...more }],
});

test("answers with the diff, the new hash and the undo id", async () => {
  await using server = await serve();
  const path = join(server.files.root, "t");
  writeFileSync(path, "a\nb\nc\n");
  const text = await server.ok("edit", one(path, "b", "B"));
  expect(text).toBe(
    `Edited 1 file. undo id ${undoId(text)}.\n${path}: hash ${hash("a\nB\nc\n")}, 1 replacement, +1 -1\n@@ -1,3 +1,3 @@\n a\n-b\n+B\n c`,
  );
  await server.ok("undo", { id: undoId(text) });
  expect(readFileSync(path, "utf8")).toBe("a\nb\nc\n");
});

test("a dry run shows the same diff and writes nothing, not even state", async () => {
  await using server = await serve();
  const path = join(server.files.root, "t");
  writeFileSync(path, "a\nb\n");
  const dry = await server.ok("edit", { ...one("t", "b", "B"), dry_run: true });
  expect(dry).toMatch(/^Dry run: would edit 1 file; nothing was written\.\n/);
  expect(dry).toContain(`hash ${hash("a\nb\n")} (unchanged)`);
  expect([readFileSync(path, "utf8"), existsSync(server.files.stateDir)]).toEqual(["a\nb\n", false]);
  const real = await server.ok("edit", one("t", "b", "B"));
  expect(real.slice(real.indexOf("@@"))).toBe(dry.slice(dry.indexOf("@@")));
});

test("mode bits and owner stay", async () => {
  await using server = await serve();
  const path = join(server.files.root, "t");
  writeFileSync(path, "#!/bin/sh\necho hi\n");
  chmodSync(path, 0o4751);
  const owner = process.getuid?.() === 0 ? 1234 : (process.getuid?.() ?? 0);
  chownSync(path, owner, owner);
  chmodSync(path, 0o4751);
  await server.ok("edit", one("t", "hi", "ho"));
  expect(statSync(path)).toMatchObject({ mode: 0o104751, uid: owner, gid: owner });
});

describe("if_hash", () => {
  test("lets through what it names, and the answer's hash goes on", async () => {
    await using server = await serve();
    writeFileSync(join(server.files.root, "t"), "v1");
    const text = await server.ok("edit", one("t", "v1", "v2", { if_hash: hash("v1") }));
    const next = /hash ([0-9a-f]+)/.exec(text)?.[1];
    await server.ok("edit", one("t", "v2", "v3", { if_hash: next }));
    expect(readFileSync(join(server.files.root, "t"), "utf8")).toBe("v3");
  });

  test.for(["0000", hash("other"), ""])("refuses others: %s", async (given) => {
    await using server = await serve();
    writeFileSync(join(server.files.root, "t"), "v1");
    expect(await server.fails("edit", one("t", "v1", "v2", { if_hash: given }))).toMatch(
      /^conflict: .*has changed.*No file was changed\.$/s,
    );
    expect(readFileSync(join(server.files.root, "t"), "utf8")).toBe("v1");
  });
});

describe("several files", () => {
  test("are one entry, undone together", async () => {
    await using server = await serve();
    for (const name of ["a", "b"]) writeFileSync(join(server.files.root, name), "old");
    const text = await server.ok("edit", {
      files: ["a", "b"].map((path) => ({ path, edits: [{ old: "old", new: "new" }] })),
    });
    await server.ok("undo", { id: undoId(text) });
    for (const name of ["a", "b"]) expect(readFileSync(join(server.files.root, name), "utf8")).toBe("old");
  });

  test("all problems are told at once, and nothing is written", async () => {
    await using server = await serve();
    for (const name of ["a", "b", "c"]) writeFileSync(join(server.files.root, name), "old\nold\n");
    const text = await server.fails("edit", {
      files: [
        { path: "a", edits: [{ old: "old\nold", new: "new" }] },
        { path: "b", edits: [{ old: "OLD\nold", new: "new" }] },
        { path: "c", edits: [{ old: "old", new: "new" }] },
        { path: "missing", edits: [{ old: "old", new: "new" }] },
      ],
    });
    expect(text).toMatch(/edits\[0\]\.old matches nothing in \S+\/b\. Closest, lines 1-2:/);
    expect(text).toMatch(/edits\[0\]\.old matches 2 times in \S+\/c, not once\./);
    expect(text).toMatch(/missing was not found or is not allowed/);
    expect(text.endsWith("No file was changed.")).toBe(true);
    for (const name of ["a", "b", "c"]) expect(readFileSync(join(server.files.root, name), "utf8")).toBe("old\nold\n");
  });

  test("the same file twice is refused, by whatever name", async () => {
    await using server = await serve();
    writeFileSync(join(server.files.root, "t"), "a b");
    symlinkSync("t", join(server.files.root, "l"));
    linkSync(join(server.files.root, "t"), join(server.files.root, "h"));
    for (const other of ["t", "./t", "l", "h"])
      expect(
        await server.fails("edit", { files: ["t", other].map((path) => ({ path, edits: [{ old: "a", new: "b" }] })) }),
      ).toMatch(/^invalid_input: .* is the same file as/);
  });
});

test("fifty edits of one file at once all land", async () => {
  await using server = await serve();
  const path = join(server.files.root, "t");
  writeFileSync(path, Array.from({ length: 50 }, (_, line) => `line${line + 1}!\n`).join(""));
  await Promise.all(
    Array.from({ length: 50 }, (_, line) => server.ok("edit", one("t", `line${line + 1}!`, `line${line + 1}DONE`))),
  );
  expect(readFileSync(path, "utf8").match(/DONE$/gm)).toHaveLength(50);
});

test("a file changed in the same instant by another program is not overwritten", async () => {
  await using server = await serve({
    wrap: (sandbox) => ({
      ...sandbox,
      writeFile(place, content, options) {
        writeFileSync(place.shown, "theirs");
        return sandbox.writeFile(place, content, options);
      },
    }),
  });
  writeFileSync(join(server.files.root, "t"), "mine");
  expect(await server.fails("edit", one("t", "mine", "ours"))).toMatch(/^conflict: /);
  expect(readFileSync(join(server.files.root, "t"), "utf8")).toBe("theirs");
});

test("what cannot be edited is named", async () => {
  await using server = await serve();
  const { root } = server.files;
  mkdirSync(join(root, "d"));
  writeFileSync(join(root, "bin"), Buffer.from([0, 1, 2, 255]));
  writeFileSync(join(root, "t"), "x");
  expect(await server.fails("edit", one("d", "a", "b"))).toMatch(/^invalid_input: \S+\/d is a directory\./);
  expect(await server.fails("edit", one("bin", "a", "b"))).toMatch(/^invalid_input: \S+\/bin is binary/);
  expect(await server.fails("edit", one("../outside", "a", "b"))).toMatch(/^not_found: /);
  expect(await server.fails("edit", { files: [{ path: "t", edits: [{ old: "x", new: "y", count: 0 }] }] })).toMatch(
    /^invalid_input: .*-1 or at least 1/s,
  );
});

test("marks of shown characters are accepted in `old` only", async () => {
  await using server = await serve();
  writeFileSync(join(server.files.root, "t"), "a\u200bb");
  expect(await server.fails("edit", one("t", "b", "⟨U+200B⟩"))).toMatch(/^invalid_input: /);
  await server.ok("edit", one("t", "a⟨U+200B⟩b", "ab"));
  expect(readFileSync(join(server.files.root, "t"), "utf8")).toBe("ab");
});

test("text in the operator's encoding stays in it", async () => {
  await using server = await serve({ encoding: "windows-1252" });
  const path = join(server.files.root, "t");
  writeFileSync(path, Buffer.from([0x63, 0x61, 0x66, 0xe9, 0x0d, 0x0a]));
  await server.ok("edit", one("t", "café", "thé\n€"));
  expect(readFileSync(path)).toEqual(Buffer.from([0x74, 0x68, 0xe9, 0x0d, 0x0a, 0x80, 0x0d, 0x0a]));
});

test("without a usable state folder it edits and says that it cannot be undone", async () => {
  await using server = await serve();
  writeFileSync(server.files.stateDir, "not a folder");
  writeFileSync(join(server.files.root, "t"), "a");
  expect(await server.ok("edit", one("t", "a", "b"))).toMatch(
    /^Edited 1 file\. Not recorded, so `undo` cannot take it back: /,
  );
});

test("a big diff is cut and its totals stay", async () => {
  await using server = await serve();
  const path = join(server.files.root, "t");
  writeFileSync(path, Array.from({ length: 5_000 }, (_, line) => `a${line + 1}\n`).join(""));
  const lines = (letter: string) => Array.from({ length: 5_000 }, (_, line) => `${letter}${line + 1}`).join("\n");
  const text = await server.ok("edit", one("t", lines("a"), lines("b")));
  expect(text).toContain("+5000 -5000");
  expect(text).toMatch(/… \d+ more lines of the diff$/);
  expect(text.length).toBeLessThan(25_000);
  expect(readFileSync(path, "utf8")).toBe(`${lines("b")}\n`);
});
