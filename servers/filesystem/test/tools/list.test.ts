import { chmodSync, mkdirSync, renameSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { listTree } from "../../src/listing/tree.ts";
import { asOrdinaryUser } from "../ordinary-user.ts";
import { workspace } from "../sandbox/workspace.ts";
import { type Reading, reading } from "./reading.ts";

const lines = async (server: Reading, args: Record<string, unknown>) =>
  ((await server.ok("list", args))[0] ?? "").split("\n");

describe("list", () => {
  it("says what is shared, what is not, and how safely", async () => {
    await using server = await reading();
    const [text = ""] = await server.ok("list", {});
    expect(text).toContain(`\n${server.space.root}\n`);
    expect(text).toContain(process.platform === "linux" ? "Sandbox: pinned" : "Sandbox: checked");
    expect(text).toContain("Access: read only.");
  });

  it("says when changes cannot be undone, and which directory went away", async () => {
    await using server = await reading({ access: "write", journal: false });
    const { root } = server.space;
    expect((await server.ok("list", {}))[0]).toContain("\nJournal: off, so changes cannot be undone.\n");
    renameSync(root, `${root}-moved`);
    expect((await server.ok("list", {}))[0]).toContain(`\n${root} (unavailable: moved, replaced or removed`);
    renameSync(`${root}-moved`, root);
    expect((await server.ok("list", {}))[0]).toContain(`\n${root}\n`);
  });

  it("says what to add when nothing is shared", async () => {
    await using server = await reading({ sandbox: { directories: ["/nope/nope"] } });
    for (const args of [{}, { path: "x" }, { path: "/etc" }]) {
      const said = await server.fails("list", args);
      expect(said).toMatch(/^unavailable: The server shares no usable directory \(\/nope\/nope: it does not exist\)\./);
      expect(said).toContain("at the end of the server's command line");
    }
    expect(await server.fails("read", { paths: ["x"] })).toMatch(/^unavailable: /);
  });

  it("gives one line an entry, whatever the names", async () => {
    await using server = await reading();
    const { space } = server;
    mkdirSync(space.at("d"));
    symlinkSync("ok.txt", space.at("in"));
    symlinkSync("../outside/secret.txt", space.at("out"));
    for (const name of ["a\n[DIR] fake", "evil\u202etxt.exe", "z -> ok.txt", " x ", ".env"])
      writeFileSync(space.at(name), "1");
    writeFileSync(Buffer.concat([Buffer.from(`${space.root}/`), Buffer.from([0xff, 0xfe])]), "12");
    expect(await lines(server, { path: "." })).toEqual([
      `${space.root}: 10 entries`,
      "1 \\x20x\\x20",
      "secret 1 .env",
      "1 a\\n[DIR] fake",
      "dir d/",
      "1 evil\\u202etxt.exe",
      "link in -> ok.txt",
      "11 ok.txt",
      "link (leads nowhere allowed) out",
      "1 z -\\x3e ok.txt",
      "2 \\xff\\xfe",
      "(secret: its content is refused unless the server runs with `--allow`.)",
    ]);
  });

  it("keeps a link's target in its line", async () => {
    await using server = await reading();
    const { space } = server;
    writeFileSync(space.at("x\n9 fake.txt"), "");
    symlinkSync("x\n9 fake.txt", space.at("link"));
    expect(await lines(server, { path: "." })).toEqual([
      `${space.root}: 3 entries`,
      "link link -> x\\n9 fake.txt",
      "11 ok.txt",
      "0 x\\n9 fake.txt",
    ]);
  });

  it("hides what git hides, from .git/info/exclude too, and takes no rules through a link", async () => {
    await using server = await reading();
    const { space } = server;
    mkdirSync(space.at(".git", "info"), { recursive: true });
    writeFileSync(space.at(".git", "info", "exclude"), "mine\n");
    mkdirSync(space.at("sub"));
    for (const name of ["mine", "a", "b"]) writeFileSync(space.at("sub", name), "");
    writeFileSync(space.at("rules"), "a\n");
    symlinkSync("../rules", space.at("sub", ".gitignore"));
    expect(await lines(server, { path: "sub" })).toEqual([
      `${space.at("sub")}: 3 entries, 1 ignored (\`all: true\` shows them)`,
      "link .gitignore -> ../rules",
      "0 a",
      "0 b",
    ]);
  });

  it("ends when it is cancelled, however long the rules of a strange repository take", async () => {
    using space = workspace();
    const sandbox = space.sandbox();
    writeFileSync(space.at(".gitignore"), Array.from({ length: 12_000 }, (_, i) => `*a?b${i % 10}`).join("\n"));
    for (let i = 0; i < 2_000; i++) writeFileSync(space.at(`${"a".repeat(60)}${i}`), "");
    const signal = AbortSignal.timeout(100);
    const request = { depth: 1, sort: "name", all: false, limit: 10 } as const;
    const started = performance.now();
    await expect(listTree(sandbox, sandbox.parse("."), request, { signal })).rejects.toThrow("timeout");
    expect(performance.now() - started).toBeLessThan(2_000);
  });

  it("shows the tree as deep as asked, without entering links", async () => {
    await using server = await reading();
    const { space } = server;
    mkdirSync(space.at("a", "b", "c"), { recursive: true });
    writeFileSync(space.at("a", "b", "f"), "1");
    symlinkSync(".", space.at("a", "loop"));
    symlinkSync("../../outside", space.at("a", "out"));
    const tree = await lines(server, { path: ".", depth: 20 });
    expect(tree.slice(1)).toEqual([
      "dir a/",
      "  dir b/",
      "    dir c/",
      "    1 f",
      "  link loop -> .",
      "  link (leads nowhere allowed) out",
      "11 ok.txt",
    ]);
    expect((await lines(server, { path: ".", depth: 2 })).slice(1)).toEqual(
      tree.slice(1).filter((line) => !line.startsWith("    ")),
    );
    expect(await server.fails("list", { path: "ok.txt" })).toContain("is not a directory");
    expect(await server.fails("list", { path: "a/out" })).toMatch(/^not_found: /);
    expect(await server.fails("list", { path: ".", depth: 21 })).toMatch(/^invalid_input: /);
  });

  it("hides what .gitignore hides, says how much, and shows it when asked", async () => {
    await using server = await reading();
    const { space } = server;
    mkdirSync(space.at("src", "node_modules"), { recursive: true });
    mkdirSync(space.at(".git"));
    writeFileSync(space.at(".gitignore"), "*.log\nnode_modules/\n!keep.log\n");
    for (const name of ["a.log", "keep.log", "src/b.log", "src/x.ts"]) writeFileSync(space.at(name), "");
    const hidden = await lines(server, { path: ".", depth: 3 });
    expect(hidden[0]).toBe(`${space.root}: 4 entries, 4 ignored (\`all: true\` shows them)`);
    expect(hidden.slice(1)).toEqual([
      expect.stringMatching(/ \.gitignore$/),
      "0 keep.log",
      "11 ok.txt",
      "dir src/",
      "  0 x.ts",
    ]);
    expect((await lines(server, { path: "src" })).slice(1)).toEqual(["0 x.ts"]);
    expect((await lines(server, { path: "src", all: true })).slice(1)).toEqual([
      "0 b.log",
      "dir node_modules/",
      "0 x.ts",
    ]);
  });

  it.for(["name", "size", "mtime"] as const)("gives pages that fit together, by %s", async (sort) => {
    await using server = await reading();
    const { space } = server;
    for (let i = 0; i < 40; i += 1) {
      const at = i % 3 === 0 ? space.at(`d${i % 6}`) : space.root;
      mkdirSync(at, { recursive: true });
      writeFileSync(`${at}/f${i}`, "x".repeat(i % 5));
      utimesSync(`${at}/f${i}`, 1_000 + (i % 4), 1_000 + (i % 4));
    }
    const whole = (await lines(server, { path: ".", depth: 3, sort })).slice(1);
    expect(whole.length).toBeGreaterThan(40);
    for (const limit of [1, 7]) {
      const pages: string[] = [];
      let cursor: string | undefined;
      do {
        const page = (
          await lines(server, { path: ".", depth: 3, sort, limit, ...(cursor !== undefined && { cursor }) })
        ).slice(1);
        cursor = /^More: cursor "(.+)"\.$/.exec(page.at(-1) ?? "")?.[1];
        if (cursor !== undefined) page.pop();
        expect(page.length).toBeLessThanOrEqual(limit);
        pages.push(...page);
      } while (cursor !== undefined);
      expect(pages).toEqual(whole);
    }
  });

  it("sorts largest and newest first", async () => {
    await using server = await reading();
    for (const [name, size, time] of [
      ["a", 1, 30],
      ["b", 30, 10],
      ["c", 2, 20],
    ] as const) {
      writeFileSync(server.space.at(name), "x".repeat(size));
      utimesSync(server.space.at(name), time, time);
    }
    utimesSync(server.space.at("ok.txt"), 5, 5);
    const names = async (sort: string) =>
      (await lines(server, { path: ".", sort })).slice(1).map((line) => line.split(" ").at(-1));
    expect(await names("size")).toEqual(["b", "ok.txt", "c", "a"]);
    expect(await names("mtime")).toEqual(["a", "c", "b", "ok.txt"]);
  });

  it.skipIf(process.platform === "win32")("notes directories that cannot be read (no modes on Windows)", async () => {
    await using server = await reading();
    const locked = server.space.at("locked");
    mkdirSync(locked);
    const found = await asOrdinaryUser(server.space.base, async () => {
      chmodSync(locked, 0);
      const found = await lines(server, { path: ".", depth: 5 });
      chmodSync(locked, 0o755);
      return found;
    });
    expect(found.slice(1)).toEqual(["unreadable dir locked/", "11 ok.txt"]);
  });

  it("refuses cursors it did not give", async () => {
    await using server = await reading();
    for (const cursor of ["x", Buffer.from("{}").toString("base64url"), Buffer.from("[[1]]").toString("base64url"), ""])
      expect(await server.fails("list", { path: ".", cursor })).toContain("not one that `list` gave");
    // Names in a cursor are compared and never opened.
    const foreign = Buffer.from(JSON.stringify(["..", "outside"])).toString("base64url");
    expect((await lines(server, { path: ".", cursor: foreign })).join("\n")).not.toContain("secret.txt");
  });

  it("stays small and quick in large directories", async () => {
    await using server = await reading();
    mkdirSync(server.space.at("many"));
    for (let i = 0; i < 20_000; i += 1) writeFileSync(server.space.at("many", `f${i}`), "");
    const started = performance.now();
    const [text = ""] = await server.ok("list", { path: ".", depth: 20 });
    expect(text.length).toBeLessThan(10_000);
    expect(performance.now() - started).toBeLessThan(2_000);
  });
});
