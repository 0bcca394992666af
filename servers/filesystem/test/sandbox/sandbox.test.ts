import { execFileSync } from "node:child_process";
import {
  chmodSync,
  chownSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Sandbox } from "../../src/sandbox/sandbox.ts";
import { asOrdinaryUser } from "../ordinary-user.ts";
import { refusal, rejection, type Workspace, workspace } from "./workspace.ts";

const linux = process.platform === "linux";
const windows = process.platform === "win32";
const isRoot = process.getuid?.() === 0;
const modes = linux ? (["pinned", "checked"] as const) : (["checked"] as const);
const bytes = (text: string) => Buffer.from(text);

describe.for(modes)("%s sandbox", (mode) => {
  let space: Workspace;
  let sandbox: Sandbox;
  beforeEach(() => {
    space = workspace();
    sandbox = space.sandbox({ mode });
  });
  afterEach(() => space[Symbol.dispose]());

  const read = (path: string, from = sandbox) => {
    using file = from.openFile(from.parse(path));
    return readFileSync(file.fd, "utf8");
  };
  const write = (path: string, content: string, expect: "any" | "absent" | "present" = "any") =>
    sandbox.writeFile(sandbox.parse(path), bytes(content), { expect });
  const move = (from: string, to: string, options: { overwrite?: boolean; copy?: boolean } = {}) =>
    sandbox.move(sandbox.parse(from), sandbox.parse(to), { overwrite: false, copy: false, ...options });
  const descriptors = () => (linux ? readdirSync("/proc/self/fd").length : 0);

  it("says its mode", () => {
    expect(sandbox.mode).toBe(mode);
  });

  describe("reading", () => {
    it("reads what is inside, by either kind of path and through inside links", () => {
      symlinkSync("ok.txt", space.at("in"));
      symlinkSync(space.at("ok.txt"), space.at("absolute"));
      for (const path of ["ok.txt", space.at("ok.txt"), "in", "absolute", "nope/../ok.txt"])
        expect(read(path)).toBe("ok-content\n");
    });

    it("answers alike for missing files and for links that lead out, and names no target", () => {
      mkdirSync(join(space.outside, "hidden_dir_name"));
      symlinkSync("../outside/secret.txt", space.at("relative"));
      symlinkSync(join(space.outside, "secret.txt"), space.at("absolute"));
      symlinkSync("../outside/hidden_dir_name", space.at("dir"));
      symlinkSync("../outside/nothing", space.at("dangling"));
      symlinkSync("b", space.at("a"));
      symlinkSync("a", space.at("b"));
      const said = (path: string) => {
        const { kind, message, hint } = refusal(() => read(path));
        return [kind, message.replace(sandbox.parse(path).shown, "P"), hint];
      };
      const missing = said("missing");
      for (const path of ["relative", "absolute", "dir/x", "dangling", "a", "ok.txt/x"])
        expect(said(path)).toEqual(missing);
      expect(refusal(() => sandbox.readDirectory(sandbox.parse("dir"))).message).not.toContain("hidden_dir_name");
    });

    it.runIf(linux)("follows no link of /proc to what is outside (only on linux)", () => {
      symlinkSync("/proc/self/fd", space.at("fds"));
      symlinkSync("/proc/self/root", space.at("r"));
      symlinkSync(`/proc/${process.pid}/environ`, space.at("environ"));
      expect(refusal(() => sandbox.readDirectory(sandbox.parse("fds"))).kind).toBe("not_found");
      expect(refusal(() => read(`r${space.outside}/secret.txt`)).kind).toBe("not_found");
      expect(refusal(() => read("environ")).kind).toBe("not_found");
    });

    it("names what is no regular file, at once", () => {
      execFileSync("mkfifo", [space.at("pipe")]);
      expect(refusal(() => read("pipe")).message).toContain("is a named pipe, not a regular file");
      expect(refusal(() => read(".")).message).toContain("is a directory");
      expect(refusal(() => sandbox.readDirectory(sandbox.parse("ok.txt"))).message).toContain("is not a directory");
      if (!linux || !isRoot) return;
      execFileSync("mknod", [space.at("zero"), "c", "1", "5"]);
      expect(refusal(() => read("zero")).message).toContain("is a device");
    });

    it("suggests the name that differs only in form or case, and folds nothing", () => {
      writeFileSync(space.at("cafe\u0301.txt"), "decomposed");
      expect(refusal(() => read("caf\u00e9.txt")).hint).toBe(
        'There is "cafe\\u0301.txt", which differs only in Unicode form.',
      );
      expect(refusal(() => read("OK.TXT")).hint).toContain("upper and lower case");
      expect(read("cafe\u0301.txt")).toBe("decomposed");
    });

    it("reaches names that are not UTF-8", () => {
      writeFileSync(Buffer.concat([bytes(space.root), bytes("/"), Buffer.from([0xff, 0xfe])]), "bytes");
      const { entries } = sandbox.readDirectory(sandbox.parse("."), { stat: true });
      const odd = entries.find(({ name }) => name === "\\xff\\xfe");
      expect(odd?.size).toBe(5);
      using file = sandbox.openFile(sandbox.child(sandbox.parse("."), odd?.component ?? ""));
      expect(readFileSync(file.fd, "utf8")).toBe("bytes");
    });

    it.runIf(linux)("takes names as it shows them, and literal ones first (only on linux)", () => {
      writeFileSync(Buffer.concat([bytes(space.root), bytes("/"), Buffer.from([0xff])]), "byte");
      writeFileSync(space.at("a\nb"), "newline");
      writeFileSync(space.at("a\\tb"), "backslash");
      writeFileSync(space.at("a\tb"), "tab");
      expect([read("\\xff"), read("a\\nb"), read("a\\tb"), read("a\\\\tb")]).toEqual([
        "byte",
        "newline",
        "backslash",
        "backslash",
      ]);
      for (const path of ["\\x2e\\x2e/outside/secret.txt", "..\\x2foutside/secret.txt", "\\x2eenv"]) {
        writeFileSync(space.at(".env"), "T");
        expect(["not_found", "denied"]).toContain(refusal(() => read(path)).kind);
      }
    });

    it("refuses secrets by name, by link and by directory, and says how to lift that", () => {
      mkdirSync(space.at(".ssh"));
      writeFileSync(space.at(".ssh", "config"), "x");
      writeFileSync(space.at(".env"), "TOKEN=1");
      symlinkSync(".env", space.at("harmless"));
      symlinkSync(".ssh", space.at("dir"));
      for (const path of [".env", "harmless", ".ssh/config", "dir/config", ".env.production", "missing/.npmrc"])
        expect(refusal(() => read(path)).kind).toBe("denied");
      expect(refusal(() => read(".env")).hint).toContain("--allow .env");
      expect(refusal(() => sandbox.readDirectory(sandbox.parse("dir"))).kind).toBe("denied");
      expect(read("harmless", space.sandbox({ mode, allow: [".env"] }))).toBe("TOKEN=1");
      expect(sandbox.denied(sandbox.parse(".env"), "read")).toBe(".env");
    });

    it("refuses files with several names when told to", () => {
      linkSync(space.at("ok.txt"), space.at("twin"));
      expect(read("twin")).toBe("ok-content\n");
      expect(refusal(() => read("twin", space.sandbox({ mode, hardlinks: "deny" }))).message).toContain("2 hard links");
    });

    it.skipIf(windows)("tells what the system refuses, unless a link leads there (no modes on Windows)", async () => {
      const locked = join(space.outside, "locked");
      mkdirSync(locked);
      writeFileSync(space.at("locked"), "x");
      symlinkSync("../outside/locked/x", space.at("l"));
      await asOrdinaryUser(space.base, () => {
        chmodSync(space.at("locked"), 0);
        chmodSync(locked, 0);
        expect(refusal(() => read("locked")).kind).toBe("denied");
        expect(refusal(() => read("l")).kind).toBe("not_found");
        // Whoever is not root may not remove what it may not read.
        chmodSync(locked, 0o700);
      });
    });

    it("lists at most what is asked for", () => {
      for (let i = 0; i < 20; i += 1) writeFileSync(space.at(`f${i}`), "");
      const some = sandbox.readDirectory(sandbox.parse("."), { limit: 5 });
      expect([some.entries.length, some.complete]).toEqual([5, false]);
      const all = sandbox.readDirectory(sandbox.parse("."));
      expect([all.entries.length, all.complete]).toEqual([21, true]);
    });

    it("shows where inside links lead and keeps to itself where others do", () => {
      symlinkSync("ok.txt", space.at("in"));
      symlinkSync("../outside", space.at("out"));
      expect(sandbox.readLink(sandbox.parse("in"))).toBe("ok.txt");
      expect(sandbox.readLink(sandbox.parse("out"))).toBeUndefined();
      expect(sandbox.readLink(sandbox.parse("out"), { raw: true })).toBe("../outside");
      expect(sandbox.stat(sandbox.parse("out")).kind).toBe("link");
      expect(sandbox.exists(sandbox.parse("out"))).toBe(true);
      expect(sandbox.exists(sandbox.parse("out/secret.txt"))).toBe(false);
    });
  });

  describe("writing", () => {
    it("makes and replaces files, keeping mode and owner", () => {
      write("new", "1", "absent");
      expect(statSync(space.at("new")).mode & 0o777).toBe(0o666 & ~process.umask());
      chmodSync(space.at("ok.txt"), 0o751);
      if (isRoot) chownSync(space.at("ok.txt"), 1234, 1235);
      write("ok.txt", "changed", "present");
      const { mode: bits, uid, gid } = statSync(space.at("ok.txt"));
      expect([read("ok.txt"), bits & 0o7777]).toEqual(["changed", 0o751]);
      const owner = isRoot ? [1234, 1235] : [process.getuid?.(), process.getgid?.()];
      expect([uid, gid]).toEqual(owner);
      expect(readdirSync(space.root).toSorted()).toEqual(["new", "ok.txt"]);
    });

    it("writes through inside links, which stay links", () => {
      mkdirSync(space.at("d"));
      symlinkSync("d", space.at("dl"));
      symlinkSync("ok.txt", space.at("in"));
      write("in", "through");
      write("dl/x", "through a directory");
      expect(lstatSync(space.at("in")).isSymbolicLink()).toBe(true);
      expect([read("ok.txt"), read("d/x")]).toEqual(["through", "through a directory"]);
    });

    it("makes nothing outside, whatever the links", async () => {
      symlinkSync("../outside", space.at("d"));
      symlinkSync("../outside/created.txt", space.at("dangling"));
      symlinkSync("../outside/secret.txt", space.at("l"));
      symlinkSync("nowhere", space.at("inner"));
      for (const path of ["d/new", "dangling", "l", "inner", "d/secret.txt"]) {
        expect(refusal(() => write(path, "x")).kind).toBe("not_found");
        expect((await rejection(() => sandbox.appendFile(sandbox.parse(path), bytes("x")))).kind).toBe("not_found");
        expect(refusal(() => sandbox.makeDirectories(sandbox.parse(`${path}/sub`))).kind).toBe("not_found");
      }
      expect(readdirSync(space.outside)).toEqual(["secret.txt"]);
      expect(readFileSync(join(space.outside, "secret.txt"), "utf8")).toBe("TOPSECRET\n");
    });

    it("never replaces what it was told to create, nor creates what it was told to replace", () => {
      expect(refusal(() => write("ok.txt", "x", "absent")).kind).toBe("conflict");
      expect(refusal(() => write("missing", "x", "present")).kind).toBe("not_found");
      expect(read("ok.txt")).toBe("ok-content\n");
      expect(existsSync(space.at("missing"))).toBe(false);
    });

    it("asks before it changes, and changes nothing when that throws", async () => {
      const seen: (string | undefined)[] = [];
      const check = (file: { readonly fd: number } | undefined) => {
        seen.push(file && readFileSync(file.fd, "utf8"));
        throw new Error("no");
      };
      for (const path of ["ok.txt", "new"])
        expect(() => sandbox.writeFile(sandbox.parse(path), bytes("x"), { expect: "any", check })).toThrow("no");
      await expect(sandbox.appendFile(sandbox.parse("ok.txt"), bytes("x"), check)).rejects.toThrow("no");
      expect(seen).toEqual(["ok-content\n", undefined, "ok-content\n"]);
      expect(readdirSync(space.root)).toEqual(["ok.txt"]);
      expect(read("ok.txt")).toBe("ok-content\n");
    });

    it("replaces the longest name", () => {
      const name = "n".repeat(255);
      write(name, "1");
      write(name, "2");
      expect(read(name)).toBe("2");
    });

    it("cuts off in place, and leaves other names of a file alone", async () => {
      const { ino } = statSync(space.at("ok.txt"));
      await sandbox.truncateFile(sandbox.parse("ok.txt"), 4);
      expect([read("ok.txt"), statSync(space.at("ok.txt")).ino]).toEqual(["ok-c", ino]);
      linkSync(space.at("ok.txt"), space.at("other"));
      await sandbox.truncateFile(sandbox.parse("ok.txt"), 2);
      expect([read("ok.txt"), read("other")]).toEqual(["ok", "ok-c"]);
      expect((await rejection(() => sandbox.truncateFile(sandbox.parse("missing"), 0))).kind).toBe("not_found");
    });

    it("appends in place, and leaves other names of a file alone", async () => {
      const { ino } = statSync(space.at("ok.txt"));
      await sandbox.appendFile(sandbox.parse("ok.txt"), bytes("more\n"));
      expect([read("ok.txt"), statSync(space.at("ok.txt")).ino]).toEqual(["ok-content\nmore\n", ino]);
      linkSync(join(space.outside, "secret.txt"), space.at("hard"));
      await sandbox.appendFile(sandbox.parse("hard"), bytes("x"));
      write("hard", "y");
      expect(readFileSync(join(space.outside, "secret.txt"), "utf8")).toBe("TOPSECRET\n");
      await sandbox.appendFile(sandbox.parse("fresh"), bytes("made"));
      expect(read("fresh")).toBe("made");
      chmodSync(space.at("ok.txt"), 0o640);
      linkSync(space.at("ok.txt"), space.at("other"));
      await sandbox.appendFile(sandbox.parse("ok.txt"), bytes("!"));
      expect([read("ok.txt"), read("other")]).toEqual(["ok-content\nmore\n!", "ok-content\nmore\n"]);
      expect(statSync(space.at("ok.txt")).mode & 0o777).toBe(0o640);
      expect(readdirSync(space.root).filter((name) => name.endsWith(".tmp"))).toEqual([]);
    });

    // For root the program itself is asked, as somebody else: bad-input.test.ts.
    it.skipIf(isRoot)("keeps read-only files (needs a uid other than 0)", () => {
      chmodSync(space.at("ok.txt"), 0o444);
      expect(refusal(() => write("ok.txt", "x")).kind).toBe("denied");
      expect(read("ok.txt")).toBe("ok-content\n");
    });

    it("makes the directories that are missing, and says which", () => {
      mkdirSync(space.at("a"));
      expect(sandbox.makeDirectories(sandbox.parse("a/b/c")).map(({ shown }) => shown)).toEqual([
        space.at("a", "b"),
        space.at("a", "b", "c"),
      ]);
      expect(sandbox.makeDirectories(sandbox.parse("a/b/c"))).toEqual([]);
      expect(refusal(() => sandbox.makeDirectories(sandbox.parse("ok.txt/x"))).message).toBe(
        `${space.at("ok.txt")} is not a directory.`,
      );
    });

    it("writes no secrets and no hooks", async () => {
      mkdirSync(space.at(".git", "hooks"), { recursive: true });
      symlinkSync(".git/hooks", space.at("h"));
      for (const path of [".env", ".git/hooks/pre-commit", "h/pre-commit", "x/.ssh/authorized_keys"]) {
        expect(refusal(() => write(path, "x")).kind).toBe("denied");
        expect((await rejection(() => sandbox.appendFile(sandbox.parse(path), bytes("x")))).kind).toBe("denied");
      }
      expect(refusal(() => sandbox.makeDirectories(sandbox.parse(".ssh"))).kind).toBe("denied");
      expect(readdirSync(space.at(".git", "hooks"))).toEqual([]);
    });

    it("gives no set-id bits to a file whose owner is not known", () => {
      const rights = { mode: 0o6755 };
      sandbox.writeFile(sandbox.parse("new"), bytes("x"), { expect: "absent", rights });
      expect(statSync(space.at("new")).mode & 0o7777).toBe(0o755);
      sandbox.setMetadata(sandbox.parse("new"), { rights });
      expect(statSync(space.at("new")).mode & 0o7777).toBe(0o755);
      linkSync(join(space.outside, "secret.txt"), space.at("hard"));
      chmodSync(space.at("hard"), 0o640);
      sandbox.setMetadata(sandbox.parse("hard"), { rights: { mode: 0o777 }, mtimeMs: 1 });
      expect(statSync(join(space.outside, "secret.txt")).mode & 0o777).toBe(0o640);
    });

    it("sets mode and time, and makes links", () => {
      sandbox.setMetadata(sandbox.parse("ok.txt"), { rights: { mode: 0o600 }, mtimeMs: 1_000_000 });
      const { mode: bits, mtimeMs } = statSync(space.at("ok.txt"));
      expect([bits & 0o777, mtimeMs]).toEqual([0o600, 1_000_000]);
      sandbox.makeLink(sandbox.parse("l"), "../outside");
      expect(readlinkSync(space.at("l"))).toBe("../outside");
      expect(refusal(() => sandbox.makeLink(sandbox.parse("l"), "x")).kind).toBe("conflict");
    });
  });

  describe("moving, copying, removing", () => {
    beforeEach(() => {
      mkdirSync(space.at("d", "e"), { recursive: true });
      writeFileSync(space.at("d", "e", "f"), "deep");
      symlinkSync("../../../outside", space.at("d", "e", "out"));
    });

    it("moves files and directories without replacing anything", async () => {
      await move("ok.txt", "d/ok.txt");
      await move("d", "d2");
      expect(read("d2/ok.txt")).toBe("ok-content\n");
      writeFileSync(space.at("other"), "x");
      for (const to of ["d2/ok.txt", "d2"]) expect((await rejection(() => move("other", to))).kind).toBe("conflict");
      expect((await rejection(() => move("d2/e", "d2"))).kind).toBe("conflict");
      expect(read("other")).toBe("x");
    });

    it("replaces files when told to, and directories never unless they are empty", async () => {
      writeFileSync(space.at("other"), "x");
      await move("other", "ok.txt", { overwrite: true });
      expect([read("ok.txt"), existsSync(space.at("other"))]).toEqual(["x", false]);
      expect((await rejection(() => move("ok.txt", "d", { overwrite: true }))).kind).toBe("conflict");
      mkdirSync(space.at("empty"));
      expect((await rejection(() => move("empty", "d", { overwrite: true }))).kind).toBe("conflict");
      expect(read("d/e/f")).toBe("deep");
      await move("d", "empty", { overwrite: true });
      expect(read("empty/e/f")).toBe("deep");
    });

    it("lets go of the old name when both are one file", async () => {
      linkSync(space.at("ok.txt"), space.at("twin"));
      await move("ok.txt", "twin", { overwrite: true });
      expect([read("twin"), existsSync(space.at("ok.txt"))]).toEqual(["ok-content\n", false]);
      expect((await rejection(() => move("twin", "./twin", { overwrite: true }))).message).toContain("same place");
      expect(read("twin")).toBe("ok-content\n");
    });

    it("moves links themselves", async () => {
      symlinkSync("../outside/secret.txt", space.at("l"));
      await move("l", "d/l");
      expect(readlinkSync(space.at("d", "l"))).toBe("../outside/secret.txt");
      await sandbox.remove(sandbox.parse("d/l"), { recursive: false });
      expect(readFileSync(join(space.outside, "secret.txt"), "utf8")).toBe("TOPSECRET\n");
    });

    it("copies trees with links as links, keeping modes", async () => {
      chmodSync(space.at("d", "e", "f"), 0o640);
      await move("d", "copy", { copy: true });
      expect(readlinkSync(space.at("copy", "e", "out"))).toBe("../../../outside");
      expect([read("copy/e/f"), read("d/e/f"), statSync(space.at("copy", "e", "f")).mode & 0o777]).toEqual([
        "deep",
        "deep",
        0o640,
      ]);
      await move("ok.txt", "ok2.txt", { copy: true });
      expect([read("ok.txt"), read("ok2.txt")]).toEqual(["ok-content\n", "ok-content\n"]);
      expect(readdirSync(space.root).toSorted()).toEqual(["copy", "d", "ok.txt", "ok2.txt"]);
    });

    it("leaves nothing behind when a copy fails", async () => {
      execFileSync("mkfifo", [space.at("d", "pipe")]);
      expect((await rejection(() => move("d", "copy", { copy: true }))).message).toContain("cannot be copied");
      expect(readdirSync(space.root).toSorted()).toEqual(["d", "ok.txt"]);
    });

    it("puts nothing into itself and moves nothing outside", async () => {
      expect((await rejection(() => move("d", "d/e/x"))).message).toContain("cannot hold itself");
      expect((await rejection(() => move("d", "d/e/x", { copy: true }))).message).toContain("cannot hold itself");
      symlinkSync("../outside", space.at("o"));
      for (const [from, to] of [
        ["ok.txt", "o/x"],
        ["o/secret.txt", "x"],
        ["ok.txt", "d/e/out/x"],
        ["missing", "x"],
      ] as const)
        expect((await rejection(() => move(from, to))).kind).toBe("not_found");
      expect(readdirSync(space.outside)).toEqual(["secret.txt"]);
    });

    it("hides no secret behind another name", async () => {
      writeFileSync(space.at(".env"), "T");
      mkdirSync(space.at(".git", "hooks"), { recursive: true });
      for (const [from, to] of [
        [".env", "x"],
        ["ok.txt", ".env.local"],
        [".git", "g"],
        ["d", ".git/hooks/d"],
      ] as const)
        for (const copy of [false, true]) expect((await rejection(() => move(from, to, { copy }))).kind).toBe("denied");
    });

    it("renames directories whose names only begin a pattern", async () => {
      mkdirSync(space.at("mooring", "packages"), { recursive: true });
      await move("mooring", "project");
      await move("project", "mooring");
      mkdirSync(space.at("plain", "hooks"), { recursive: true });
      expect((await rejection(() => move("plain", "repository/.git"))).kind).toBe("not_found");
      mkdirSync(space.at("repository"));
      expect((await rejection(() => move("plain", "repository/.git"))).message).toContain("`.git/hooks`");
      expect((await rejection(() => move("plain/hooks", "repository/.git/hooks"))).kind).toBe("denied");
      expect(readdirSync(space.at("repository"))).toEqual([]);
    });

    it("removes trees without descending links", async () => {
      expect((await rejection(() => sandbox.remove(sandbox.parse("d"), { recursive: false }))).kind).toBe(
        "invalid_input",
      );
      await sandbox.remove(sandbox.parse("d"), { recursive: true });
      expect(readdirSync(space.root)).toEqual(["ok.txt"]);
      expect(readdirSync(space.outside)).toEqual(["secret.txt"]);
      expect((await rejection(() => sandbox.remove(sandbox.parse("d"), { recursive: true }))).kind).toBe("not_found");
    });

    it.runIf(linux && existsSync("/dev/shm"))(
      "moves across file systems by copying, comparing and removing (needs /dev/shm)",
      async () => {
        const other = `/dev/shm/sandbox-${process.pid}-${mode}`;
        mkdirSync(other);
        try {
          const both = space.sandbox({ mode, directories: [space.root, other] });
          chmodSync(space.at("d", "e", "f"), 0o600);
          const { mtimeMs } = statSync(space.at("d", "e", "f"));
          await both.move(both.parse("d"), both.parse(`${other}/d`), { overwrite: false, copy: false });
          expect(statSync(join(other, "d", "e", "f")).mode & 0o777).toBe(0o600);
          expect(Math.abs(statSync(join(other, "d", "e", "f")).mtimeMs - mtimeMs)).toBeLessThan(1);
          expect(readdirSync(space.root)).toEqual(["ok.txt"]);
          await both.move(both.parse("ok.txt"), both.parse(`${other}/ok.txt`), { overwrite: false, copy: false });
          expect(readdirSync(other).toSorted()).toEqual(["d", "ok.txt"]);
        } finally {
          rmSync(other, { recursive: true });
        }
      },
    );
  });

  describe("roots", () => {
    it("says which directories cannot be used and why, and serves the rest", () => {
      const some = space.sandbox({ mode, directories: [space.root, "/nope/nope", space.at("ok.txt"), space.root] });
      expect(some.unusable).toEqual([
        { path: "/nope/nope", reason: "it does not exist" },
        { path: space.at("ok.txt"), reason: "it is not a directory" },
      ]);
      expect(some.roots).toHaveLength(1);
    });

    it.for([
      ["~/Documents", "`~` is not expanded here"],
      ["${workspaceFolder}", "the host did not fill in its variable"],
      ["file:///srv", "it is a URI"],
      ["", "it is empty"],
      [" ", "it is empty"],
    ] as const)("explains %s, which a host passed on as it stood", ([directory, reason]) => {
      const [first] = space.sandbox({ mode, directories: [directory] }).unusable;
      expect([first?.path, first?.reason.startsWith(reason)]).toEqual([directory.trim() || '""', true]);
    });

    it("can be the root of the file system", async () => {
      const all = space.sandbox({ mode, directories: ["/"] });
      expect(read(space.at("ok.txt"), all)).toBe("ok-content\n");
      all.writeFile(all.parse(space.at("new")), bytes("x"), { expect: "absent" });
      await all.move(all.parse(space.at("new")), all.parse(space.at("moved")), { overwrite: false, copy: false });
      expect(read(space.at("moved"), all)).toBe("x");
      expect((await rejection(() => all.remove(all.parse("/"), { recursive: true }))).kind).toBe("denied");
    });

    it("says what to add when there is none", () => {
      const none = space.sandbox({ mode, directories: ["/nope/nope"] });
      const error = refusal(() => none.parse("x"));
      expect(error.kind).toBe("unavailable");
      expect(error.message).toContain("/nope/nope: it does not exist");
      expect(error.hint).toContain("command line");
    });

    it("lets the innermost of nested roots answer, and moves neither", async () => {
      mkdirSync(space.at("in"));
      const nested = space.sandbox({ mode, directories: [space.root, space.at("in")] });
      expect(nested.parse(space.at("in", "x")).root.path).toBe(space.at("in"));
      const outer = nested.parse(space.root);
      for (const action of [
        () => nested.move(nested.child(outer, "in"), nested.child(outer, "x"), { overwrite: false, copy: false }),
        () => nested.remove(nested.child(outer, "in"), { recursive: true }),
        () => nested.remove(nested.parse(space.at("in")), { recursive: true }),
        () =>
          nested.move(nested.parse(space.root), nested.parse(space.at("in", "r")), { overwrite: false, copy: false }),
      ])
        expect((await rejection(action)).kind).toBe("denied");
      mkdirSync(space.at("holder", "root2"), { recursive: true });
      const held = space.sandbox({ mode, directories: [space.root, space.at("holder", "root2")] });
      expect(
        (await rejection(() => held.remove(held.parse(space.at("holder")), { recursive: true }))).message,
      ).toContain("holds the allowed directory");
      expect(existsSync(space.at("holder", "root2"))).toBe(true);
    });

    it("follows a link from one root to another", () => {
      const second = join(space.base, "second");
      mkdirSync(second);
      writeFileSync(join(second, "f"), "second");
      symlinkSync("../second/f", space.at("l"));
      expect(read(space.at("l"), space.sandbox({ mode, directories: [space.root, second] }))).toBe("second");
    });

    it("has one answer for a root that was moved, replaced or removed", async () => {
      const gone = async (action: () => unknown) => {
        const error = await rejection(async () => action());
        expect([error.kind, error.message]).toEqual([
          "unavailable",
          `The allowed directory ${space.root} was moved, replaced or removed since the start.`,
        ]);
      };
      const all = async () => {
        await gone(() => read("ok.txt"));
        await gone(() => write("x", "x"));
        await gone(() => sandbox.readDirectory(sandbox.parse(".")));
        await gone(() => sandbox.makeDirectories(sandbox.parse("a/b")));
        await gone(() => sandbox.remove(sandbox.parse("ok.txt"), { recursive: false }));
      };
      renameSync(space.root, `${space.root}-moved`);
      await all();
      mkdirSync(space.root);
      writeFileSync(space.at("ok.txt"), "another");
      await all();
      rmSync(`${space.root}-moved`, { recursive: true });
      await all();
    });
  });

  it("does one change after the other", async () => {
    const log: string[] = [];
    symlinkSync("ok.txt", space.at("in"));
    linkSync(space.at("ok.txt"), space.at("twin"));
    const job = (name: string, ...paths: string[]) =>
      sandbox.lock(
        paths.map((path) => sandbox.parse(path)),
        async () => {
          log.push(`+${name}`);
          await new Promise((resolve) => setTimeout(resolve, 5));
          log.push(`-${name}`);
        },
      );
    await Promise.all([
      job("a", "ok.txt"),
      job("b", "in"),
      job("c", "twin"),
      job("d", "x", "ok.txt"),
      job("e", "ok.txt", "x"),
    ]);
    expect(log).toEqual(["a", "b", "c", "d", "e"].flatMap((name) => [`+${name}`, `-${name}`]));
    await expect(sandbox.lock([sandbox.parse("ok.txt")], () => Promise.reject(new Error("x")))).rejects.toThrow("x");
    expect(await sandbox.lock([sandbox.parse("ok.txt")], () => 1)).toBe(1);
  });

  it("changes nothing in a directory that another call is changing", async () => {
    mkdirSync(space.at("d", "e"), { recursive: true });
    mkdirSync(space.at("d2"));
    symlinkSync("d", space.at("link"));
    const log: string[] = [];
    const job = (name: string, path: string) =>
      sandbox.lock([sandbox.parse(path)], async () => {
        log.push(`+${name}`);
        await new Promise((resolve) => setTimeout(resolve, 20));
        log.push(`-${name}`);
      });
    const inOrder = [
      job("directory", "d"),
      job("below", "d/e/new"),
      job("through a link", "link/e/new"),
      job("above", "d"),
    ];
    await Promise.all([...inOrder, job("beside", "d2/new")]);
    const order = log.filter((line) => !line.endsWith("beside"));
    expect(order).toEqual(
      ["directory", "below", "through a link", "above"].flatMap((name) => [`+${name}`, `-${name}`]),
    );
    expect(log.indexOf("+beside")).toBe(1);
  });

  it("removes what it may, and stops at the first that it may not", async () => {
    mkdirSync(space.at("d", "e"), { recursive: true });
    writeFileSync(space.at("d", "e", "theirs"), "x");
    const asked: string[] = [];
    const mayGo = (below: readonly string[], { kind }: { kind: string }) => {
      asked.push(`${kind} ${below.join("/")}`);
      return below.at(-1) !== "theirs";
    };
    const refused = await rejection(() => sandbox.remove(sandbox.parse("d"), { recursive: true, mayGo }));
    expect([refused.kind, refused.message]).toEqual([
      "conflict",
      `${space.at("d")} was changed by somebody else in the meantime.`,
    ]);
    expect(asked).toEqual(["directory ", "directory e", "file e/theirs"]);
    expect(readFileSync(space.at("d", "e", "theirs"), "utf8")).toBe("x");
    writeFileSync(space.at("there"), "x");
    const onto = () =>
      sandbox.move(sandbox.parse("ok.txt"), sandbox.parse("there"), {
        overwrite: true,
        copy: false,
        mayReplace: ({ size }) => size > 1,
      });
    expect((await rejection(onto)).kind).toBe("conflict");
    expect(readFileSync(space.at("there"), "utf8")).toBe("x");
  });

  it("lets others have their turn while it copies and removes, and drops a copy that is cancelled", async () => {
    for (let i = 0; i < 30; i++) {
      mkdirSync(space.at("d", String(i)), { recursive: true });
      for (let j = 0; j < 50; j++) writeFileSync(space.at("d", String(i), String(j)), "x");
    }
    let turns = 0;
    const timer = setInterval(() => turns++, 1);
    await move("d", "d2", { copy: true });
    expect(turns).toBeGreaterThan(1);
    turns = 0;
    await sandbox.remove(sandbox.parse("d2"), { recursive: true });
    expect(turns).toBeGreaterThan(0);
    clearInterval(timer);
    const signal = AbortSignal.timeout(20);
    const copy = sandbox.move(sandbox.parse("d"), sandbox.parse("d3"), { overwrite: false, copy: true, signal });
    await expect(copy).rejects.toThrow("timeout");
    expect(readdirSync(space.root).toSorted()).toEqual(["d", "ok.txt"]);
  });

  it("makes no copy of a file with other names where those are refused", async () => {
    linkSync(join(space.outside, "secret.txt"), space.at("hard"));
    mkdirSync(space.at("d"));
    linkSync(join(space.outside, "secret.txt"), space.at("d", "hard"));
    const strict = space.sandbox({ mode, hardlinks: "deny" });
    for (const from of ["hard", "d"]) {
      const copy = () => strict.move(strict.parse(from), strict.parse("copy"), { overwrite: false, copy: true });
      expect((await rejection(copy)).kind).toBe("denied");
    }
    expect(readdirSync(space.root).toSorted()).toEqual(["d", "hard", "ok.txt"]);
  });

  it("keeps no descriptor open", async () => {
    symlinkSync("../outside", space.at("out"));
    truncateSync(space.at("ok.txt"), 5);
    const before = descriptors();
    for (const action of [
      () => read("ok.txt"),
      () => refusal(() => read("out/secret.txt")),
      () => refusal(() => read("missing")),
      () => refusal(() => read(".")),
      () => write("w", "x"),
      () => write("w", "y"),
      () => refusal(() => write("out/x", "x")),
      () => sandbox.readDirectory(sandbox.parse("."), { stat: true }),
      () => move("w", "v"),
      () => move("v", "u", { copy: true }),
      () => rejection(() => move("u", "v")),
      () => sandbox.remove(sandbox.parse("v"), { recursive: false }),
      () => sandbox.makeDirectories(sandbox.parse("p/q")),
      () => sandbox.remove(sandbox.parse("p"), { recursive: true }),
    ])
      await action();
    expect(descriptors()).toBe(before);
  });
});

it.runIf(linux)("refuses to run unpinned where that is required (only on linux)", () => {
  using space = workspace();
  expect(refusal(() => space.sandbox({ mode: "checked", sandbox: "require" })).hint).toContain("--sandbox auto");
  expect(space.sandbox({ sandbox: "require" }).mode).toBe("pinned");
});
