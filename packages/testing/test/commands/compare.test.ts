import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { UsageError } from "../../src/commands/command.ts";
import { compare } from "../../src/commands/compare.ts";

let base: string;
let repository: string;
beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), "mooring-compare-"));
  repository = join(base, "repository");
  mkdirSync(repository);
  // No settings of whoever runs the tests, no hook's repository.
  for (const name of ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"]) vi.stubEnv(name, undefined);
  vi.stubEnv("GIT_CONFIG_GLOBAL", join(base, "none"));
  vi.stubEnv("GIT_CONFIG_NOSYSTEM", "1");
});
afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
  rmSync(base, { recursive: true, force: true });
});

const identity = [
  "-c",
  "user.name=t",
  "-c",
  "user.email=t@t.invalid",
  "-c",
  "commit.gpgsign=false",
  "-c",
  "tag.gpgsign=false",
];

function git(...args: string[]): void {
  const { status, stderr } = spawnSync("git", [...identity, ...args], { cwd: repository, encoding: "utf8" });
  expect({ args, status, stderr }).toMatchObject({ args, status: 0 });
}

function write(file: string, text: string): void {
  mkdirSync(dirname(join(repository, file)), { recursive: true });
  writeFileSync(join(repository, file), text);
}

function commit(): void {
  git("add", "-A");
  git("commit", "-q", "--allow-empty", "-m", "x");
}

const tool = (properties: object) => JSON.stringify({ name: "read", inputSchema: { type: "object", properties } });

/** A project with one tool, released as `tag`; its argument `path` is then taken away, or another one added. */
function released({
  folder = "",
  version = "1.0.0",
  tag = "",
}: { folder?: string; version?: string; tag?: string } = {}) {
  const name = "@mooring/notes";
  git("init", "-q");
  const at = (file: string) => join(folder, file);
  const manifest = (next: string) => write(at("package.json"), JSON.stringify({ name, version: next }));
  manifest(version);
  write(at("test/__surface__/read.json"), tool({ path: { type: "string" } }));
  commit();
  if (tag !== "none") git("tag", tag || `${name}@${version}`);
  return {
    manifest,
    breaks: () => write(at("test/__surface__/read.json"), tool({})),
    adds: () => write(at("test/__surface__/read.json"), tool({ path: { type: "string" }, depth: { type: "integer" } })),
    announce: (level: string, where = ".changeset") =>
      write(`${where}/some.md`, `---\n"${name}": ${level}\n---\n\nX.\n`),
  };
}

async function run(...args: string[]) {
  let [stdout, stderr] = ["", ""];
  vi.spyOn(process.stdout, "write").mockImplementation((text) => ((stdout += String(text)), true));
  vi.spyOn(process.stderr, "write").mockImplementation((text) => ((stderr += String(text)), true));
  const status = await compare.run(args.includes("--folder") ? args : ["--folder", repository, ...args]);
  vi.restoreAllMocks();
  return { status, stdout, stderr };
}

test("a breaking change needs major, and the changeset to add is written out", async () => {
  const { breaks, announce } = released();
  write(".changeset/config.json", "{}");
  breaks();
  const bare = await run();
  expect(bare.status).toBe(1);
  expect(bare.stdout).toBe(`@mooring/notes 1.0.0, compared with @mooring/notes@1.0.0:
  major  read, argument "path": is gone
A major release is due, but nothing announces one.
Take the change back, or add .changeset/mooring-notes-surface.md with this text, in your words:

---
"@mooring/notes": major
---

- read, argument "path": is gone
`);
  announce("minor");
  const low = await run();
  expect([low.status, low.stdout]).toEqual([
    1,
    expect.stringContaining("A major release is due, but the waiting changesets ask for only minor."),
  ]);
  announce("major");
  const enough = await run();
  expect([enough.status, enough.stdout]).toEqual([
    0,
    expect.stringContaining("A major release is due, and major is announced."),
  ]);
});

test("the text that is proposed is enough", async () => {
  released().breaks();
  write(".changeset/config.json", "{}");
  const { stdout } = await run();
  const [, file = "", text = ""] = /add (\S+) with .*?:\n\n([^]*)$/.exec(stdout) ?? [];
  write(file, text);
  expect((await run()).status).toBe(0);
});

test("an addition needs minor, a change of words patch", async () => {
  const { adds, announce } = released();
  adds();
  announce("patch");
  expect((await run()).stdout).toContain("A minor release is due, but the waiting changesets ask for only patch.");
  announce("minor");
  expect((await run()).status).toBe(0);
});

test("before 1.0.0 breaking needs minor, an addition patch", async () => {
  const { breaks, adds, announce } = released({ version: "0.3.0" });
  announce("patch");
  adds();
  expect((await run()).status).toBe(0);
  breaks();
  const { status, stdout } = await run();
  expect(status).toBe(1);
  expect(stdout).toContain("A minor release is due (before 1.0.0 a major change is a minor release), but the waiting");
  announce("minor");
  expect((await run()).status).toBe(0);
});

test("nothing changed, nothing due", async () => {
  released();
  expect(await run()).toMatchObject({ status: 0, stdout: expect.stringContaining("nothing changed") as string });
});

test("a version that was bumped already stands for the changesets it came from", async () => {
  const { breaks, manifest } = released();
  breaks();
  manifest("1.1.0");
  const low = await run();
  expect([low.status, low.stdout]).toEqual([1, expect.stringContaining("but the version 1.1.0 is only minor")]);
  manifest("2.0.0");
  expect((await run()).status).toBe(0);
});

test("a project without changesets is told the version", async () => {
  const { breaks } = released({ version: "1.4.2" });
  breaks();
  expect((await run()).stdout).toContain("Set the version in package.json to 2.0.0, or take the change back.");
});

test("before the first release there is nothing to compare with", async () => {
  released({ tag: "none" });
  const { status, stdout } = await run();
  expect([status, stdout]).toEqual([
    0,
    "@mooring/notes has no release yet (no tag @mooring/notes@…): nothing to compare with.\n",
  ]);
  rmSync(join(repository, ".git"), { recursive: true });
  git("init", "-q");
  expect((await run()).status).toBe(0);
});

test("a release from before the snapshots is nothing to compare with", async () => {
  git("init", "-q");
  write("package.json", '{ "name": "notes", "version": "1.0.0" }');
  commit();
  git("tag", "v1.0.0");
  write("test/__surface__/read.json", tool({}));
  expect(await run()).toMatchObject({
    status: 0,
    stdout: "notes: 1.0.0 has no test/__surface__: nothing to compare with.\n",
  });
});

test("the newest release by version that this commit builds on counts, no prerelease, no other package's", async () => {
  const { breaks } = released({ version: "1.9.0" });
  commit();
  git("tag", "@mooring/notes@1.10.0");
  for (const tag of ["@mooring/notes@1.2.0", "@mooring/notes-more@3.0.0", "@mooring/notes@2.0.0-beta.1", "v1.x"])
    git("tag", tag);
  git("checkout", "-q", "-b", "other");
  breaks();
  commit();
  git("tag", "@mooring/notes@5.0.0");
  git("checkout", "-q", "-");
  expect((await run()).stdout).toContain("compared with @mooring/notes@1.10.0:");
});

test("in a repository of one package v1.2.3 is its tag, among several packages it is not", async () => {
  const { breaks } = released({ tag: "v1.0.0" });
  breaks();
  expect((await run()).stdout).toContain("compared with v1.0.0:");
  rmSync(repository, { recursive: true });
  mkdirSync(repository);
  released({ tag: "v1.0.0", folder: "servers/notes" }).breaks();
  expect((await run("--folder", join(repository, "servers/notes"))).stdout).toContain("has no release yet");
});

test("a package among others finds its own tag and the changesets of the repository", async () => {
  const { breaks, announce } = released({ folder: "servers/notes" });
  breaks();
  const folder = join(repository, "servers/notes");
  expect((await run("--folder", folder)).status).toBe(1);
  announce("major");
  expect((await run("--folder", folder)).status).toBe(0);
  rmSync(join(repository, ".changeset"), { recursive: true });
  announce("major", "servers/notes/.changeset");
  expect((await run("--folder", folder)).status).toBe(0);
});

test("--since names another commit", async () => {
  const { breaks } = released();
  breaks();
  commit();
  expect((await run("--since", "HEAD")).status).toBe(0);
  expect((await run("--since", "HEAD~1")).status).toBe(1);
  for (const ref of ["nope", "--output=x"]) {
    const { status, stderr } = await run(`--since=${ref}`);
    expect([status, stderr]).toEqual([2, `git knows no commit "${ref}": fetch it, or correct --since.\n`]);
  }
});

test("a shallow clone without tags says how to get them", async () => {
  const { breaks } = released();
  breaks();
  commit();
  const clone = join(base, "clone");
  const cloned = spawnSync("git", ["clone", "-q", "--depth=1", pathToFileURL(repository).href, clone]);
  expect(cloned.status).toBe(0);
  const { status, stderr } = await run("--folder", clone);
  expect([status, stderr]).toEqual([2, expect.stringContaining("fetch-depth: 0")]);
  const fetched = spawnSync("git", ["fetch", "-q", "--unshallow", "--tags"], { cwd: clone });
  expect(fetched.status).toBe(0);
  expect((await run("--folder", clone)).status).toBe(1);
});

test("what cannot be compared ends with status 2 and the reason", async () => {
  const { breaks } = released();
  breaks();
  const read = "test/__surface__/read.json";
  write(read, "{");
  expect(await run()).toMatchObject({ status: 2, stderr: expect.stringContaining("read.json in") as string });
  rmSync(join(repository, read));
  expect(await run()).toMatchObject({ status: 2, stderr: expect.stringContaining("There are no snapshots") as string });
  write("package.json", '{ "name": "notes" }');
  expect(await run()).toMatchObject({
    status: 2,
    stderr: expect.stringContaining("has no name or no version") as string,
  });
  rmSync(join(repository, "package.json"));
  expect(await run()).toMatchObject({
    status: 2,
    stderr: expect.stringContaining("There is no package.json") as string,
  });
});

test("the snapshot of everything but the tools may not just vanish", async () => {
  const { announce } = released();
  write("test/__surface__/server.surface.json", "{}");
  commit();
  git("tag", "@mooring/notes@1.1.0");
  announce("major");
  rmSync(join(repository, "test/__surface__/server.surface.json"));
  expect(await run()).toMatchObject({
    status: 2,
    stderr: expect.stringContaining("server.surface.json is gone") as string,
  });
});

test("outside of a repository, and without git", async () => {
  released();
  const outside = join(base, "outside");
  cpSync(repository, outside, { recursive: true });
  rmSync(join(outside, ".git"), { recursive: true });
  vi.stubEnv("GIT_CEILING_DIRECTORIES", base);
  expect(await run("--folder", outside)).toMatchObject({
    status: 2,
    stderr: expect.stringMatching(/outside is in no git repository/) as string,
  });
  vi.stubEnv("PATH", join(base, "none"));
  expect(await run()).toMatchObject({ status: 2, stderr: expect.stringContaining("install git") as string });
});

test("wrong use is said as such", async () => {
  await expect(compare.run(["--sinse", "x"])).rejects.toThrow(UsageError);
  await expect(compare.run(["x"])).rejects.toThrow(UsageError);
});
