import { execFileSync, spawn, spawnSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { USAGE } from "../src/answers/command-line.ts";
import { readRecord, RECORD } from "../src/project/record.ts";
import { readTemplates } from "../src/vendor/read-templates.ts";

const dist = fileURLToPath(new URL("../dist/", import.meta.url));
const bin = join(dist, "bin.js");

let base: string;
beforeEach(() => {
  base = realpathSync(mkdtempSync(join(tmpdir(), "create-server-")));
  mkdirSync(join(base, "tools"));
  writeFileSync(join(base, "tools", process.platform === "win32" ? "npm.cmd" : "npm"), "");
  mkdirSync(join(base, "home"));
});
afterEach(() => rmSync(base, { recursive: true, force: true }));

interface Said {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

interface Circumstances {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly file?: string;
}

/** Runs the built program as a person without git or a terminal does; npm is on the PATH, and nothing else. */
function run(args: readonly string[], { cwd = "home", env = {}, file = bin }: Circumstances = {}): Said {
  const { status, stdout, stderr } = spawnSync(process.execPath, [file, ...args], {
    cwd: join(base, cwd),
    env: { PATH: join(base, "tools"), HOME: base, ...env },
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe"],
  });
  return { status, stdout, stderr };
}

/** Every path below the person's home. */
const written = (folder = "home") =>
  readdirSync(join(base, folder), { recursive: true, encoding: "utf8" }).filter(
    (path) => !statSync(join(base, folder, path)).isDirectory(),
  );
const read = (path: string) => readFileSync(join(base, path), "utf8");

describe("the bundle", () => {
  const files = () => readdirSync(dist).filter((name) => name.endsWith(".js"));
  const copyPrograms = () => {
    mkdirSync(join(base, "alone"));
    writeFileSync(join(base, "alone/package.json"), '{"type":"module"}');
    for (const name of files()) writeFileSync(join(base, "alone", name), readFileSync(join(dist, name)));
  };

  test("needs nothing installed beside it, and is small", () => {
    expect(existsSync(bin)).toBe(true);
    const texts = files().map((name) => readFileSync(join(dist, name), "utf8"));
    const dynamic = texts.flatMap((text) => [...text.matchAll(/\bimport\(([^)]*)\)/g)].map(([, from = ""]) => from));
    expect(dynamic.length).toBeGreaterThan(1);
    expect(dynamic.filter((from) => !/^[`"'](?:node:|\.\/[\w-]+\.js[`"']$)/.test(from))).toEqual([]);
    // What a file imports at its top is there, or the file would not load.
    copyPrograms();
    const all = files().filter((name) => name !== "bin.js");
    const load = `for (const name of ${JSON.stringify(all)}) await import("./alone/" + name)`;
    const loaded = spawnSync(process.execPath, ["--input-type=module", "-e", load], { cwd: base, encoding: "utf8" });
    expect([loaded.status, loaded.stderr]).toEqual([0, ""]);
    expect(texts.reduce((sum, text) => sum + text.length, 0)).toBeLessThan(400_000);
  });

  test("has the templates as they are, with nothing that was made of them", () => {
    const templates = readTemplates();
    expect(JSON.parse(readFileSync(join(dist, "templates.json"), "utf8"))).toEqual(
      JSON.parse(JSON.stringify(templates)),
    );
    const paths = Object.values(templates.kinds).flatMap(({ files: all }) => Object.keys(all));
    expect(paths.filter((path) => /node_modules|dist\/|\.turbo|\.tsbuildinfo/.test(path))).toEqual([]);
    expect(statSync(join(dist, "templates.json")).size).toBeLessThan(400_000);
  });

  test("reads templates when it makes something of them, and not before", () => {
    copyPrograms();
    const alone = (...args: string[]) => run(args, { file: join(base, "alone/bin.js") });
    expect(alone("--help").stdout).toBe(USAGE);
    expect(alone("--nonsense").status).toBe(2);
    expect(alone("--version").stderr).toContain("templates.json");
  });
});

describe("a new project", () => {
  test("is written where it was asked for, without a question, and can be upgraded", () => {
    const { status, stdout, stderr } = run(["weather", "--kind", "local", "--author", "Ada"]);
    expect([status, stderr]).toEqual([0, ""]);
    const paths = written("home/weather");
    expect(stdout).toContain(`weather is in weather: ${paths.length} files. Next:\n\n  cd weather\n  npm install\n`);
    expect(readdirSync(join(base, "home"))).toEqual(["weather"]);
    expect(JSON.parse(read("home/weather/package.json"))).toMatchObject({ name: "weather", author: "Ada" });
    expect(readRecord(read(`home/weather/${RECORD}`)).answers).toMatchObject({ kind: "local", access: "full" });
    expect(read("home/weather/LICENSE")).toContain(`Copyright (c) ${new Date().getFullYear()} Ada\n`);
  });

  test("goes into the empty folder that the person is in", () => {
    mkdirSync(join(base, "home/weather"));
    const { status, stdout } = run([".", "--yes"], { cwd: "home/weather" });
    expect(status).toBe(0);
    expect(stdout).toContain("weather is in this folder: ");
    expect(stdout).not.toContain("  cd ");
    expect(written("home/weather")).toContain("src/bin.ts");
  });

  test("is found by a command that can be copied, whatever its folder is called", () => {
    expect(run(["my folder/weather"]).stdout).toContain('\n  cd "my folder/weather"\n');
    expect(run(["@acme/wind"]).stdout).toContain("\n  cd wind\n");
  });

  test("has its author from git, where git knows one", (context) => {
    const git = spawnSync("git", ["--exec-path"], { encoding: "utf8" });
    if (git.status !== 0) return context.skip("git is not installed");
    writeFileSync(join(base, ".gitconfig"), "[user]\n\tname = Grace Hopper\n");
    const PATH = `${join(base, "tools")}:${process.env["PATH"]}`;
    expect(run(["weather"], { env: { PATH } }).status).toBe(0);
    return expect(read("home/weather/LICENSE")).toContain(" Grace Hopper\n");
  });
});

const ONE_LINE = /^[^\n]+\n$/;

describe("is refused in one line, with status 2 and nothing written:", () => {
  test.for([
    ["nothing to call it", [], "Say where the new server goes: npm create @mooring/server weather."],
    ["--yes without a name", ["--yes"], "Say where the new server goes"],
    ["a bad name", ["Weather"], 'The name "Weather" is not made of small letters'],
    ["a path out of a name", ["--name", "../weather"], 'The name "../weather" is not made of'],
    ["an unknown option", ["weather", "--knid", "local"], 'There is no option "--knid"; did you mean --kind?'],
    ["an unknown kind", ["weather", "--kind", "ftp"], '--kind "ftp": expected http-api, database, local.'],
    ["an unknown level", ["weather", "--access", "all"], '--access "all": expected read, write, full.'],
    ["an unknown licence", ["weather", "--license", "GPL"], '--licence "GPL": expected MIT, Apache-2.0, UNLICENSED.'],
    ["two directories", ["weather", "local"], 'One directory is expected, and "local" is a second.'],
    ["--apply alone", ["--apply"], "--apply belongs to --upgrade."],
    ["operations of nothing", ["weather", "--operations", "a"], "--operations names operations of --openapi FILE"],
    ["a missing description", ["weather", "--openapi", "no.json"], "--openapi no.json: there is no such file in ."],
    ["a folder as description", ["weather", "--openapi", "."], "--openapi .: it cannot be read (EISDIR)."],
    ["an upgrade of nothing", ["--upgrade"], "has no .mooring/template.json"],
  ] as const)("%s", ([, args, message]) => {
    const { status, stdout, stderr } = run(args);
    expect([status, stdout]).toEqual([2, ""]);
    expect(stderr).toContain(message);
    expect(stderr).toMatch(ONE_LINE);
    expect(written()).toEqual([]);
    expect(readdirSync(join(base, "home"))).toEqual([]);
  });

  test("a folder that is not empty", () => {
    mkdirSync(join(base, "home/weather"));
    writeFileSync(join(base, "home/weather/mine"), "");
    const { status, stderr } = run(["weather"]);
    expect(status).toBe(2);
    expect(stderr).toBe(
      `${join(base, "home/weather")} is not empty. Choose another directory, or empty it. Nothing was written.\n`,
    );
    expect(written()).toEqual(["weather/mine"]);
  });

  test("a machine without npm", () => {
    const { status, stderr } = run(["weather"], { env: { PATH: base } });
    expect([status, stderr]).toEqual([
      2,
      "npm is not on the PATH, and a new project needs it. Install it with Node.js: https://nodejs.org.\n",
    ]);
    expect(written()).toEqual([]);
  });

  test("an option that npm has kept", () => {
    const { status, stderr } = run(["weather"], { env: { npm_config_kind: "local" } });
    expect(status).toBe(2);
    expect(stderr).toMatch(/^npm has kept --kind for itself: put "--" before the options, .*\n$/);
    expect(written()).toEqual([]);
  });

  test("a Node that is too old", () => {
    // The check comes first, so the rest need not exist.
    writeFileSync(
      join(base, "old.mjs"),
      `Object.defineProperty(process.versions, "node", { value: "22.17.9" });\n${readFileSync(bin, "utf8").replace(/^#!.*\n/, "")}`,
    );
    const { status, stderr } = run(["weather"], { file: join(base, "old.mjs") });
    expect([status, stderr]).toEqual([
      2,
      "create-server needs Node.js 22.18 or newer, and so do the projects it makes; this is 22.17.9. Nothing was written.\n",
    ]);
    expect(written()).toEqual([]);
  });
});

describe("in the workspace", () => {
  beforeEach(() => {
    writeFileSync(join(base, "home/pnpm-workspace.yaml"), "packages: [servers/*]\n");
    writeFileSync(join(base, "home/package.json"), '{"name":"mooring"}');
    mkdirSync(join(base, "home/servers"));
  });
  const own = ["package.json", "pnpm-workspace.yaml"];

  test("a server goes to servers/ with its changeset, and needs no npm, author or licence", () => {
    const { status, stdout, stderr } = run(["weather", "--kind", "local", "--access", "read"], { env: { PATH: base } });
    expect([status, stderr]).toEqual([0, ""]);
    const files = written("home/servers/weather");
    expect(stdout).toBe(`@mooring/weather is in servers/weather: ${files.length} files, and its changeset.\n`);
    expect(JSON.parse(read("home/servers/weather/package.json"))).toMatchObject({
      name: "@mooring/weather",
      devDependencies: { "@mooring/core": "workspace:^" },
    });
    expect(files).not.toContain("LICENSE");
    expect(files).not.toContain(RECORD);
    expect(read("home/.changeset/first-weather.md")).toMatch(
      /^---\n"@mooring\/weather": minor\n---\n\nFirst release: Weather .*\.\n$/,
    );
  });

  test.for([
    [
      "a changeset of that name",
      ["weather"],
      /first-weather\.md is there already, from another server of that name\. /,
    ],
    [
      "a licence of its own",
      ["weather", "--licence", "UNLICENSED"],
      /^--licence: every server of this workspace has "MIT"/,
    ],
    [
      "an author of its own",
      ["weather", "--author", "Ada"],
      /^--author: every server of this workspace has "The Mooring/,
    ],
    ["another scope", ["@acme/weather"], /^Packages of this workspace are in @mooring: /],
  ] as const)("%s is refused, and nothing written", ([, args, message]) => {
    mkdirSync(join(base, "home/.changeset"));
    writeFileSync(join(base, "home/.changeset/first-weather.md"), "mine");
    const { status, stdout, stderr } = run(args);
    expect([status, stdout]).toEqual([2, ""]);
    expect(stderr).toMatch(message);
    expect(stderr).toMatch(ONE_LINE);
    expect(written().toSorted()).toEqual([".changeset/first-weather.md", ...own]);
    expect(read("home/.changeset/first-weather.md")).toBe("mine");
  });

  test("a server that cannot be written leaves no changeset", () => {
    rmSync(join(base, "home/servers"), { recursive: true });
    writeFileSync(join(base, "home/servers"), "in the way");
    const { status, stderr } = run(["weather"]);
    expect(status).toBe(2);
    expect(stderr).toMatch(/servers\/weather cannot be written \(E\w+\)\. Nothing was written\.\n$/);
    expect(written().toSorted()).toEqual([...own, "servers"]);
  });
});

test("--help and --version answer on stdout", () => {
  expect(run(["--help"])).toEqual({ status: 0, stdout: USAGE, stderr: "" });
  expect(run(["-h", "weather"]).stdout).toBe(USAGE);
  expect(run(["--version"])).toEqual({ status: 0, stdout: `${readTemplates().version}\n`, stderr: "" });
  expect(written()).toEqual([]);
});

test("whoever stops reading the output is not told of it", async () => {
  const child = spawn(process.execPath, [bin, "--help"], { stdio: ["ignore", "pipe", "pipe"] });
  child.stdout.destroy();
  let stderr = "";
  child.stderr.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
  const status = await new Promise((resolve) => child.once("close", resolve));
  expect([status, stderr]).toEqual([0, ""]);
});

test("the whole way of an upgrade, in a project under git", (context) => {
  if (spawnSync("git", ["--version"]).status !== 0) return context.skip("git is not installed");
  const PATH = `${join(base, "tools")}:${process.env["PATH"]}`;
  const env = { PATH };
  expect(run(["weather"], { env }).status).toBe(0);
  const project = join(base, "home/weather");
  const git = (...args: string[]) =>
    execFileSync("git", ["-c", "user.name=Ada", "-c", "user.email=ada@acme.test", ...args], {
      cwd: project,
      stdio: "pipe",
    });
  git("init", "-q");
  git("add", "-A");
  git("commit", "-qm", "All");
  const { version } = readTemplates();
  return expect(run(["--upgrade"], { env, cwd: "home/weather" })).toEqual({
    status: 0,
    stdout: `Nothing to do: the project has everything of the template ${version}.\n`,
    stderr: "",
  });
});
