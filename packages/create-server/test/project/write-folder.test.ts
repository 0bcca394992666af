import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { Problem } from "../../src/problem.ts";
import { refuseTaken, writeFolder } from "../../src/project/write-folder.ts";

const files = new Map([
  ["package.json", "{}\n"],
  [".github/workflows/ci.yml", "on: push\n"],
  ["src/tools/index.ts", ""],
]);
// A file where a folder has to be: the third one fails.
const impossible = new Map([
  ["a", ""],
  ["b/c", ""],
  ["a/b", ""],
]);

let base: string;
beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), "write-folder-"));
});
afterEach(() => rmSync(base, { recursive: true, force: true }));

/** Everything below a folder, files with their text. */
function tree(folder: string): Record<string, string> {
  return Object.fromEntries(
    readdirSync(folder, { recursive: true, encoding: "utf8" })
      .toSorted()
      .map((path) => [path, statSync(join(folder, path)).isFile() ? readFileSync(join(folder, path), "utf8") : "/"]),
  );
}

const whole = {
  ".github": "/",
  ".github/workflows": "/",
  ".github/workflows/ci.yml": "on: push\n",
  "package.json": "{}\n",
  src: "/",
  "src/tools": "/",
  "src/tools/index.ts": "",
};

describe("a folder is written whole", () => {
  test("where there is none, nor the ones above it", () => {
    writeFolder(join(base, "a/b/weather"), files);
    expect(tree(join(base, "a/b/weather"))).toEqual(whole);
    expect(readdirSync(join(base, "a/b"))).toEqual(["weather"]);
  });

  test("into an empty one, which stays the same folder, as a shell in it needs", () => {
    mkdirSync(join(base, "weather"));
    const { ino } = statSync(join(base, "weather"));
    writeFolder(join(base, "weather"), files);
    expect(tree(join(base, "weather"))).toEqual(whole);
    expect(statSync(join(base, "weather")).ino).toBe(ino);
    expect(readdirSync(base)).toEqual(["weather"]);
  });

  test("through a link to an empty one", () => {
    mkdirSync(join(base, "real"));
    symlinkSync(join(base, "real"), join(base, "weather"));
    writeFolder(join(base, "weather"), files);
    expect(tree(join(base, "real"))).toEqual(whole);
  });

  test("with the modes that this person's files have", (context) => {
    if (process.platform === "win32") return context.skip("Windows has no modes");
    const before = process.umask(0o022);
    try {
      writeFolder(join(base, "weather"), files);
    } finally {
      process.umask(before);
    }
    expect((statSync(join(base, "weather")).mode & 0o777).toString(8)).toBe("755");
    expect((statSync(join(base, "weather/src")).mode & 0o777).toString(8)).toBe("755");
    expect((statSync(join(base, "weather/package.json")).mode & 0o777).toString(8)).toBe("644");
    return undefined;
  });
});

describe("a folder that is taken is refused and stays as it is:", () => {
  test("one with a file in it", () => {
    mkdirSync(join(base, "weather"));
    writeFileSync(join(base, "weather/.keep"), "mine");
    for (const refused of [refuseTaken, (directory: string) => writeFolder(directory, files)])
      expect(() => refused(join(base, "weather"))).toThrow(
        new Problem(
          `${join(base, "weather")} is not empty. Choose another directory, or empty it. Nothing was written.`,
        ),
      );
    expect(tree(base)).toEqual({ weather: "/", "weather/.keep": "mine" });
  });

  test("a file of that name", () => {
    writeFileSync(join(base, "weather"), "mine");
    for (const refused of [refuseTaken, (directory: string) => writeFolder(directory, files)])
      expect(() => refused(join(base, "weather"))).toThrow(
        new Problem(`${join(base, "weather")} is a file. Choose another directory. Nothing was written.`),
      );
    expect(tree(base)).toEqual({ weather: "mine" });
  });

  test("one below a file", () => {
    writeFileSync(join(base, "file"), "mine");
    for (const below of ["file/weather", "file/deep/weather"])
      expect(() => writeFolder(join(base, below), files)).toThrow(
        new RegExp(`^${join(base, below)} cannot be written \\(E\\w+\\)\\. Nothing was written\\.$`),
      );
    expect(tree(base)).toEqual({ file: "mine" });
  });
});

describe("what fails halfway leaves nothing", () => {
  test("where there was no folder, nor the ones above it", () => {
    expect(() => writeFolder(join(base, "a/b/weather"), impossible)).toThrow(Problem);
    expect(tree(base)).toEqual({});
  });

  test("where the one above was there", () => {
    mkdirSync(join(base, "a"));
    expect(() => writeFolder(join(base, "a/weather"), impossible)).toThrow(Problem);
    expect(tree(base)).toEqual({ a: "/" });
  });

  test("in an empty folder, which stays", () => {
    mkdirSync(join(base, "weather"));
    expect(() => writeFolder(join(base, "weather"), impossible)).toThrow(
      /cannot be written \(E\w+\)\. Nothing was written/,
    );
    expect(tree(base)).toEqual({ weather: "/" });
    expect(existsSync(join(base, "weather"))).toBe(true);
  });

  test("a name that is too long for the system is one plain line", () => {
    expect(() => writeFolder(join(base, "x".repeat(300), "weather"), files)).toThrow(/ENAMETOOLONG/);
    expect(tree(base)).toEqual({});
  });
});
