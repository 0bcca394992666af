import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { writeDocuments } from "../../src/docs/write-documents.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "mooring-documents-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const document = (name: string, after: string, before?: string) => {
  if (before !== undefined) writeFileSync(join(folder, name), before);
  return { path: join(folder, name), before, after };
};
const text = (name: string) => readFileSync(join(folder, name), "utf8");

describe("writeDocuments", () => {
  it("replaces and makes files, and leaves nothing else", () => {
    writeDocuments([document("a", "new", "old"), document("b", "first")]);
    expect(readdirSync(folder).toSorted()).toEqual(["a", "b"]);
    expect([text("a"), text("b")]).toEqual(["new", "first"]);
  });

  it("keeps who may read a file", () => {
    const a = document("a", "new", "old");
    chmodSync(a.path, 0o640);
    writeDocuments([a]);
    expect(statSync(a.path).mode & 0o777).toBe(0o640);
  });

  it("writes none where one cannot be prepared", () => {
    const lost = { path: join(folder, "missing/b"), before: undefined, after: "new" };
    expect(() => writeDocuments([document("a", "new", "old"), lost])).toThrow("ENOENT");
    expect(readdirSync(folder)).toEqual(["a"]);
    expect(text("a")).toBe("old");
  });

  it("puts back what it replaced where a later one cannot be", () => {
    // A folder of that name appeared meanwhile: only the replacing fails.
    mkdirSync(join(folder, "c/full"), { recursive: true });
    const taken = { path: join(folder, "c"), before: undefined, after: "new" };
    expect(() => writeDocuments([document("a", "new", "old"), document("b", "first"), taken])).toThrow(/^E[A-Z]+: /);
    expect(readdirSync(folder).toSorted()).toEqual(["a", "c"]);
    expect(text("a")).toBe("old");
  });
});
