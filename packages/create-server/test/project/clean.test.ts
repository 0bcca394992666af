import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { rendered, type Variant, variants } from "./variants.ts";

const root = fileURLToPath(new URL("../../../..", import.meta.url));
const standalone = variants.filter(({ place }) => place === "standalone");

let base: string;
beforeAll(() => {
  base = mkdtempSync(join(tmpdir(), "clean-"));
  link(join(root, "node_modules"), join(base, "node_modules"));
});
afterAll(() => rmSync(base, { recursive: true, force: true }));

/** A project, with what its template has installed. */
function project(group: string, variant: Variant, name: string): ReturnType<typeof rendered> {
  const files = rendered(variant, name);
  const folder = join(base, group, `${variant.kind}-${variant.access}-${name.length}`);
  for (const [path, text] of files) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  link(join(root, "packages/create-server/templates", variant.kind, "node_modules"), join(folder, "node_modules"));
  return files;
}

function link(to: string, at: string): void {
  symlinkSync(to, at, "junction");
}

/** What a tool of the workspace says of all projects of a group. */
function said(group: string, tool: string, args: readonly string[]): string {
  const bin = join(root, "node_modules/.bin", process.platform === "win32" ? `${tool}.cmd` : tool);
  const shell = process.platform === "win32";
  const { status, stdout, stderr } = spawnSync(bin, args, { cwd: join(base, group), encoding: "utf8", shell });
  return status === 0 ? "clean" : `${stdout}${stderr}`;
}

test("a new project is formatted, however long its name is", () => {
  for (const variant of standalone)
    for (const name of ["w", "w-3", "weather", "weather-of-the-day", "w".repeat(40)]) {
      const files = project("format", variant, name);
      writeFileSync(join(base, "format/.oxfmtrc.json"), files.get(".oxfmtrc.json") ?? "");
    }
  expect(said("format", "oxfmt", ["--check"])).toBe("clean");
});

test("a new project is typed and passes its lint, with and without each level's tools", () => {
  for (const variant of standalone) {
    const files = project("types", variant, "weather");
    // One run for all of them: globs of folders begin at the configuration.
    const config = (files.get(".oxlintrc.json") ?? "").replaceAll('"src/tools/', '"*/src/tools/');
    writeFileSync(join(base, "types/.oxlintrc.json"), config);
  }
  const [first] = standalone as [Variant];
  const include = ["*/src", "*/test", "*/*.config.ts"];
  const typed = { extends: `./${first.kind}-${first.access}-7/tsconfig.json`, include };
  writeFileSync(join(base, "types/tsconfig.json"), JSON.stringify(typed));
  expect(said("types", "tsc", ["-p", "."])).toBe("clean");
  expect(said("types", "oxlint", ["--disable-nested-config"])).toBe("clean");
}, 120_000);
