import { existsSync, mkdirSync, readdirSync, readFileSync, readlinkSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { serve, undoId } from "./server.ts";

function plant(root: string): void {
  mkdirSync(join(root, "d/e"), { recursive: true });
  writeFileSync(join(root, "d/one"), "1");
  writeFileSync(join(root, "d/e/two"), "22");
  writeFileSync(join(root, "f"), "333");
  symlinkSync("../../outside", join(root, "d/out"));
}

test("asks with target and effect, deletes, and undo brings all back", async () => {
  const questions: string[] = [];
  await using server = await serve({ answer: (message) => questions.push(message) > 0 });
  const { root, base } = server.files;
  plant(root);
  mkdirSync(join(base, "outside"));
  writeFileSync(join(base, "outside/secret"), "kept");
  const text = await server.ok("delete", { paths: ["d", "f", "d/e"], recursive: true });
  expect(questions[0]).toBe(
    `Files: Delete?\nTarget: ${root}/d, ${root}/f\nEffect: Deletes 3 files, 2 directories and 1 link (6 bytes). \`undo\` can bring it back for 7 days.`,
  );
  expect(text).toMatch(/^Deleted 3 files, 2 directories and 1 link \(6 bytes\): \S+\/d, \S+\/f\. undo id /);
  expect(readdirSync(root)).toEqual([]);
  expect(existsSync(join(base, "outside/secret"))).toBe(true);
  await server.ok("undo", { id: undoId(text) });
  expect(readdirSync(join(root, "d")).toSorted()).toEqual(["e", "one", "out"]);
  expect(readlinkSync(join(root, "d/out"))).toBe("../../outside");
  expect(readFileSync(join(root, "d/e/two"), "utf8")).toBe("22");
});

test("a no changes nothing", async () => {
  await using server = await serve({ answer: () => false });
  plant(server.files.root);
  expect(await server.fails("delete", { paths: ["f"] })).toMatch(/^denied: /);
  expect(existsSync(join(server.files.root, "f"))).toBe(true);
});

describe("nobody is asked about what cannot run", () => {
  test.for([
    ["a root", { paths: ["."] }, /^denied: .*allowed directory itself/],
    ["a directory without recursive", { paths: ["f", "d"] }, /^invalid_input: .*is a directory.*recursive: true/],
    ["something missing", { paths: ["f", "nope"] }, /^not_found: /],
    ["something outside", { paths: ["f", "../outside"] }, /^not_found: /],
  ] as const)("%s", async ([, args, message]) => {
    await using server = await serve({ answer: () => expect.unreachable() as never });
    plant(server.files.root);
    expect(await server.fails("delete", args as never)).toMatch(message);
    expect(existsSync(join(server.files.root, "f"))).toBe(true);
  });

  test("more than the journal keeps", async () => {
    await using server = await serve({ journal: { quotaBytes: 5 }, answer: () => expect.unreachable() as never });
    plant(server.files.root);
    expect(await server.fails("delete", { paths: ["d", "f"], recursive: true })).toBe(
      "too_large: Refused, since it could not be undone: the call changes 6 bytes, and the journal keeps 5 bytes at most. Delete or replace less at once, or ask the person to raise --journal-mb or to give up undo with --journal off.",
    );
    expect(existsSync(join(server.files.root, "d/one"))).toBe(true);
  });

  test("the journal's own folder", async () => {
    await using server = await serve({ journal: {}, answer: () => expect.unreachable() as never });
    const { base, stateDir, root } = server.files;
    writeFileSync(join(root, "t"), "1");
    await server.files.journal.change("delete", [{ do: "remove", place: server.files.sandbox.parse("t") }], {
      mustKeep: true,
    });
    const wide = server.files.restart({ directories: [base] });
    const step = { do: "remove", place: wide.sandbox.parse(stateDir) } as const;
    await expect(wide.journal.refuseUnlessKept([step])).rejects.toMatchObject({ kind: "denied" });
    await expect(wide.journal.change("delete", [step], { mustKeep: true })).rejects.toMatchObject({ kind: "denied" });
  });
});

test("with --journal off it deletes, and undo says why it cannot help", async () => {
  await using server = await serve({ journal: { enabled: false } });
  plant(server.files.root);
  expect(await server.ok("delete", { paths: ["f"] })).toMatch(/^Deleted 1 file \(3 bytes\): \S+\/f\.$/);
  expect(await server.fails("undo", { id: "0000000000000" })).toMatch(/^denied: The journal is off/);
});
