import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { compareExports, compareWorkspace } from "../compare-surfaces.ts";
import { libraryExports } from "../library-exports.ts";
import { root } from "../workspace.mjs";

describe("what a library exports", () => {
  it("is what its entry files' texts say", () => {
    const files: Record<string, string> = {
      "package.json": JSON.stringify({
        exports: {
          ".": { types: "./dist/index.d.ts", default: "./dist/index.js" },
          "./package.json": "./package.json",
        },
      }),
      "src/index.ts": `
        // export const commented = 1;
        /* export { alsoCommented } from "./x.ts"; */
        import { inner } from "./inner.ts";
      `.concat(`
export { type A, b, type C as D, e as f } from "./some.ts";
export type { G } from "./some.ts";
export * from "./more/all.ts";
export const h: Record<string, string> = {}, unread = 1;
export async function i<T>(value: T): Promise<T> { return value; }
export function j() {}
export class K extends Error {}
export interface L<T> extends M {}
export type N = { o: string };
export abstract class P {}
`),
      "src/more/all.ts": 'export { q } from "./q.ts";\nexport * from "../deeper.ts";\n',
      "src/deeper.ts": "export const r = 1;\n",
    };
    expect([...libraryExports((path) => files[path])].toSorted()).toEqual([
      ".",
      ".: type A",
      ".: type D",
      ".: type G",
      ".: type L",
      ".: type N",
      ".: value K",
      ".: value P",
      ".: value b",
      ".: value f",
      ".: value h",
      ".: value i",
      ".: value j",
      ".: value q",
      ".: value r",
    ]);
  });

  it.for([
    "export default 1;",
    'export * from "elsewhere";',
    'export * as x from "./x.ts";',
    "export const { a } = b;",
  ])("is not guessed: %s", (text) => {
    const files: Record<string, string> = { "package.json": '{ "exports": { ".": "./dist/a.js" } }', "src/a.ts": text };
    expect(() => libraryExports((path) => files[path])).toThrow("is an export of a form");
    delete files["src/a.ts"];
    expect(() => libraryExports((path) => files[path])).toThrow("src/a.ts is not there");
  });

  it("is, for core, what can be imported", async () => {
    const read = (path: string) => readFileSync(join(root, "packages/core", path), "utf8");
    const all = [...libraryExports(read)];
    for (const subpath of [".", "./stdio", "./http", "./docs", "./bundle", "./testing"]) {
      const module = (await import(subpath.replace(".", "@mooring/core"))) as object;
      const values = all.flatMap((name) => (name.startsWith(`${subpath}: value `) ? [name.split(" ").at(-1)] : []));
      expect(new Set(values)).toEqual(new Set(Object.keys(module)));
    }
  });

  it("changes by names and by what they are", () => {
    const before = new Set([".", ".: value a", ".: value b", ".: type c", "./x"]);
    const after = new Set([".", ".: value a", ".: type b", ".: value c", ".: type d"]);
    expect(compareExports(before, after).map(({ level, where, what }) => `${level} ${where}: ${what}`)).toEqual(
      [
        "major .: value b: is only a type now",
        "minor .: type d: is new",
        "minor .: value c: is a value now",
        "major ./x: is gone",
      ].toSorted((a, b) => (a.slice(6) < b.slice(6) ? -1 : 1)),
    );
    expect(compareExports(before, before)).toEqual([]);
  });
});

describe("a workspace", () => {
  let workspace: string;
  beforeEach(() => {
    workspace = mkdtempSync(join(tmpdir(), "mooring-surfaces-"));
    for (const name of ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"]) vi.stubEnv(name, undefined);
    vi.stubEnv("GIT_CONFIG_GLOBAL", join(workspace, "none"));
    vi.stubEnv("GIT_CONFIG_NOSYSTEM", "1");
    vi.stubEnv("GIT_CEILING_DIRECTORIES", dirname(workspace));
    write("servers/notes/package.json", '{ "name": "notes", "version": "1.0.0" }');
    write("servers/notes/test/__surface__/read.json", '{ "name": "read" }');
    write("packages/lib/package.json", '{ "name": "lib", "version": "0.1.0", "exports": { ".": "./dist/index.js" } }');
    write("packages/lib/src/index.ts", "export const a = 1;\nexport const b = 1;\n");
    write("packages/program/package.json", '{ "name": "program", "version": "0.1.0" }');
    write(".changeset/config.json", "{}");
  });
  afterEach(() => {
    vi.unstubAllEnvs();
    rmSync(workspace, { recursive: true, force: true });
  });

  function write(file: string, text: string): void {
    mkdirSync(dirname(join(workspace, file)), { recursive: true });
    writeFileSync(join(workspace, file), text);
  }

  function release(): void {
    const identity = ["-c", "user.name=t", "-c", "user.email=t@t.invalid", "-c", "commit.gpgsign=false"];
    const commands = [
      ["init", "-q"],
      ["add", "-A"],
      ["commit", "-q", "-m", "x"],
      ["tag", "notes@1.0.0"],
      ["tag", "lib@0.1.0"],
    ];
    for (const args of commands)
      expect(spawnSync("git", [...identity, ...args], { cwd: workspace, encoding: "utf8" })).toMatchObject({
        status: 0,
      });
  }

  function compared() {
    const lines: string[] = [];
    const status = compareWorkspace(workspace, (line) => lines.push(line));
    return { status, text: lines.join("\n") };
  }

  it("is as high as its servers and libraries need", () => {
    release();
    expect(compared()).toEqual({
      status: 0,
      text: "notes 1.0.0, compared with notes@1.0.0: nothing changed that others can see.\nlib 0.1.0, compared with lib@0.1.0: nothing changed that others can see.",
    });
    write("packages/lib/src/index.ts", "export const a = 1;\nexport const c = 1;\n");
    write("servers/notes/test/__surface__/read.json", '{ "name": "read", "title": "Read" }');
    const { status, text } = compared();
    expect(status).toBe(1);
    expect(text).toContain("patch  read: its title changed\nA patch release is due, but nothing announces one.");
    expect(text).toContain(
      "  major  .: value b: is gone\n  minor  .: value c: is new\nA minor release is due (before 1.0.0",
    );
    write(".changeset/a.md", '---\n"lib": minor\n"notes": patch\n---\n\nX.\n');
    expect(compared().status).toBe(0);
  });

  it("says what cannot be compared, and goes on", () => {
    const { status, text } = compared();
    expect(status).toBe(2);
    expect(text).toMatch(/^servers\/notes: .* is in no git repository.*\npackages\/lib: .* is in no git repository/);
  });
});
