import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { asIn, ownFile } from "../../src/upgrade/own-file.ts";

let base: string;
let root: string;
beforeEach(() => {
  base = realpathSync(mkdtempSync(join(tmpdir(), "own-file-")));
  root = join(base, "project");
  mkdirSync(join(root, "src"), { recursive: true });
  mkdirSync(join(base, "outside"));
  writeFileSync(join(base, "outside/a"), "theirs");
  writeFileSync(join(root, "a"), "mine\n");
});
afterEach(() => rmSync(base, { recursive: true, force: true }));

describe("a file of the project", () => {
  test("is read, and is where it is", () => {
    expect(ownFile(root, "a")).toEqual({ at: join(root, "a"), text: "mine\n", isWindows: false });
  });

  test.for(["b", "src/b", "new/folder/b", "..b"])("that is not there would be at %s", (path) => {
    expect(ownFile(root, path)).toEqual({ at: join(root, path), text: undefined, isWindows: false });
  });

  test("is where a link in the project leads", () => {
    symlinkSync(join(root, "a"), join(root, "link"));
    expect(ownFile(root, "link")).toMatchObject({ at: join(root, "a"), text: "mine\n" });
  });

  test("may be in a project that a link leads to", () => {
    symlinkSync(root, join(base, "link"));
    expect(ownFile(join(base, "link"), "a")).toMatchObject({ at: join(root, "a"), text: "mine\n" });
    expect(ownFile(join(base, "link"), "src/b")).toMatchObject({ at: join(root, "src/b"), text: undefined });
  });
});

describe("out of reach is", () => {
  test.for([
    ["link", "it leads out of the project"],
    ["folder/a", "it leads out of the project"],
    ["folder/new/b", "it leads out of the project"],
    ["../outside/a", "it leads out of the project"],
    ["../new", "it leads out of the project"],
    ["dangling", "it is a link to nothing"],
    ["dangling/b", "it is a link to nothing"],
    ["src", "it is a folder"],
    ["a/b", "there is a file where its folder has to be"],
    ["a/b/c", "there is a file where its folder has to be"],
    ["latin1", "it is not UTF-8 text"],
  ] as const)("%s: %s", ([path, outOfReach]) => {
    symlinkSync(join(base, "outside/a"), join(root, "link"));
    symlinkSync(join(base, "outside"), join(root, "folder"));
    symlinkSync(join(base, "outside/nothing"), join(root, "dangling"));
    writeFileSync(join(root, "latin1"), Buffer.from([0x66, 0xfc, 0x72]));
    expect(ownFile(root, path)).toMatchObject({ text: undefined, outOfReach });
  });
});

describe("line ends", () => {
  test.for([
    ["a\r\nb\r\n", "a\nb\n", true],
    ["a\nb\n", "a\nb\n", false],
    // A file that has both is what it is.
    ["a\r\nb\n", "a\r\nb\n", false],
    ["\na\r\n", "\na\r\n", false],
    ["", "", false],
    ["\ufeffa\r\n", "\ufeffa\n", true],
  ] as const)("%j is read as %j", ([raw, text, isWindows]) => {
    writeFileSync(join(root, "a"), raw);
    const own = ownFile(root, "a");
    expect(own).toMatchObject({ text, isWindows });
    expect(asIn(own, text)).toBe(raw);
  });
});
