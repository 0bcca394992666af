import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { ToolError } from "@mooring/core";
import type { Step } from "../../src/journal/plan.ts";
import type { Sandbox } from "../../src/sandbox/sandbox.ts";
import { type Fixture, fixture } from "./fixture.ts";

const kept = { mustKeep: true } as const;
const text = (value: string): Uint8Array => Buffer.from(value);

function put({ sandbox }: { sandbox: Sandbox }, path: string, content: string): Step {
  return { do: "put", place: sandbox.parse(path), content: text(content), expect: "any" };
}

async function idOf(change: Promise<{ id?: string }>): Promise<string> {
  return (await change).id as string;
}

function read({ root }: Fixture, path: string): string | undefined {
  const full = join(root, path);
  return existsSync(full) ? readFileSync(full, "utf8") : undefined;
}

/** Every name below the root with its content, target and mode: what undo has to bring back. Names as latin1, a character a byte. */
function tree(folder: string): Record<string, string> {
  const found: Record<string, string> = {};
  const walk = (name: string): void => {
    const full = Buffer.from(`${folder}/${name}`, "latin1");
    const stats = lstatSync(full);
    const mode = (stats.mode & 0o7777).toString(8);
    if (stats.isSymbolicLink()) found[name] = `-> ${readlinkSync(full)}`;
    else if (stats.isFile()) found[name] = `${mode} ${readFileSync(full, "latin1")}`;
    else {
      found[name] = `directory ${mode}`;
      for (const inner of readdirSync(full, "latin1")) walk(name === "" ? inner : `${name}/${inner}`);
    }
  };
  walk("");
  return found;
}

describe("one change", () => {
  test("nothing touches the disk before the first change", () => {
    using f = fixture();
    expect(f.journal.list(10).entries).toEqual([]);
    expect(existsSync(f.stateDir)).toBe(false);
  });

  test("replacing is undone, and undoing that does it again", async () => {
    using f = fixture();
    writeFileSync(join(f.root, "a"), "one");
    chmodSync(join(f.root, "a"), 0o751);
    const id = await idOf(f.journal.change("edit", [put(f, "a", "two")], kept));
    expect(read(f, "a")).toBe("two");
    const undone = await f.journal.revert(id, { force: false });
    expect(read(f, "a")).toBe("one");
    expect(undone.paths).toEqual([join(f.root, "a")]);
    expect(statSync(join(f.root, "a")).mode & 0o7777).toBe(0o751);
    const redone = await f.journal.revert(undone.id as string, { force: false });
    expect(read(f, "a")).toBe("two");
    // A redone change can be undone again, and so can the redo.
    await f.journal.revert(redone.id as string, { force: false });
    expect(read(f, "a")).toBe("one");
  });

  test("creating is undone together with the directories that it made, unless they were used since", async () => {
    using f = fixture();
    const first = await idOf(f.journal.change("write", [put(f, "x/y/a", "1")], kept));
    await f.journal.revert(first, { force: false });
    expect(readdirSync(f.root)).toEqual([]);
    const second = await idOf(f.journal.change("write", [put(f, "x/y/a", "1")], kept));
    writeFileSync(join(f.root, "x/other"), "");
    const { id } = await f.journal.revert(second, { force: false });
    expect(readdirSync(join(f.root, "x"))).toEqual(["other"]);
    await f.journal.revert(id as string, { force: false });
    expect(read(f, "x/y/a")).toBe("1");
  });

  test("appending is undone by cutting off exactly what was added", async () => {
    using f = fixture();
    writeFileSync(join(f.root, "log"), "head\n");
    const step: Step = { do: "append", place: f.sandbox.parse("log"), content: text("tail\n") };
    const id = await idOf(f.journal.change("write", [step], kept));
    expect(read(f, "log")).toBe("head\ntail\n");
    const { id: undo } = await f.journal.revert(id, { force: false });
    expect(read(f, "log")).toBe("head\n");
    await f.journal.revert(undo as string, { force: false });
    expect(read(f, "log")).toBe("head\ntail\n");
    writeFileSync(join(f.root, "log"), "head\nTAIL\n");
    const newest = f.journal.list(1).entries[0]?.id ?? "";
    await expect(f.journal.revert(newest, { force: false })).rejects.toThrow(/Changed since/);
  });

  test.for(["pinned", "checked"] as const)(
    "a whole directory comes back, odd names and all (%s sandbox)",
    async (mode) => {
      using f = fixture({ mode });
      const d = join(f.root, "d");
      mkdirSync(join(d, "sub/empty"), { recursive: true });
      writeFileSync(join(d, "a"), "same");
      writeFileSync(join(d, "sub/b"), "same");
      writeFileSync(join(d, "sub/\n\u202e.sh"), Buffer.from([0, 255, 10]));
      writeFileSync(Buffer.concat([Buffer.from(`${d}/`), Buffer.from([0xff, 0xfe])]), "not UTF-8");
      chmodSync(join(d, "sub/b"), 0o4755);
      utimesSync(join(d, "a"), 1_600_000_000, 1_600_000_000);
      symlinkSync("../../outside", join(d, "out"));
      symlinkSync("a", join(d, "in"));
      chmodSync(join(d, "sub/empty"), 0o500);
      const before = tree(f.root);
      const id = await idOf(f.journal.change("delete", [{ do: "remove", place: f.sandbox.parse("d") }], kept));
      expect(readdirSync(f.root)).toEqual([]);
      const { id: undo } = await f.journal.revert(id, { force: false });
      expect(tree(f.root)).toEqual(before);
      expect(statSync(join(d, "a")).mtimeMs).toBe(1_600_000_000_000);
      expect(readdirSync(d, { encoding: "buffer" }).some((name) => name.equals(Buffer.from([0xff, 0xfe])))).toBe(true);
      await f.journal.revert(undo as string, { force: false });
      expect(readdirSync(f.root)).toEqual([]);
    },
  );

  test("moves, overwriting moves and copies are undone", async () => {
    using f = fixture();
    writeFileSync(join(f.root, "a"), "A");
    writeFileSync(join(f.root, "b"), "B");
    const before = tree(f.root);
    const [a, b, c] = ["a", "b", "new/c"].map((path) => f.sandbox.parse(path)) as [never, never, never];
    for (const step of [
      { do: "move", from: a, to: c, overwrite: false, copy: false },
      { do: "move", from: a, to: b, overwrite: true, copy: false },
      { do: "move", from: a, to: b, overwrite: true, copy: true },
      { do: "move", from: a, to: c, overwrite: false, copy: true },
    ] as const) {
      const id = await idOf(f.journal.change("move", [step], kept));
      const after = tree(f.root);
      expect(after).not.toEqual(before);
      const { id: undo } = await f.journal.revert(id, { force: false });
      expect(tree(f.root)).toEqual(before);
      const { id: redo } = await f.journal.revert(undo as string, { force: false });
      expect(Object.keys(tree(f.root))).toEqual(Object.keys(after));
      await f.journal.revert(redo as string, { force: false });
      expect(tree(f.root)).toEqual(before);
    }
  });

  test("a file changed through a link inside is brought back through it", async () => {
    using f = fixture();
    writeFileSync(join(f.root, "a"), "one");
    symlinkSync("a", join(f.root, "l"));
    const id = await idOf(f.journal.change("edit", [put(f, "l", "two")], kept));
    expect(read(f, "a")).toBe("two");
    await f.journal.revert(id, { force: false });
    expect(read(f, "a")).toBe("one");
    expect(readlinkSync(join(f.root, "l"))).toBe("a");
  });
});

test("nothing is written or appended through a link that leads nowhere or out", async () => {
  using f = fixture();
  symlinkSync("../out", join(f.root, "l"));
  const place = f.sandbox.parse("l");
  for (const step of [put(f, "l", "x"), { do: "append", place, content: text("x") } as const])
    await expect(f.journal.change("write", [step], kept)).rejects.toThrow(/leads nowhere or out/);
  expect(readlinkSync(join(f.root, "l"))).toBe("../out");
  expect(existsSync(join(f.base, "out"))).toBe(false);
});

describe("undo refuses", () => {
  test("what changed since, unless forced, and then keeps what was there", async () => {
    using f = fixture();
    writeFileSync(join(f.root, "a"), "one");
    writeFileSync(join(f.root, "b"), "one");
    const id = await idOf(f.journal.change("edit", [put(f, "a", "two"), put(f, "b", "two")], kept));
    writeFileSync(join(f.root, "b"), "mine");
    const refused = f.journal.revert(id, { force: false });
    await expect(refused).rejects.toMatchObject({
      kind: "conflict",
      message: `Changed since then: ${join(f.root, "b")}.`,
    });
    expect([read(f, "a"), read(f, "b")]).toEqual(["two", "mine"]);
    const { id: undo } = await f.journal.revert(id, { force: true });
    expect([read(f, "a"), read(f, "b")]).toEqual(["one", "one"]);
    await f.journal.revert(undo as string, { force: false });
    expect([read(f, "a"), read(f, "b")]).toEqual(["two", "mine"]);
  });

  test("bringing back a deleted name that is taken again, until forced", async () => {
    using f = fixture();
    writeFileSync(join(f.root, "a"), "one");
    const id = await idOf(f.journal.change("delete", [{ do: "remove", place: f.sandbox.parse("a") }], kept));
    mkdirSync(join(f.root, "a"));
    writeFileSync(join(f.root, "a/inner"), "x");
    await expect(f.journal.revert(id, { force: false })).rejects.toMatchObject({ kind: "conflict" });
    const { id: undo } = await f.journal.revert(id, { force: true });
    expect(read(f, "a")).toBe("one");
    await f.journal.revert(undo as string, { force: false });
    expect(read(f, "a/inner")).toBe("x");
  });

  test("a copy that was worked on, and what is undone already", async () => {
    using f = fixture();
    writeFileSync(join(f.root, "a"), "one");
    const step: Step = {
      do: "move",
      from: f.sandbox.parse("a"),
      to: f.sandbox.parse("b"),
      overwrite: false,
      copy: true,
    };
    const id = await idOf(f.journal.change("move", [step], kept));
    writeFileSync(join(f.root, "b"), "worked on");
    await expect(f.journal.revert(id, { force: false })).rejects.toMatchObject({ kind: "conflict" });
    const { id: undo } = await f.journal.revert(id, { force: true });
    await expect(f.journal.revert(id, { force: false })).rejects.toMatchObject({
      message: `${id} was undone already, by ${undo}.`,
    });
  });

  test("unknown ids and entries outside the current roots, with one answer; those are not listed either", async () => {
    using f = fixture();
    mkdirSync(join(f.root, "sub"));
    const outer = await idOf(f.journal.change("write", [put(f, "a", "1")], kept));
    const inner = await idOf(f.journal.change("write", [put(f, "sub/b", "1")], kept));
    const narrow = f.restart({ directories: [join(f.root, "sub")] });
    expect(narrow.journal.list(10).entries.map(({ id }) => id)).toEqual([inner]);
    const [missing, outside] = await Promise.all(
      ["0000000000000", outer].map((id) => narrow.journal.revert(id, { force: true }).catch((error: unknown) => error)),
    );
    expect(outside).toBeInstanceOf(ToolError);
    expect(outside).toEqual(missing);
    expect(read(f, "a")).toBe("1");
    await narrow.journal.revert(inner, { force: false });
    expect(read(f, "sub/b")).toBeUndefined();
  });
});

test("entries survive a restart and are listed newest first, with what became of them", async () => {
  using f = fixture();
  const first = await idOf(f.journal.change("write", [put(f, "a", "1")], kept));
  const second = await idOf(f.journal.change("edit", [put(f, "a", "2")], kept));
  const { journal } = f.restart();
  const { id: undo } = await journal.revert(second, { force: false });
  const a = join(f.root, "a");
  const at = expect.any(Number) as number;
  expect(f.journal.list(10).entries).toEqual([
    { id: undo, at, tool: "undo", undoes: second, paths: [a], undoneBy: undefined },
    { id: second, at, tool: "edit", undoes: undefined, paths: [a], undoneBy: undo },
    { id: first, at, tool: "write", undoes: undefined, paths: [a], undoneBy: undefined },
  ]);
  expect(f.journal.list(1)).toMatchObject({ more: true, entries: [{ id: undo }] });
});

test("the folder is its owner's only", async () => {
  using f = fixture();
  mkdirSync(join(f.stateDir, "journal"), { recursive: true, mode: 0o777 });
  chmodSync(join(f.stateDir, "journal"), 0o777);
  writeFileSync(join(f.root, "a"), "secret");
  writeFileSync(join(f.root, "big"), Buffer.alloc(9 << 20, 7));
  await f.journal.change("edit", [put(f, "a", "x"), put(f, "big", "x")], kept);
  const folder = join(f.stateDir, "journal");
  expect(statSync(folder).mode & 0o777).toBe(0o700);
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true }))
    expect(statSync(join(entry.parentPath, entry.name)).mode & 0o777).toBe(entry.isDirectory() ? 0o700 : 0o600);
});

describe("--journal off", () => {
  test("changes without keeping, and undo says why it cannot", async () => {
    using f = fixture({ enabled: false });
    writeFileSync(join(f.root, "a"), "one");
    await expect(f.journal.change("write", [put(f, "a", "two")], kept)).resolves.toEqual({});
    await f.journal.change("delete", [{ do: "remove", place: f.sandbox.parse("a") }], kept);
    expect(existsSync(f.stateDir)).toBe(false);
    await expect(f.journal.revert("x", { force: true })).rejects.toThrow(/The journal is off/);
  });
});

describe("a state folder that cannot be used", () => {
  test("refuses what must be kept, naming both switches, and notes it for the rest", async () => {
    using f = fixture();
    writeFileSync(f.stateDir, "a file where the folder should be");
    writeFileSync(join(f.root, "a"), "one");
    const refused = f.journal.change("delete", [{ do: "remove", place: f.sandbox.parse("a") }], kept);
    await expect(refused).rejects.toMatchObject({
      kind: "unavailable",
      hint: expect.stringMatching(/--state-dir.*--journal off/) as string,
    });
    await expect(f.journal.refuseUnlessKept([])).rejects.toMatchObject({ kind: "unavailable" });
    expect(read(f, "a")).toBe("one");
    const { id, note } = await f.journal.change("edit", [put(f, "a", "two")], { mustKeep: false });
    expect([id, note]).toEqual([undefined, expect.stringMatching(/^Not recorded, so `undo` cannot take it back: /)]);
    expect(read(f, "a")).toBe("two");
  });
});
