import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { replaceFiles } from "../../src/project/replace-files.ts";

let base: string;
const at = (path: string) => join(base, path);
beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), "replace-"));
  for (const name of ["a", "b"]) writeFileSync(at(name), `old ${name}`);
});
afterEach(() => rmSync(base, { recursive: true, force: true }));

const tree = () =>
  Object.fromEntries(
    readdirSync(base, { recursive: true, encoding: "utf8" })
      .filter((path) => statSync(at(path)).isFile())
      .map((path) => [path, readFileSync(at(path), "utf8")]),
  );

describe("files", () => {
  test("are replaced, made with their folders, and removed", () => {
    replaceFiles(
      new Map([
        [at("a"), "new a"],
        [at("deep/er/c"), "new c"],
      ]),
      [at("b")],
    );
    expect(tree()).toEqual({ a: "new a", "deep/er/c": "new c" });
  });

  test("keep their mode", (context) => {
    if (process.platform === "win32") return context.skip("Windows has no modes");
    chmodSync(at("a"), 0o777);
    replaceFiles(new Map([[at("a"), "new a"]]));
    return expect((statSync(at("a")).mode & 0o777).toString(8)).toBe("777");
  });

  test("stay as they were where one of them cannot be written", () => {
    const texts = new Map([
      [at("a"), "new a"],
      [at("b/c"), "below a file"],
    ]);
    expect(() => replaceFiles(texts, [at("b")])).toThrow(/b\/c cannot be written \(E\w+\)\. Nothing was changed\.$/);
    expect(tree()).toEqual({ a: "old a", b: "old b" });
  });

  test("of which some were replaced when the system refused one are named honestly", () => {
    mkdirSync(at("d/full"), { recursive: true });
    const texts = new Map([
      [at("a"), "new a"],
      [at("d"), "in place of a folder"],
    ]);
    expect(() => replaceFiles(texts)).toThrow(
      /\/d cannot be written \(E\w+\)\. Some files were changed before it: git diff shows them\.$/,
    );
    expect(tree()).toEqual({ a: "new a", b: "old b" });
  });
});
