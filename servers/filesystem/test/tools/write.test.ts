import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { createHash } from "node:crypto";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { serve, undoId } from "./server.ts";

const hash = (text: string | Buffer): string => createHash("sha256").update(text).digest("hex").slice(0, 16);

describe("create", () => {
  test("makes the file and its directories, and undo takes both away", async () => {
    await using server = await serve();
    const path = join(server.files.root, "x/y/t");
    const text = await server.ok("write", { path, content: "hello" });
    expect(text).toBe(`Created ${path}: 5 bytes, hash ${hash("hello")}. undo id ${undoId(text)}.`);
    expect(readFileSync(path, "utf8")).toBe("hello");
    await server.ok("undo", { id: undoId(text) });
    expect(readdirSync(server.files.root)).toEqual([]);
  });

  test("never replaces anything: files, directories, links, even dangling ones", async () => {
    await using server = await serve();
    const { root } = server.files;
    writeFileSync(join(root, "t"), "precious");
    mkdirSync(join(root, "d"));
    symlinkSync("../outside", join(root, "dangling"));
    expect(await server.fails("write", { path: "t", content: "x" })).toMatch(/^conflict: .*exists already\..*if_hash/);
    expect(await server.fails("write", { path: "d", content: "x" })).toMatch(/^conflict: .*is a directory/);
    for (const mode of ["create", "append", "overwrite"])
      expect(await server.fails("write", { path: "dangling", content: "x", mode })).toMatch(
        /^conflict: .*link that leads nowhere or out/,
      );
    expect(readlinkSync(join(root, "dangling"))).toBe("../outside");
    expect(readFileSync(join(root, "t"), "utf8")).toBe("precious");
    expect(existsSync(join(root, "../outside"))).toBe(false);
  });

  test("a hundred at once: exactly one wins", async () => {
    await using server = await serve();
    const results = await Promise.all(
      Array.from({ length: 100 }, (_, index) => server.mcp.call("write", { path: "t", content: String(index) })),
    );
    expect(results.filter(({ isError }) => !isError)).toHaveLength(1);
  });

  test("a path ending in / makes a directory, once", async () => {
    await using server = await serve();
    const { root } = server.files;
    const text = await server.ok("write", { path: "a/b/" });
    expect(text).toMatch(/^Created the directory \S+\/a\/b\. undo id/);
    expect(await server.ok("write", { path: "a/b/" })).toBe(`The directory ${join(root, "a/b")} was there already.`);
    expect(await server.fails("write", { path: "c/", content: "x" })).toMatch(
      /^invalid_input: .*directory, which has no content/,
    );
    writeFileSync(join(root, "f"), "");
    expect(await server.fails("write", { path: "f/" })).toMatch(/^invalid_input: /);
    await server.ok("undo", { id: undoId(text) });
    expect(readdirSync(root)).toEqual(["f"]);
  });
});

describe("replace", () => {
  test("needs the hash and says where to get it", async () => {
    await using server = await serve();
    writeFileSync(join(server.files.root, "t"), "v1");
    expect(await server.fails("write", { path: "t", content: "v2", mode: "replace" })).toBe(
      'invalid_input: mode "replace" needs `if_hash`. Take it from `read`; `as: "info"` is enough.',
    );
    expect(await server.fails("write", { path: "t", content: "v2", mode: "replace", if_hash: "0000" })).toMatch(
      /^conflict: .*its hash is/,
    );
    const text = await server.ok("write", { path: "t", content: "v2", mode: "replace", if_hash: hash("v1") });
    expect(text).toMatch(/^Replaced \S+: 2 bytes, hash /);
    expect(readFileSync(join(server.files.root, "t"), "utf8")).toBe("v2");
    await server.ok("undo", { id: undoId(text) });
    expect(readFileSync(join(server.files.root, "t"), "utf8")).toBe("v1");
  });

  test("is at the write level, and a missing file is named", async () => {
    await using server = await serve({ access: "write" });
    writeFileSync(join(server.files.root, "t"), "v1");
    await server.ok("write", { path: "t", content: "v2", mode: "replace", if_hash: hash("v1") });
    expect(await server.fails("write", { path: "t", content: "v3", mode: "overwrite" })).toMatch(/^invalid_input: /);
    expect(await server.fails("write", { path: "u", content: "", mode: "replace", if_hash: hash("v1") })).toMatch(
      /^not_found: .*"create"/,
    );
  });

  test("keeps the mode; a link stays a link and its target is replaced", async () => {
    await using server = await serve();
    const { root } = server.files;
    writeFileSync(join(root, "t"), "v1");
    chmodSync(join(root, "t"), 0o640);
    symlinkSync("t", join(root, "l"));
    await server.ok("write", { path: "l", content: "v2", mode: "overwrite" });
    expect([
      readFileSync(join(root, "t"), "utf8"),
      readlinkSync(join(root, "l")),
      statSync(join(root, "t")).mode & 0o777,
    ]).toEqual(["v2", "t", 0o640]);
  });
});

describe("append", () => {
  test("adds to the end, makes what is missing, and is undone by cutting off", async () => {
    await using server = await serve();
    const path = join(server.files.root, "log");
    const first = await server.ok("write", { path: "log", content: "a\n", mode: "append" });
    expect(first).toMatch(/^Created /);
    const second = await server.ok("write", { path: "log", content: "b\n", mode: "append" });
    expect(second).toMatch(new RegExp(`^Appended to \\S+: 2 bytes, hash ${hash("a\nb\n")}\\.`));
    await server.ok("undo", { id: undoId(second) });
    expect(readFileSync(path, "utf8")).toBe("a\n");
  });

  test("UTF-8 behind UTF-16 is refused; keep encodes it", async () => {
    await using server = await serve();
    const path = join(server.files.root, "t");
    const before = Buffer.from("\ufeffa\r\n", "utf16le");
    writeFileSync(path, before);
    expect(await server.fails("write", { path: "t", content: "é\n", mode: "append" })).toMatch(
      /^invalid_input: .*utf-16le.*"keep"/,
    );
    await server.ok("write", { path: "t", content: "é\n", mode: "append", encoding: "keep" });
    expect(readFileSync(path)).toEqual(Buffer.concat([before, Buffer.from("é\r\n", "utf16le")]));
  });
});

describe("encodings", () => {
  test("base64 writes exact bytes, and refuses what is none", async () => {
    await using server = await serve();
    const bytes = Buffer.from([0, 255, 254, 10, 13]);
    await server.ok("write", { path: "b", content: bytes.toString("base64"), encoding: "base64" });
    expect(readFileSync(join(server.files.root, "b"))).toEqual(bytes);
    for (const content of ["%%%", "abcde", "a===", "é"])
      expect(await server.fails("write", { path: "c", content, encoding: "base64" })).toMatch(
        /^invalid_input: `content` is not base64/,
      );
  });

  test("keep takes encoding, BOM and line ends from the file", async () => {
    await using server = await serve();
    const path = join(server.files.root, "t");
    for (const [bom, encoding] of [
      ["\ufeff", "utf8"],
      ["\ufeff", "utf16le"],
      ["", "utf8"],
    ] as const) {
      const before = Buffer.from(`${bom}a\r\nb\r\n`, encoding);
      writeFileSync(path, before);
      await server.ok("write", {
        path: "t",
        content: "x\ny\r\né",
        mode: "replace",
        encoding: "keep",
        if_hash: hash(before),
      });
      expect(readFileSync(path)).toEqual(Buffer.from(`${bom}x\r\ny\r\né`, encoding));
    }
    writeFileSync(path, Buffer.from([0, 1]));
    expect(await server.fails("write", { path: "t", content: "x", mode: "overwrite", encoding: "keep" })).toMatch(
      /^invalid_input: .*binary/,
    );
    await server.ok("write", { path: "new", content: "x\n", encoding: "keep" });
    expect(readFileSync(join(server.files.root, "new"), "utf8")).toBe("x\n");
  });
});

describe("overwrite", () => {
  test("asks in our words, and a no changes nothing", async () => {
    const questions: string[] = [];
    await using server = await serve({
      answer: (message) => {
        questions.push(message);
        return questions.length > 1;
      },
    });
    const path = join(server.files.root, "t\n\u202e");
    writeFileSync(path, "v1");
    expect(await server.fails("write", { path, content: "v2", mode: "overwrite" })).toMatch(/^denied: /);
    expect(readFileSync(path, "utf8")).toBe("v1");
    await server.ok("write", { path, content: "v2!", mode: "overwrite" });
    expect(readFileSync(path, "utf8")).toBe("v2!");
    expect(questions[0]).toBe(
      `Files: Write a file?\nTarget: ${server.files.root}/t\\n\\u202e\nEffect: Replaces the whole file (2 bytes) by 2 bytes. \`undo\` can bring it back for 7 days.`,
    );
  });

  test("nobody is asked about a call that cannot run", async () => {
    await using server = await serve({ answer: () => expect.unreachable() as never });
    const { root } = server.files;
    mkdirSync(join(root, "d"));
    writeFileSync(join(root, "t"), "v1");
    expect(await server.fails("write", { path: "d", content: "", mode: "overwrite" })).toMatch(
      /^invalid_input: .*is a directory/,
    );
    expect(await server.fails("write", { path: "t", content: "", mode: "overwrite", if_hash: "0000" })).toMatch(
      /^conflict: /,
    );
    expect(await server.fails("write", { path: "../t", content: "", mode: "overwrite" })).toMatch(/^not_found: /);
    writeFileSync(server.files.stateDir, "not a folder");
    expect(await server.fails("write", { path: "t", content: "", mode: "overwrite" })).toMatch(
      /^unavailable: Refused.*--state-dir.*--journal off/,
    );
  });

  test("with --journal off it goes on, and the question says what that means", async () => {
    const questions: string[] = [];
    await using server = await serve({ journal: { enabled: false }, answer: (message) => questions.push(message) > 0 });
    writeFileSync(join(server.files.root, "t"), "v1");
    expect(await server.ok("write", { path: "t", content: "v2", mode: "overwrite" })).toMatch(
      /^Replaced .*hash [0-9a-f]+\.$/,
    );
    expect(questions[0]).toContain("The journal is off: it cannot be undone.");
    expect(await server.ok("undo", {})).toMatch(/^The journal is off/);
  });
});
