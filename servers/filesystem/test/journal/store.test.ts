import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync, utimesSync, writeFileSync } from "node:fs";
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { ToolError } from "@mooring/core";
import { newEntryId } from "../../src/journal/entry-id.ts";
import type { Step } from "../../src/journal/plan.ts";
import { type Fixture, fixture } from "./fixture.ts";

const kept = { mustKeep: true } as const;

function put({ sandbox }: Fixture, path: string, content: string | Uint8Array): Step {
  return { do: "put", place: sandbox.parse(path), content: Buffer.from(content), expect: "any" };
}

function journalFolder(f: Fixture): string {
  return join(f.stateDir, "journal");
}

function indexFile(f: Fixture): string {
  const name = readdirSync(journalFolder(f)).find((entry) => entry.startsWith("index-")) as string;
  return join(journalFolder(f), name);
}

function keptBytes(f: Fixture): number {
  const folder = join(journalFolder(f), "blobs");
  return readdirSync(folder).reduce((sum, name) => sum + readFileSync(join(folder, name)).length, 0);
}

describe("ids", () => {
  test("sort by time, also within a millisecond and when the clock is set back", () => {
    const ids = Array.from({ length: 1_000 }, (_, index) => newEntryId(1_700_000_000_000 - (index % 3)).id);
    expect(ids.toSorted()).toEqual(ids);
    expect(new Set(ids).size).toBe(1_000);
    expect(newEntryId(1_600_000_000_000).at).toBe(1_600_000_000_000);
    expect(ids[0]).toMatch(/^[0-9a-z]{13}$/);
  });
});

describe("the index", () => {
  test("is one line an entry, versioned", async () => {
    using f = fixture();
    await f.journal.change("write", [put(f, "a", "1")], kept);
    const lines = readFileSync(indexFile(f), "utf8").split("\n").filter(Boolean);
    expect(lines).toHaveLength(1);
    expect(JSON.parse(lines[0] as string)).toMatchObject({ v: 1, t: "entry", tool: "write" });
  });

  test("a line torn by a crash is skipped, and does not swallow the next one", async () => {
    using f = fixture();
    const { id: first } = await f.journal.change("write", [put(f, "a", "1")], kept);
    appendFileSync(indexFile(f), '{"v":1,"t":"entry","id":"00000000');
    expect(f.journal.list(9).entries).toHaveLength(1);
    const { id: second } = await f.journal.change("edit", [put(f, "a", "2")], kept);
    for (const { journal } of [f, f.restart()])
      expect(journal.list(9).entries.map(({ id }) => id)).toEqual([second, first]);
  });

  test.for([
    "\0\0\0",
    "[]",
    "null",
    '{"v":1}',
    '{"v":1,"t":"entry","id":7}',
    '{"v":1,"t":"entry","id":"x","at":1e999,"tool":"t","changes":3}',
  ])("a line that makes no sense is skipped: %s", async (line) => {
    using f = fixture();
    await f.journal.change("write", [put(f, "a", "1")], kept);
    appendFileSync(indexFile(f), `${line}\n`);
    expect(f.restart().journal.list(9).entries).toHaveLength(1);
    await f.restart().journal.change("edit", [put(f, "a", "2")], kept);
    expect(f.journal.list(9).entries).toHaveLength(2);
  });

  test("a newer release's lines are left alone, and so is everything they may refer to", async () => {
    using f = fixture({ quotaBytes: 100 });
    await f.journal.change("write", [put(f, "a", "1")], kept);
    const blobs = join(journalFolder(f), "blobs");
    mkdirSync(blobs, { recursive: true });
    writeFileSync(join(blobs, "f".repeat(64)), "theirs");
    appendFileSync(indexFile(f), '{"v":2,"t":"entry","id":"zzzz","something":"else"}\n');
    await f.restart().journal.change("edit", [put(f, "a", "2")], kept);
    expect(existsSync(join(blobs, "f".repeat(64)))).toBe(true);
  });

  test("a long list of changes is kept aside, so that lines stay short", async () => {
    using f = fixture();
    mkdirSync(join(f.root, "d"));
    for (let index = 0; index < 500; index++) writeFileSync(join(f.root, "d", `file-${index}`), String(index % 7));
    const { id } = await f.journal.change("delete", [{ do: "remove", place: f.sandbox.parse("d") }], kept);
    expect(readFileSync(indexFile(f)).length).toBeLessThan(1_000);
    await f.restart().journal.revert(id as string, { force: false });
    expect(readdirSync(join(f.root, "d"))).toHaveLength(500);
    expect(readFileSync(join(f.root, "d/file-499"), "utf8")).toBe("2");
  });
});

describe("bounds", () => {
  test("equal contents are kept once", async () => {
    using f = fixture();
    for (const name of ["a", "b", "c"]) writeFileSync(join(f.root, name), "same content");
    await f.journal.change(
      "edit",
      ["a", "b", "c"].map((name) => put(f, name, "x")),
      kept,
    );
    expect(keptBytes(f)).toBe("same content".length);
  });

  test("the oldest entries go when the quota is full; those without contents stay", async () => {
    using f = fixture({ quotaBytes: 3_500 });
    const ids: (string | undefined)[] = [];
    for (let round = 0; round < 6; round++) {
      const { id } = await f.journal.change("edit", [put(f, "a", Buffer.alloc(1_000, round))], kept);
      ids.unshift(id);
    }
    expect(f.journal.list(9).entries.map(({ id }) => id)).toEqual([ids[0], ids[1], ids[2], ids[5]]);
    expect(f.restart().journal.list(9).entries).toHaveLength(4);
    expect(keptBytes(f)).toBeLessThanOrEqual(3_500);
    await expect(f.journal.revert(ids[3] as string, { force: true })).rejects.toMatchObject({ kind: "not_found" });
    await f.journal.revert(ids[0] as string, { force: false });
    expect(readFileSync(join(f.root, "a"))).toEqual(Buffer.alloc(1_000, 4));
  });

  test("what cannot fit is refused before anything happens, with the way on", async () => {
    using f = fixture({ quotaBytes: 1_000 });
    mkdirSync(join(f.root, "d"));
    writeFileSync(join(f.root, "d/big"), Buffer.alloc(2_000));
    const step: Step = { do: "remove", place: f.sandbox.parse("d") };
    const refusal = { kind: "too_large", message: /2\.0 kB.*1\.0 kB/, hint: /--journal off/ };
    for (const attempt of [() => f.journal.change("delete", [step], kept), () => f.journal.refuseUnlessKept([step])])
      await expect(attempt()).rejects.toMatchObject({
        kind: refusal.kind,
        message: expect.stringMatching(refusal.message) as string,
        hint: expect.stringMatching(refusal.hint) as string,
      });
    expect(existsSync(join(f.root, "d/big"))).toBe(true);
  });

  test("what is too old is neither listed nor kept", async () => {
    using f = fixture();
    writeFileSync(join(f.root, "a"), "old secret");
    const { id } = await f.journal.change("edit", [put(f, "a", "new")], kept);
    const today = indexFile(f);
    const day = new Date(Date.now() - 9 * 86_400_000).toISOString().slice(0, 10);
    const line = readFileSync(today, "utf8").replace(/"at":\d+/, `"at":${Date.parse(day) + 1_000}`);
    writeFileSync(join(journalFolder(f), `index-${day}.jsonl`), line);
    writeFileSync(today, "");
    const { journal } = f.restart();
    expect(journal.list(9).entries).toEqual([]);
    await expect(journal.revert(id as string, { force: true })).rejects.toMatchObject({ kind: "not_found" });
    await journal.change("edit", [put(f, "a", "newer")], kept);
    expect(existsSync(join(journalFolder(f), `index-${day}.jsonl`))).toBe(false);
    expect(keptBytes(f)).toBe("new".length);
  });

  test("small files of a directory share a file, and go together when it is their turn", async () => {
    using f = fixture({ quotaBytes: 2_500 });
    for (const name of ["d", "e"]) {
      mkdirSync(join(f.root, name));
      for (let index = 0; index < 10; index++)
        writeFileSync(join(f.root, name, `f${index}`), `${name}${index}`.padEnd(100));
    }
    const blobs = join(journalFolder(f), "blobs");
    const ids: (string | undefined)[] = [];
    for (const name of ["d", "e"]) {
      ids.push((await f.journal.change("delete", [{ do: "remove", place: f.sandbox.parse(name) }], kept)).id);
      // Their contents, and the list of changes when it is long.
      expect(readdirSync(blobs).length).toBeLessThanOrEqual(2 * ids.length);
    }
    await f.restart().journal.revert(ids[0] as string, { force: false });
    for (let index = 0; index < 10; index++)
      expect(readFileSync(join(f.root, "d", `f${index}`), "utf8")).toBe(`d${index}`.padEnd(100));
    await f.journal.change("edit", [put(f, "d/f0", "x".repeat(2_000))], kept);
    await f.journal.change("edit", [put(f, "d/f0", "y")], kept);
    expect(keptBytes(f)).toBeLessThanOrEqual(2_500);
    await expect(f.journal.revert(ids[1] as string, { force: false })).rejects.toMatchObject({ kind: "not_found" });
  });

  test("large files are kept whole and brought back", async () => {
    using f = fixture();
    const bytes = Buffer.alloc(9 << 20, "0123456789abcdef");
    mkdirSync(join(f.root, "d"));
    for (const path of ["big", "d/big", "d/empty"]) writeFileSync(join(f.root, path), path === "d/empty" ? "" : bytes);
    const steps = ["big", "d"].map((path): Step => ({ do: "remove", place: f.sandbox.parse(path) }));
    const { id } = await f.journal.change("delete", steps, kept);
    expect(keptBytes(f)).toBe(bytes.length);
    await f.journal.revert(id as string, { force: false });
    for (const path of ["big", "d/big"]) expect(readFileSync(join(f.root, path)).equals(bytes)).toBe(true);
    expect(readFileSync(join(f.root, "d/empty"), "utf8")).toBe("");
  });

  test("a call cancelled while it keeps a directory leaves the directory and no content", async () => {
    using f = fixture();
    mkdirSync(join(f.root, "d"));
    for (let index = 0; index < 50; index++) writeFileSync(join(f.root, "d", String(index)), String(index));
    let opened = 0;
    const controller = new AbortController();
    const sandbox = {
      ...f.sandbox,
      openFile(place: Parameters<typeof f.sandbox.openFile>[0]) {
        if (++opened === 25) controller.abort(new ToolError("cancelled", "The call was cancelled."));
        return f.sandbox.openFile(place);
      },
    };
    const step: Step = { do: "remove", place: f.sandbox.parse("d") };
    const change = f
      .restart({ sandbox })
      .journal.change("delete", [step], { mustKeep: true, signal: controller.signal });
    await expect(change).rejects.toMatchObject({ kind: "cancelled" });
    expect(readdirSync(join(f.root, "d"))).toHaveLength(50);
    expect(readdirSync(join(journalFolder(f), "blobs"))).toEqual([]);
    expect(f.journal.list(9).entries).toEqual([]);
  });

  test("half-written contents of a crashed process are swept away", async () => {
    using f = fixture();
    writeFileSync(join(f.root, "a"), "1");
    const blobs = join(journalFolder(f), "blobs");
    mkdirSync(blobs, { recursive: true });
    writeFileSync(join(blobs, ".0123456789abcdef.tmp"), "half");
    await f.journal.change("edit", [put(f, "a", "2")], kept);
    expect(readdirSync(blobs).filter((name) => name.endsWith(".tmp"))).toEqual([]);
  });

  test("room for an undo is not made by dropping what it brings back", async () => {
    using f = fixture({ quotaBytes: 2_500 });
    writeFileSync(join(f.root, "a"), Buffer.alloc(1_000, 1));
    const { id } = await f.journal.change("edit", [put(f, "a", "2")], kept);
    writeFileSync(join(f.root, "a"), Buffer.alloc(2_000, 3));
    await f.journal.revert(id as string, { force: true });
    expect(readFileSync(join(f.root, "a"))).toEqual(Buffer.alloc(1_000, 1));
  });

  test("a content cut short by a power cut is kept anew", async () => {
    using f = fixture();
    writeFileSync(join(f.root, "a"), "one");
    await f.journal.change("edit", [put(f, "a", "two")], kept);
    const blobs = join(journalFolder(f), "blobs");
    writeFileSync(join(blobs, readdirSync(blobs)[0] as string), "");
    writeFileSync(join(f.root, "a"), "one");
    const { id } = await f.journal.change("edit", [put(f, "a", "three")], kept);
    await f.journal.revert(id as string, { force: false });
    expect(readFileSync(join(f.root, "a"), "utf8")).toBe("one");
  });

  test("a broken content is not brought back", async () => {
    using f = fixture();
    writeFileSync(join(f.root, "a"), "one");
    const { id } = await f.journal.change("edit", [put(f, "a", "two")], kept);
    const blobs = join(journalFolder(f), "blobs");
    writeFileSync(join(blobs, readdirSync(blobs)[0] as string), "forged");
    await expect(f.journal.revert(id as string, { force: false })).rejects.toThrow(
      /cannot be read from the journal any more/,
    );
    expect(readFileSync(join(f.root, "a"), "utf8")).toBe("two");
  });
});

const worker = join(import.meta.dirname, "worker.ts");

function run(f: Fixture, ...args: string[]) {
  return spawn(process.execPath, [worker, f.root, f.stateDir, ...args], { stdio: ["ignore", "inherit", "inherit"] });
}

describe("several processes", () => {
  test("two at once lose no entry, and either undoes what the other did", async () => {
    using f = fixture({ quotaBytes: 1_000_000 });
    const children = ["one", "two"].map((name) => run(f, "edits", name, "40"));
    const codes = await Promise.all(children.map(async (child) => (await once(child, "exit"))[0] as number));
    expect(codes).toEqual([0, 0]);
    const { entries } = f.journal.list(500);
    expect(entries).toHaveLength(82);
    expect(new Set(entries.map(({ id }) => id)).size).toBe(82);
    for (const { id, undoneBy } of entries) if (undoneBy === undefined) await f.journal.revert(id, { force: false });
    expect(readdirSync(f.root)).toEqual([]);
  }, 60_000);

  test("a process killed while it changes files leaves an entry that puts everything back", async () => {
    using f = fixture();
    for (let index = 0; index < 20; index++) writeFileSync(join(f.root, `f${index}`), "old");
    const child = run(f, "killed");
    await once(child, "exit");
    const changed = readdirSync(f.root).filter((name) => readFileSync(join(f.root, name), "utf8") === "new");
    expect(changed.length).toBe(10);
    const id = f.journal.list(1).entries[0]?.id as string;
    const { paths, already } = await f.journal.revert(id, { force: false });
    expect([paths.length, already.length]).toEqual([10, 10]);
    for (const name of readdirSync(f.root)) expect(readFileSync(join(f.root, name), "utf8")).toBe("old");
  }, 30_000);
});

describe("a full disk", () => {
  test.runIf(process.platform === "linux" && process.getuid?.() === 0)(
    "of the state folder: what must be kept is refused, nothing is half done (needs root on linux, to mount)",
    async ({ skip }) => {
      using f = fixture();
      mkdirSync(f.stateDir);
      try {
        execFileSync("mount", ["-t", "tmpfs", "-o", "size=1m", "tmpfs", f.stateDir], { stdio: "ignore" });
      } catch {
        skip("no right to mount a small file system");
      }
      try {
        writeFileSync(join(f.root, "big"), Buffer.alloc(3 << 20, 1));
        const step: Step = { do: "remove", place: f.sandbox.parse("big") };
        await expect(f.journal.change("delete", [step], kept)).rejects.toMatchObject({
          kind: "unavailable",
          message: expect.stringMatching(/state folder is full/) as string,
        });
        expect(readFileSync(join(f.root, "big")).length).toBe(3 << 20);
        expect(f.journal.list(9).entries).toEqual([]);
        writeFileSync(join(f.root, "small"), "1");
        const { id } = await f.journal.change("edit", [put(f, "small", "2")], kept);
        await f.journal.revert(id as string, { force: false });
        expect(readFileSync(join(f.root, "small"), "utf8")).toBe("1");
      } finally {
        execFileSync("umount", [f.stateDir]);
      }
    },
  );
});

test("modification times of the index do not matter", async () => {
  using f = fixture();
  await f.journal.change("write", [put(f, "a", "1")], kept);
  utimesSync(indexFile(f), 0, 0);
  expect(f.restart().journal.list(9).entries).toHaveLength(1);
});
