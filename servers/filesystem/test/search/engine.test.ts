import { chmodSync, linkSync, mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import type { SearchHit, SearchRequest } from "../../src/search/engine.ts";
import { asOrdinaryUser } from "../ordinary-user.ts";
import { matches, paths, searchSpace } from "./search-space.ts";

const SMALL = {
  "a.md": "alpha\nbeta\n",
  "src/x.ts": "const alpha = 1;\n// nothing\nconst beta = alpha;\n",
  "src/deep/y.ts": "export {};\n",
  "src-old/z.ts": "alpha\n",
  ".hidden/w.md": "alpha\n",
  ".git/config": "alpha\n",
  ".gitignore": "*.log\n/dist\n",
  "dist/x.ts": "alpha\n",
  "app.log": "alpha\n",
};

// Both ways to open must find the same.
describe.each(["pinned", "checked"] as const)("%s", (mode) => {
  test("finds names in the order of paths, ignored ones and .git left out", async () => {
    await using space = searchSpace(SMALL, { mode });
    expect(paths(await space.search({}))).toEqual([
      ".gitignore",
      ".hidden/",
      ".hidden/w.md",
      "a.md",
      "src/",
      "src/deep/",
      "src/deep/y.ts",
      "src/x.ts",
      "src-old/",
      "src-old/z.ts",
    ]);
    expect(paths(await space.search({ glob: "*.md" }))).toEqual([".hidden/w.md", "a.md"]);
    expect(paths(await space.search({ glob: "src/**" }))).toEqual(["src/deep/", "src/deep/y.ts", "src/x.ts"]);
    expect(paths(await space.search({ glob: "DEEP/", ignoreCase: true }))).toEqual(["src/deep/"]);
    const all = await space.search({ all: true, glob: "**/*" });
    expect(paths(all)).toEqual(expect.arrayContaining([".git/config", "app.log", "dist/x.ts"]));
    expect((await space.search({})).skipped).toMatchObject({ ignored: 2 });
  });

  test("finds lines, in files that the glob names", async () => {
    await using space = searchSpace(SMALL, { mode });
    expect(matches(await space.search({ pattern: "alpha" }))).toEqual([
      ".hidden/w.md:1:alpha",
      "a.md:1:alpha",
      "src/x.ts:1:const alpha = 1;",
      "src/x.ts:3:const beta = alpha;",
      "src-old/z.ts:1:alpha",
    ]);
    expect(matches(await space.search({ pattern: "^alpha$", regex: true, glob: "*.ts" }))).toEqual([
      "src-old/z.ts:1:alpha",
    ]);
    expect(matches(await space.search({ pattern: "ALPHA", ignoreCase: true, glob: "src/" }))).toHaveLength(2);
    expect(matches(await space.search({ pattern: "alpha", path: "src" }))).toEqual([
      "x.ts:1:const alpha = 1;",
      "x.ts:3:const beta = alpha;",
    ]);
    expect(matches(await space.search({ pattern: "alpha", path: "src/x.ts" }))).toHaveLength(2);
    expect(matches(await space.search({ pattern: "alpha", all: true }))).toEqual(
      expect.arrayContaining([".git/config:1:alpha", "app.log:1:alpha"]),
    );
  });

  test("counts, and names files", async () => {
    await using space = searchSpace(SMALL, { mode });
    const counted = await space.search({ pattern: "alpha", mode: "count", glob: "src*/**" });
    expect(counted.directories[0]?.hits).toEqual([
      { path: "src/x.ts", count: 2 },
      { path: "src-old/z.ts", count: 1 },
    ]);
    expect(paths(await space.search({ pattern: "alpha", mode: "files" }))).toEqual([
      ".hidden/w.md",
      "a.md",
      "src/x.ts",
      "src-old/z.ts",
    ]);
  });

  test("never enters or opens links", async () => {
    await using space = searchSpace({ "d/f.txt": "alpha\n" }, { mode });
    mkdirSync(join(space.base, "outside"));
    writeFileSync(join(space.base, "outside/secret.txt"), "alpha TOPSECRET\n");
    symlinkSync("../outside", join(space.root, "out"));
    symlinkSync("../outside/secret.txt", join(space.root, "secret.txt"));
    symlinkSync(".", join(space.root, "loop"));
    expect(paths(await space.search({}))).toEqual(["d/", "d/f.txt", "loop", "out", "secret.txt"]);
    expect(matches(await space.search({ pattern: "alpha" }))).toEqual(["d/f.txt:1:alpha"]);
    await expect(space.search({ path: "out" })).rejects.toMatchObject({ kind: "not_found" });
  });
});

describe("ignore rules", () => {
  test("of directories above the searched one count, and end at a nested repository", async () => {
    await using space = searchSpace({
      ".gitignore": "*.tmp\n/a/b/only.txt\n",
      "a/.gitignore": "!keep.tmp\n",
      "a/b/x.tmp": "",
      "a/b/keep.tmp": "",
      "a/b/only.txt": "",
      "a/b/nested/.git/HEAD": "",
      "a/b/nested/y.tmp": "",
      ".git/info/exclude": "*.excluded\n",
      "a/b/z.excluded": "",
    });
    expect(paths(await space.search({ path: "a/b" }))).toEqual(["keep.tmp", "nested/", "nested/y.tmp"]);
    expect(paths(await space.search({ path: "a", glob: "*.tmp" }))).toEqual(["b/keep.tmp", "b/nested/y.tmp"]);
  });

  test("an ignored directory that is named is searched", async () => {
    await using space = searchSpace({ ".gitignore": "node_modules/\n", "node_modules/x/index.js": "alpha" });
    expect(paths(await space.search({ glob: "*.js" }))).toEqual([]);
    expect(paths(await space.search({ glob: "*.js", path: "node_modules" }))).toEqual(["x/index.js"]);
  });
});

describe("what is left out", () => {
  test("secrets are not searched, unless they are lifted; their names are no secret", async () => {
    const files = { ".env": "alpha\n", ".ssh/config": "alpha\n", "key.pem": "alpha\n", "ok.txt": "alpha\n" };
    await using space = searchSpace(files);
    const found = await space.search({ pattern: "alpha" });
    expect(matches(found)).toEqual(["ok.txt:1:alpha"]);
    expect(found.skipped.denied).toBe(3);
    // That a secret holds the text must not show in the counts.
    expect((await space.search({ pattern: "no such text" })).skipped.denied).toBe(3);
    expect(paths(await space.search({}))).toEqual([".env", ".ssh/", "key.pem", "ok.txt"]);
    await using lifted = searchSpace(files, { allow: [".env"] });
    expect(matches(await lifted.search({ pattern: "alpha" }))).toEqual([".env:1:alpha", "ok.txt:1:alpha"]);
  });

  test("a secret behind a link to its directory is one", async () => {
    await using space = searchSpace({ ".aws/credentials": "alpha\n" });
    symlinkSync(".aws", join(space.root, "link"));
    expect(matches(await space.search({ pattern: "alpha", path: "link" }))).toEqual([]);
  });

  test("also behind a link into another allowed directory", async () => {
    await using space = searchSpace({ "one/x.txt": "", "two/.aws/credentials": "alpha\n" }, { directories: [] });
    symlinkSync("../two/.aws", join(space.root, "one/link"));
    await using both = searchSpace({}, { directories: [join(space.root, "one"), join(space.root, "two")] });
    const found = await both.search({ pattern: "alpha", path: join(space.root, "one/link") });
    expect([matches(found), found.skipped.denied]).toEqual([[], 1]);
  });

  test("binary files are counted", async () => {
    await using space = searchSpace({ "a.bin": "alpha\0", "b.txt": "alpha" });
    const found = await space.search({ pattern: "alpha" });
    expect(matches(found)).toEqual(["b.txt:1:alpha"]);
    expect(found.skipped.binary).toBe(1);
  });

  test("hard links, when the operator refuses them, whether they match or not", async () => {
    await using space = searchSpace({ "a.txt": "alpha\n", "c.txt": "alpha\n" }, { search: { hardlinks: "deny" } });
    linkSync(join(space.root, "a.txt"), join(space.root, "b.txt"));
    for (const pattern of ["alpha", "nothing"]) expect((await space.search({ pattern })).skipped.denied).toBe(2);
    expect(matches(await space.search({ pattern: "alpha" }))).toEqual(["c.txt:1:alpha"]);
  });

  test.skipIf(process.platform === "win32")(
    "unreadable directories and files are counted (no modes on Windows)",
    async () => {
      // One thread, loaded by the first search: a second one, started when a search takes long, could load nothing as that user.
      await using space = searchSpace({ "d/x": "alpha", f: "alpha", ok: "alpha" }, { search: { threads: 1 } });
      expect(matches(await space.search({ pattern: "alpha" }))).toHaveLength(3);
      const found = await asOrdinaryUser(space.base, async () => {
        chmodSync(join(space.root, "d"), 0);
        chmodSync(join(space.root, "f"), 0);
        const found = await space.search({ pattern: "alpha" });
        chmodSync(join(space.root, "d"), 0o700);
        return found;
      });
      expect(matches(found)).toEqual(["ok:1:alpha"]);
      expect(found.skipped.unreadable).toBe(2);
    },
  );
});

test("a named pipe blocks nothing", async () => {
  await using space = searchSpace({ "ok.txt": "alpha\n" });
  const { execFileSync } = await import("node:child_process");
  execFileSync("mkfifo", [join(space.root, "pipe")]);
  expect(matches(await space.search({ pattern: "alpha" }))).toEqual(["ok.txt:1:alpha"]);
  expect(paths(await space.search({}))).toEqual(["ok.txt", "pipe"]);
  await expect(space.search({ path: "pipe", pattern: "alpha" })).rejects.toMatchObject({ kind: "invalid_input" });
});

test("names and lines are one printable line each", async () => {
  await using space = searchSpace({ "a\nb\u202e.txt": "al\u202epha \u0007 a\rb\tc\n" });
  writeFileSync(
    Buffer.concat([Buffer.from(`${space.root}/`), Buffer.from([0x66, 0xff])]),
    Buffer.from([0x61, 0x6c, 0xfe, 0x0a]),
  );
  expect(paths(await space.search({}))).toEqual(["a\\nb\\u202e.txt", "f\\xff"]);
  expect(matches(await space.search({ pattern: "al" }))).toEqual([
    "a\\nb\\u202e.txt:1:al⟨U+202E⟩pha ⟨U+0007⟩ a⟨U+000D⟩b\tc",
    "f\\xff:1:al\\xfe",
  ]);
});

describe("several allowed directories", () => {
  test("are searched in order, one inside another once", async () => {
    await using space = searchSpace(
      { "one/a.txt": "alpha", "one/in/b.txt": "alpha", "two/c.txt": "alpha" },
      {
        directories: [],
      },
    );
    await using both = searchSpace(
      {},
      { directories: [join(space.root, "one/in"), join(space.root, "two"), join(space.root, "one")] },
    );
    const found = await both.search({ pattern: "alpha", mode: "files" });
    expect(found.directories).toEqual([
      { path: join(space.root, "two"), hits: [{ path: "c.txt" }] },
      { path: join(space.root, "one"), hits: [{ path: "a.txt" }, { path: "in/b.txt" }] },
    ]);
    const pages = await both.pages({ pattern: "alpha", mode: "files", limit: 1 });
    expect(pages.flatMap(paths)).toEqual(["c.txt", "a.txt", "in/b.txt"]);
  });

  test("none at all is an error that says so", async () => {
    await using space = searchSpace({}, { directories: [] });
    await expect(space.search({})).rejects.toMatchObject({ kind: "unavailable" });
  });

  test("one that disappeared is said, the others are searched", async () => {
    await using space = searchSpace({ "one/a.txt": "", "two/b.txt": "" }, { directories: [] });
    await using both = searchSpace({}, { directories: [join(space.root, "one"), join(space.root, "two")] });
    rmSync(join(space.root, "one"), { recursive: true });
    const found = await both.search({});
    expect(paths(found)).toEqual(["b.txt"]);
    expect(found.problems).toHaveLength(1);
    expect(found.problems[0]).toContain(join(space.root, "one"));
  });
});

function flat({ path, lines, count }: SearchHit): string[] {
  return lines ? lines.map(({ line }) => `${path}:${line}`) : [`${path} ${count}`];
}

describe("pages", () => {
  const files = Object.fromEntries(
    Array.from({ length: 300 }, (_, i) => [`d${i % 7}/${i % 3 === 0 ? "e/" : ""}f${i}.txt`, "x alpha\ny\nz alpha\n"]),
  );
  const requests: Partial<SearchRequest>[] = [
    { glob: "*.txt" },
    {},
    { pattern: "alpha" },
    { pattern: "al(?!x)pha", regex: true },
    { pattern: "alpha", mode: "files" },
    { pattern: "alpha", mode: "count" },
  ];

  test.each(requests)("of any size join to the whole: %j", async (request) => {
    await using space = searchSpace(files);
    const whole = await space.search({ ...request, limit: 5000 });
    expect(whole.cursor).toBeUndefined();
    for (const limit of [1, 7, 100]) {
      const pages = await space.pages({ ...request, limit });
      const joined = pages.flatMap((page) => page.directories.flatMap(({ hits }) => hits));
      expect(joined.flatMap(flat)).toEqual(whole.directories.flatMap(({ hits }) => hits.flatMap(flat)));
      expect(pages.length).toBeLessThanOrEqual(Math.ceil(joined.flatMap(flat).length / limit) + 1);
    }
  });

  test("never repeat or loop when the tree changes between them", async () => {
    await using space = searchSpace(files);
    let turn = 0;
    const pages = await space.pages({ pattern: "alpha", limit: 50 }, () => {
      turn++;
      space.write({ [`d0/0new${turn}.txt`]: "alpha\n", [`d9/new${turn}.txt`]: "alpha\n" });
      rmSync(join(space.root, `d${turn % 7}`), { recursive: true, force: true });
    });
    const all = pages.flatMap(matches);
    expect(new Set(all).size).toBe(all.length);
    expect(all.length).toBeGreaterThan(100);
    expect(all).toContain("d9/new1.txt:1:alpha");
  });

  test("keep within the text a reply may have, and go on", async () => {
    const line = `${"w".repeat(390)} alpha\n`;
    await using space = searchSpace({ "a.txt": line.repeat(1000) });
    const first = await space.search({ pattern: "alpha", limit: 200, context: 20 });
    expect(JSON.stringify(first).length).toBeLessThan(150_000);
    const pages = await space.pages({ pattern: "alpha", limit: 200 });
    expect(pages.flatMap(matches)).toHaveLength(1000);
    const large = await space.search({ pattern: "alpha", limit: 5000 });
    expect(matches(large)).toHaveLength(1000);
  });

  test("belong to their query", async () => {
    await using space = searchSpace(files);
    const { cursor } = await space.search({ pattern: "alpha", limit: 5 });
    await expect(space.search({ pattern: "beta", cursor })).rejects.toMatchObject({ kind: "invalid_input" });
    await expect(space.search({ pattern: "alpha", cursor: `${cursor}~` })).rejects.toMatchObject({
      kind: "invalid_input",
    });
    await expect(space.search({ pattern: "alpha", cursor: "x" })).rejects.toThrow(/not valid/);
    await expect(space.search({ pattern: "alpha", cursor, limit: 3, context: 1 })).resolves.toBeDefined();
  });
});

test("context lines are given once, matches among them as matches", async () => {
  await using space = searchSpace({ "a.txt": "1\n2 alpha\n3\n4 alpha\n5\n6\n7\n8 alpha\n" });
  const { directories } = await space.search({ pattern: "alpha", context: 1 });
  expect(directories[0]?.hits[0]?.lines?.map(({ line, match }) => (match ? line : -line))).toEqual([
    -1, 2, -3, 4, -5, -7, 8,
  ]);
});

test.each<[Partial<SearchRequest>, RegExp]>([
  [{ pattern: "(", regex: true }, /Unterminated group/],
  [{ pattern: "" }, /empty/],
  [{ pattern: "a\nb" }, /line break/],
  [{ glob: "{a,b}".repeat(30) }, /braces/],
  [{ glob: "../x" }, /\.\./],
])("%j is an error of the caller", async (request, message) => {
  await using space = searchSpace(SMALL);
  await expect(space.search(request)).rejects.toMatchObject({
    kind: "invalid_input",
    message: expect.stringMatching(message),
  });
});

test("globs that start with the searched directory are taken from there", async () => {
  await using space = searchSpace(SMALL);
  expect(paths(await space.search({ glob: `${space.root}/src/*.ts` }))).toEqual(["src/x.ts"]);
});

test("of a single file: its name, if the glob matches", async () => {
  await using space = searchSpace(SMALL);
  expect(await space.search({ path: "src/x.ts" })).toMatchObject({
    directories: [{ path: join(space.root, "src"), hits: [{ path: "x.ts" }] }],
  });
  expect(paths(await space.search({ path: "src/x.ts", glob: "*.md" }))).toEqual([]);
});

test("a directory that is renamed meanwhile hurts nobody", async () => {
  await using space = searchSpace(
    Object.fromEntries(Array.from({ length: 400 }, (_, i) => [`d${i % 20}/f${i}`, "alpha\n"])),
  );
  let moving = true;
  const mover = (async () => {
    for (let i = 0; moving; i++) {
      renameSync(join(space.root, "d5"), join(space.root, "moved"));
      await sleep(1);
      renameSync(join(space.root, "moved"), join(space.root, "d5"));
    }
  })();
  for (let i = 0; i < 30; i++) {
    const found = matches(await space.search({ pattern: "alpha", limit: 1000 }));
    expect(found.length).toBeGreaterThanOrEqual(380);
    expect(new Set(found).size).toBe(found.length);
  }
  moving = false;
  await mover;
});
