import { chmodSync, chownSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { eras } from "@mooring/core/testing";
import { serve, undoId } from "./server.ts";

test.for(eras)("lists, reverts and redoes (era %s)", async (era) => {
  await using server = await serve({ era });
  const { root } = server.files;
  expect(await server.ok("undo", {})).toBe("No change is kept that could be undone.");
  const paths = ["a", "b", "c", "d", "e\n"];
  for (const path of paths) writeFileSync(join(root, path), "old");
  const edited = await server.ok("edit", {
    files: paths.map((path) => ({ path, edits: [{ old: "old", new: "new" }] })),
  });
  const id = undoId(edited);
  expect(await server.ok("undo", {})).toMatch(
    new RegExp(`^${id}  \\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\dZ  edit  ${root}/a, ${root}/b, ${root}/c and 2 more$`),
  );
  const undone = await server.ok("undo", { id });
  expect(undone).toMatch(new RegExp(`^Undid ${id}: ${root}/e\\\\n, ${root}/d, ${root}/c and 2 more\\. undo id `));
  expect(readFileSync(join(root, "a"), "utf8")).toBe("old");
  expect(await server.ok("undo", {})).toMatch(
    new RegExp(`^${undoId(undone)}  .*  undo of ${id}  .*\n${id} .*\\(undone by ${undoId(undone)}\\)$`),
  );
  expect(await server.fails("undo", { id })).toMatch(/^conflict: .*was undone already/);
  await server.ok("undo", { id: undoId(undone) });
  expect(readFileSync(join(root, "a"), "utf8")).toBe("new");
});

test("refuses what changed since, and force keeps what was there", async () => {
  await using server = await serve();
  const path = join(server.files.root, "t");
  const id = undoId(await server.ok("write", { path: "t", content: "ours" }));
  writeFileSync(path, "theirs");
  expect(await server.fails("undo", { id })).toMatch(
    /^conflict: Changed since then: \S+\/t\. Nothing was undone\. `force: true`/,
  );
  const forced = await server.ok("undo", { id, force: true });
  await server.ok("undo", { id: undoId(forced) });
  expect(readFileSync(path, "utf8")).toBe("theirs");
});

test("names what was written, not the directories made on the way", async () => {
  await using server = await serve();
  await server.ok("write", { path: "a/b/c.txt", content: "x" });
  expect(await server.ok("undo", {})).toMatch(new RegExp(`  write  ${server.files.root}/a/b/c\\.txt$`));
});

test("says why, and what to do, when the state folder cannot be used", async () => {
  await using server = await serve();
  writeFileSync(server.files.stateDir, "a file in its place");
  for (const args of [{}, { id: "x" }])
    expect(await server.fails("undo", args)).toMatch(
      /^unavailable: (?:Nothing was undone|What was changed cannot be listed): the journal's state folder cannot be used \(ENOTDIR\)\. .*--state-dir/,
    );
});

test("says when there is nothing left to undo", async () => {
  await using server = await serve();
  const path = join(server.files.root, "t");
  writeFileSync(path, "v1");
  const id = undoId(await server.ok("edit", { files: [{ path: "t", edits: [{ old: "v1", new: "v2" }] }] }));
  writeFileSync(path, "v1");
  expect(await server.ok("undo", { id })).toBe(`Nothing to undo: everything is as it was before ${id}.`);
});

test("an unknown id is answered with the way on", async () => {
  await using server = await serve();
  for (const id of ["nope", "../../etc/passwd", ""])
    expect(await server.fails("undo", { id })).toBe(
      "not_found: The journal has no such entry for the current directories. Call `undo` without `id` to see what there is.",
    );
});

test("what comes back has its mode and owner again", async () => {
  await using server = await serve();
  const { root } = server.files;
  mkdirSync(join(root, "d"));
  writeFileSync(join(root, "d", "run"), "x");
  const owner = process.getuid?.() === 0 ? 1234 : (process.getuid?.() ?? 0);
  for (const [path, mode] of [
    ["d/run", 0o4751],
    ["d", 0o2750],
  ] as const) {
    chownSync(join(root, path), owner, owner);
    chmodSync(join(root, path), mode);
  }
  const deleted = await server.ok("delete", { paths: ["d"], recursive: true });
  await server.ok("undo", { id: undoId(deleted) });
  expect(statSync(join(root, "d", "run"))).toMatchObject({ mode: 0o104751, uid: owner, gid: owner });
  expect(statSync(join(root, "d"))).toMatchObject({ mode: 0o042750, uid: owner, gid: owner });
});
