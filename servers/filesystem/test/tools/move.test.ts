import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { serve, undoId } from "./server.ts";

test("moves files, makes the directories above, and undo moves back", async () => {
  await using server = await serve();
  const { root } = server.files;
  writeFileSync(join(root, "a"), "A");
  const text = await server.ok("move", { from: "a", to: "x/b" });
  expect(text).toMatch(/^Moved \S+\/a to \S+\/x\/b; hash [0-9a-f]{16}\. undo id /);
  expect([existsSync(join(root, "a")), readFileSync(join(root, "x/b"), "utf8")]).toEqual([false, "A"]);
  await server.ok("undo", { id: undoId(text) });
  expect(readdirSync(root)).toEqual(["a"]);
});

test("copies keep the original; links move as links", async () => {
  await using server = await serve();
  const { root } = server.files;
  mkdirSync(join(root, "d"));
  writeFileSync(join(root, "d/f"), "F");
  symlinkSync("/etc/passwd", join(root, "l"));
  expect(await server.ok("move", { from: "d", to: "e", copy: true })).toMatch(/^Copied \S+\/d to \S+\/e\. undo id/);
  expect(readFileSync(join(root, "e/f"), "utf8")).toBe("F");
  expect(existsSync(join(root, "d/f"))).toBe(true);
  await server.ok("move", { from: "l", to: "m" });
  expect(readlinkSync(join(root, "m"))).toBe("/etc/passwd");
});

describe("without overwrite nothing is replaced", () => {
  test.for(["file", "directory", "link"])("%s", async (kind) => {
    await using server = await serve();
    const { root } = server.files;
    writeFileSync(join(root, "a"), "A");
    if (kind === "file") writeFileSync(join(root, "b"), "B");
    else if (kind === "directory") mkdirSync(join(root, "b"));
    else symlinkSync("nowhere", join(root, "b"));
    expect(await server.fails("move", { from: "a", to: "b" })).toMatch(/^conflict: \S+\/b exists already\./);
    expect(readFileSync(join(root, "a"), "utf8")).toBe("A");
  });
});

test("what makes no sense is refused, and leaves nothing behind", async () => {
  await using server = await serve();
  const { root } = server.files;
  mkdirSync(join(root, "d"));
  writeFileSync(join(root, "a"), "A");
  expect(await server.fails("move", { from: "d", to: "d/e/f" })).toMatch(/^invalid_input: .*cannot hold itself/);
  expect(await server.fails("move", { from: ".", to: "x" })).toMatch(/^denied: /);
  expect(await server.fails("move", { from: "missing", to: "x/y" })).toMatch(/^not_found: /);
  expect(await server.fails("move", { from: "a", to: "../x" })).toMatch(/^not_found: /);
  expect(await server.fails("move", { from: "a", to: "a" })).toMatch(/^conflict: |^invalid_input: /);
  expect(readdirSync(root).toSorted()).toEqual(["a", "d"]);
  expect(readdirSync(join(root, "d"))).toEqual([]);
  expect(server.files.journal.list(9).entries).toEqual([]);
});

describe("overwrite", () => {
  test("is not there at the write level", async () => {
    await using server = await serve({ access: "write" });
    writeFileSync(join(server.files.root, "a"), "A");
    writeFileSync(join(server.files.root, "b"), "B");
    expect(await server.fails("move", { from: "a", to: "b", overwrite: true })).toMatch(/^invalid_input: /);
    expect(readFileSync(join(server.files.root, "b"), "utf8")).toBe("B");
  });

  test("asks, replaces, and undo brings both back", async () => {
    const questions: string[] = [];
    await using server = await serve({ answer: (message) => questions.push(message) > 0 });
    const { root } = server.files;
    writeFileSync(join(root, "a"), "A");
    writeFileSync(join(root, "b"), "B");
    const text = await server.ok("move", { from: "a", to: "b", overwrite: true });
    expect(text).toMatch(/, replacing what was there; hash/);
    expect(questions[0]).toContain(
      `Target: ${root}/b\nEffect: Moves ${root}/a there, replacing the file (1 byte). \`undo\` can bring it back for 7 days.`,
    );
    await server.ok("undo", { id: undoId(text) });
    expect([readFileSync(join(root, "a"), "utf8"), readFileSync(join(root, "b"), "utf8")]).toEqual(["A", "B"]);
  });

  test("never replaces a directory that holds something; nobody is asked about it", async () => {
    await using server = await serve({ answer: () => expect.unreachable() as never });
    const { root } = server.files;
    writeFileSync(join(root, "a"), "A");
    for (const name of ["d", "e"]) {
      mkdirSync(join(root, name));
      writeFileSync(join(root, name, "f"), "F");
    }
    expect(await server.fails("move", { from: "a", to: "d", overwrite: true })).toMatch(
      /^conflict: .*is a directory, and is not replaced/,
    );
    expect(await server.fails("move", { from: "e", to: "d", overwrite: true })).toMatch(
      /^conflict: .*that is not empty/,
    );
    expect(statSync(join(root, "d/f")).isFile()).toBe(true);
  });
});
