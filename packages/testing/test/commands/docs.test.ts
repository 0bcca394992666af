import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { manifestWith, projectFolder, standard } from "../docs/project-folder.ts";

const bin = fileURLToPath(new URL("../../src/bin.ts", import.meta.url));

function docs(folder: string, ...args: readonly string[]) {
  return docsIn({}, folder, ...args);
}

function docsIn(env: Readonly<Record<string, string>>, folder: string, ...args: readonly string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [bin, "docs", ...args], {
    cwd: folder,
    encoding: "utf8",
    // Where this test runs is not what it is about.
    env: { ...process.env, CI: "", NODE_NO_WARNINGS: "1", ...env },
  });
  return { status, stdout, stderr };
}

describe("mooring-testing docs", () => {
  it("writes the documents, and then has nothing to do", () => {
    using folder = projectFolder();
    expect(docs(folder.path)).toEqual({
      status: 0,
      stdout: "Wrote README.md, server.json, manifest.json.\n",
      stderr: "",
    });
    expect(readFileSync(join(folder.path, "README.md"), "utf8")).toContain("| `read` | 0 | 0 |");
    expect(docs(folder.path)).toEqual({ status: 0, stdout: "The documents are up to date.\n", stderr: "" });
    expect(docs(folder.path, "--check").status).toBe(0);
  });

  it("--check writes nothing and says what to run", () => {
    using folder = projectFolder();
    expect(docs(folder.path, "--check")).toEqual({
      status: 1,
      stdout: "",
      stderr: "Out of date: README.md, server.json, manifest.json. Run: npx mooring-testing docs\n",
    });
    expect(existsSync(join(folder.path, "server.json"))).toBe(false);
    expect(readFileSync(join(folder.path, "README.md"), "utf8")).toBe(standard["README.md"]);
    using scripted = projectFolder(manifestWith({ scripts: { docs: "mooring-testing docs" } }));
    expect(docs(scripted.path, "--check").stderr).toMatch(/Run: npm run docs\n$/);
  });

  it("only compares in CI, unless it is told to write", () => {
    using folder = projectFolder();
    expect(docsIn({ CI: "1" }, folder.path)).toMatchObject({
      status: 1,
      stderr: expect.stringMatching(/^Out of date/) as string,
    });
    expect(existsSync(join(folder.path, "server.json"))).toBe(false);
    expect(docsIn({ CI: "1" }, folder.path, "--write").status).toBe(0);
    expect(docsIn({ CI: "1" }, folder.path).status).toBe(0);
    expect(docs(folder.path, "--write", "--check")).toMatchObject({ status: 2 });
  });

  it("writes all or nothing", () => {
    using folder = projectFolder({ "README.md": "<!-- begin:tools -->\n" });
    expect(docs(folder.path)).toEqual({
      status: 1,
      stdout: "",
      stderr: 'README.md: The section "tools" has no <!-- end:tools -->.\n',
    });
    expect(existsSync(join(folder.path, "manifest.json"))).toBe(false);
  });

  it("says what is wrong in one line, without a stack", () => {
    using broken = projectFolder({ "src/server.ts": "export const a = ;" });
    const { status, stderr } = docs(broken.path);
    expect(status).toBe(1);
    expect(stderr).toMatch(/^src\/server\.ts cannot be loaded: [^\n]*\n$/);
    using elsewhere = projectFolder({ "src/server.ts": undefined });
    expect(docs(elsewhere.path).stderr).toBe("There is no src/server.ts here: run this in the folder of a server.\n");
  });

  it("says what was left out", () => {
    using folder = projectFolder(manifestWith({ repository: undefined }));
    const { status, stdout, stderr } = docs(folder.path);
    expect({ status, stdout }).toEqual({ status: 0, stdout: "Wrote README.md, manifest.json.\n" });
    expect(stderr).toMatch(/^server\.json was left out: .*add "mcpName": "io\.github\.<owner>\/demo"\.\n$/);
  });

  it("refuses what it does not know, and helps", () => {
    using folder = projectFolder();
    const wrong = docs(folder.path, "--chekc");
    expect(wrong.status).toBe(2);
    expect(wrong.stderr).toMatch(/--chekc[^]*Usage: mooring-testing docs \[--check \| --write\]\n$/);
    expect(docs(folder.path, "servers/x").status).toBe(2);
    expect(docs(folder.path, "--help").stderr).toContain("server.json    for the MCP registry");
    expect(existsSync(join(folder.path, "server.json"))).toBe(false);
  });
});
