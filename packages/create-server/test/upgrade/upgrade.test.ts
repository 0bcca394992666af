import { execFileSync } from "node:child_process";
import {
  chmodSync,
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
import { dirname, join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Answers } from "../../src/answers/answers.ts";
import { namesOf } from "../../src/answers/names.ts";
import { Problem } from "../../src/problem.ts";
import { readRecord, RECORD, writeRecord } from "../../src/project/record.ts";
import { render } from "../../src/project/render.ts";
import { upgrade } from "../../src/upgrade/upgrade.ts";
import { smallTemplates } from "../small-templates.ts";

const answers: Answers = { names: namesOf("weather"), kind: "local", access: "full", licence: "MIT", author: "Ada" };
const lines = (...all: string[]) => `${all.join("\n")}\n`;

const before = smallTemplates("1.0.0", {
  "same.ts": "1\n",
  "changed.ts": "1 of example\n",
  "both.ts": lines("a", "b", "c", "d", "e"),
  "clash.ts": lines("a", "b", "c"),
  "removed.ts": "1\n",
  "removed-changed.ts": "1\n",
  "given-up.ts": "1\n",
});
const after = smallTemplates("1.1.0", {
  "same.ts": "1\n",
  "changed.ts": "2 of example\n",
  "both.ts": lines("a", "b", "c", "d", "E"),
  "clash.ts": lines("a", "theirs", "c"),
  "given-up.ts": "2\n",
  "src/added.ts": "Example\n",
});

let base: string;
let root: string;
const at = (path: string) => join(root, path);
const read = (path: string) => readFileSync(at(path), "utf8");
const write = (path: string, text: string) => {
  mkdirSync(dirname(at(path)), { recursive: true });
  writeFileSync(at(path), text);
};
const git = (...args: string[]) =>
  execFileSync("git", ["-c", "user.name=Ada", "-c", "user.email=ada@acme.test", ...args], { cwd: root, stdio: "pipe" });
const commit = () => {
  git("add", "-A");
  git("commit", "-qm", "All", "--allow-empty");
};

beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), "upgrade-"));
  root = join(base, "weather");
  const files = render(before, { answers, place: "standalone", year: 2031 });
  for (const [path, text] of files) write(path, text);
  write(RECORD, writeRecord({ version: "1.0.0", year: 2031, answers, generated: undefined, base: files }));
  git("init", "-q");
  git("config", "core.autocrlf", "false");
  commit();
});
afterEach(() => rmSync(base, { recursive: true, force: true }));

/** Everything but git's own, by path. */
const tree = () =>
  Object.fromEntries(
    readdirSync(root, { recursive: true, encoding: "utf8" })
      .filter((path) => !/^\.git(?:\/|$)/.test(path) && statSync(at(path)).isFile())
      .map((path) => [path, read(path)]),
  );

/** What an author does in the meantime. */
function author(): void {
  write("both.ts", lines("A", "b", "c", "d", "e"));
  write("clash.ts", lines("a", "mine", "c"));
  write("removed-changed.ts", "mine\n");
  rmSync(at("given-up.ts"));
  write("own.ts", "mine\n");
  commit();
}

describe("an upgrade", () => {
  test("has nothing to do where the template is the same, whatever the author did", () => {
    author();
    const all = tree();
    for (const apply of [false, true])
      expect(upgrade(root, before, { apply })).toBe(
        "Nothing to do: the project has everything of the template 1.0.0.\n",
      );
    expect(tree()).toEqual(all);
  });

  test("shows what the template has changed and what would happen, and changes nothing", () => {
    author();
    const all = tree();
    const shown = upgrade(root, after, { apply: false });
    expect(shown).toContain("--- a/changed.ts\n+++ b/changed.ts\n@@ -1 +1 @@\n-1 of weather\n+2 of weather\n");
    expect(shown).toContain("+++ b/src/added.ts\n@@ -0,0 +1 @@\n+Weather\n");
    expect(shown).not.toContain("mine");
    expect(shown.slice(shown.indexOf("\n  changed   ") + 1)).toBe(`  changed   both.ts
  changed   changed.ts
  CONFLICT  clash.ts: yours is kept, the template's is clash.ts.template; take over what you want and delete it
  left      given-up.ts: you removed it
  left      removed-changed.ts: the template no longer has it; yours differs
  removed   removed.ts
  changed   src/added.ts
npm create @mooring/server -- --upgrade --apply makes these changes.
`);
    expect(tree()).toEqual(all);
  });

  test("makes these changes when it is told to, once", () => {
    author();
    const { [RECORD]: _old, ...all } = tree();
    const said = upgrade(root, after, { apply: true });
    expect(said).toContain("  changed   both.ts\n");
    expect(said.endsWith("\nNow run npm install and npm test, and read git diff.\n")).toBe(true);
    const { [RECORD]: record = "", ...now } = tree();
    const { "removed.ts": _removed, ...kept } = all;
    expect(now).toEqual({
      ...kept,
      "changed.ts": "2 of weather\n",
      "both.ts": lines("A", "b", "c", "d", "E"),
      "clash.ts.template": lines("a", "theirs", "c"),
      "src/added.ts": "Weather\n",
    });
    expect(readRecord(record)).toMatchObject({ version: "1.1.0", year: 2031, answers });
    commit();
    for (const apply of [false, true])
      expect(upgrade(root, after, { apply })).toBe(
        "Nothing to do: the project has everything of the template 1.1.0.\n",
      );
  });

  test("that the author has made by hand is remembered, so that the next starts from it", () => {
    for (const [path, text] of render(after, { answers, place: "standalone", year: 2031 })) write(path, text);
    for (const path of ["removed.ts", "removed-changed.ts"]) rmSync(at(path));
    commit();
    expect(upgrade(root, after, { apply: true })).toMatch(/^Nothing to do/);
    expect(readRecord(read(RECORD)).version).toBe("1.1.0");
  });

  test("keeps what a person has made executable", (context) => {
    if (process.platform === "win32") return context.skip("Windows has no modes");
    chmodSync(at("changed.ts"), 0o755);
    commit();
    upgrade(root, after, { apply: true });
    return expect((statSync(at("changed.ts")).mode & 0o111).toString(8)).toBe("111");
  });

  test("keeps the line ends of Windows, and sees no change in them", () => {
    author();
    for (const [path, text] of Object.entries(tree())) write(path, text.replaceAll("\n", "\r\n"));
    commit();
    const shown = upgrade(root, after, { apply: true });
    expect(shown.match(/CONFLICT/g)).toHaveLength(1);
    expect(read("changed.ts")).toBe("2 of weather\r\n");
    expect(read("both.ts")).toBe("A\r\nb\r\nc\r\nd\r\nE\r\n");
    expect(read("clash.ts.template")).toBe("a\r\ntheirs\r\nc\r\n");
    expect(existsSync(at("removed.ts"))).toBe(false);
  });

  test("writes through no link that leads out of the project", () => {
    mkdirSync(join(base, "outside"));
    writeFileSync(join(base, "outside/file"), "1 of weather\n");
    rmSync(at("changed.ts"));
    symlinkSync(join(base, "outside/file"), at("changed.ts"));
    symlinkSync(join(base, "outside"), at("src"));
    commit();
    const shown = upgrade(root, after, { apply: true });
    expect(shown).toContain("  left      changed.ts: it leads out of the project\n");
    expect(shown).toContain("  left      src/added.ts: it leads out of the project\n");
    expect(readFileSync(join(base, "outside/file"), "utf8")).toBe("1 of weather\n");
    expect(readdirSync(join(base, "outside"))).toEqual(["file"]);
  });

  test("keeps a link within the project, and changes what it leads to", () => {
    write("real.ts", read("changed.ts"));
    rmSync(at("changed.ts"));
    symlinkSync("real.ts", at("changed.ts"));
    commit();
    upgrade(root, after, { apply: true });
    expect(read("real.ts")).toBe("2 of weather\n");
    expect(read("changed.ts")).toBe("2 of weather\n");
    expect(git("status", "--porcelain").toString()).not.toContain(" T changed.ts");
  });
});

describe("an upgrade is refused, and changes nothing,", () => {
  function refused(templates = after): string {
    const all = existsSync(root) ? tree() : {};
    try {
      return `not refused: ${upgrade(root, templates, { apply: true })}`;
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      return isDeepStrictEqual(existsSync(root) ? tree() : {}, all)
        ? error.message
        : "refused, and something was changed";
    }
  }

  test("with changes that are not committed", () => {
    write("own.ts", "mine\n");
    expect(refused()).toBe(
      "There are changes that are not committed. Commit them first, so that the upgrade can be looked at alone.",
    );
  });

  test("outside git, where nothing could be taken back", () => {
    rmSync(at(".git"), { recursive: true });
    expect(refused()).toMatch(/^--apply wants the project in git, .*git says: fatal: not a git repository.*$/);
  });

  test("for a project of a newer version", () => {
    expect(refused(smallTemplates("0.9.10", {}))).toBe(
      "The project is from version 1.0.0, and this is 0.9.10: run npm create @mooring/server@latest -- --upgrade.",
    );
  });

  test("for a folder that is no project, and one that is not there", () => {
    const message = `${root} has no .mooring/template.json: it was not made by npm create @mooring/server.`;
    rmSync(at(RECORD));
    expect(refused()).toBe(message);
    rmSync(root, { recursive: true });
    expect(refused()).toBe(message);
  });

  test("for a record that cannot be read, or is elsewhere", () => {
    write(RECORD, "{");
    expect(refused()).toBe(".mooring/template.json cannot be read. Take it back from your version control.");
    rmSync(at(RECORD));
    writeFileSync(join(base, "record"), "{}");
    symlinkSync(join(base, "record"), at(RECORD));
    expect(refused()).toBe(".mooring/template.json: it leads out of the project.");
  });
});
