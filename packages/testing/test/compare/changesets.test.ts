import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { changesetText, levelIn, waitingChangesets } from "../../src/compare/changesets.ts";

let folder: string;
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), "mooring-changesets-"))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test.for<[string, string | undefined]>([
  ['---\n"@mooring/notes": minor\n---\n\nWords.\n', "minor"],
  ["---\r\n'@mooring/notes': patch\r\n---\r\n\r\nWords.\r\n", "patch"],
  ["---\n'@mooring/core': patch\n\"@mooring/notes\": 'major'\n---\nWords.", "major"],
  ['---\n"@mooring/notes-more": major\n---\n', undefined],
  ['---\n"@mooring/notes": none\n---\n', undefined],
  ["---\n---\n\nNothing to release.\n", undefined],
  ['Words.\n\n---\n"@mooring/notes": major\n---\n', undefined],
  ["", undefined],
])("%j asks for %s", ([text, level]) => {
  expect(levelIn(text, "@mooring/notes")).toBe(level);
});

test("a bare name needs no quotes", () => {
  expect(levelIn("---\nnotes: minor\n---\n", "notes")).toBe("minor");
});

test("the text to add is one that is understood", () => {
  expect(levelIn(changesetText("@mooring/notes", "minor", ["read: is gone"]), "@mooring/notes")).toBe("minor");
});

test("the highest of all changesets counts, of the first folder that has some", () => {
  expect(waitingChangesets("notes", [join(folder, "a"), folder])).toEqual({ used: false, level: undefined });
  for (const [file, level] of Object.entries({ "one.md": "patch", "two.md": "minor", "README.md": "major" })) {
    mkdirSync(join(folder, ".changeset"), { recursive: true });
    writeFileSync(join(folder, ".changeset", file), `---\n"notes": ${level}\n---\n`);
  }
  expect(waitingChangesets("notes", [join(folder, "a"), folder])).toEqual({ used: true, level: "minor" });
  expect(waitingChangesets("other", [folder])).toEqual({ used: true, level: undefined });
});
