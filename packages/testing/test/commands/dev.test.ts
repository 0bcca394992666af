import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { stripTypeScriptTypes } from "node:module";
import { describe, expect, test } from "vitest";
import { bin, greet, makeProject } from "../dev/project.ts";
import { eventually, rawSession, until } from "../dev/raw-session.ts";

const run = (cwd: string, args: readonly string[], env: NodeJS.ProcessEnv = {}) =>
  spawnSync(process.execPath, [bin, "dev", ...args], {
    cwd,
    env: { ...process.env, ...env },
    encoding: "utf8",
    input: "",
  });

describe("wrong use is told in a line, with status 2", () => {
  test.for([
    [["--wach", "x"], /^Unknown option '--wach'\. What the server gets stands behind "--"\.\n/u],
    [["--access", "full"], /^Unknown option '--access'\. What the server gets stands behind "--"\.\n/u],
    [["server.ts"], /^Unexpected argument 'server\.ts'\. What the server gets/u],
    [["--watch", "date"], /^There is no date to watch here \(.+\)\.\n/u],
    [["--entry"], /^Option '--entry <value>' argument missing\. /u],
    [
      ["--entry", "src/nowhere.ts"],
      /^There is no src\/nowhere\.ts here \(.+\): run this in a server's folder, or name it with --entry\.\n/u,
    ],
  ] as const)("%s", ([args, told]) => {
    using project = makeProject();
    const { status, stdout, stderr } = run(project.dir, args);
    expect(stderr).toMatch(told);
    expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
  });

  test("a Node.js that does not know TypeScript", () => {
    using project = makeProject();
    // Node 24 has it on; the flag makes it as older ones are. A JavaScript runner, since the command is TypeScript here.
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      ["--no-experimental-strip-types", "--input-type=module", "-e", runner()],
      { cwd: project.dir, encoding: "utf8", input: "" },
    );
    expect(stderr).toBe(
      `Running src/bin.ts takes Node.js 22.18 or newer, which knows TypeScript; this is ${process.versions.node}.\n`,
    );
    expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
  });
});

/** The command without its types, and without what it would load later. */
function runner(): string {
  const source = readFileSync(new URL("../../src/commands/dev.ts", import.meta.url), "utf8");
  const code = stripTypeScriptTypes(source).replace(/^import .*command\.ts";$/mu, "class UsageError extends Error {}");
  return `${code}\nprocess.exitCode = await dev.run([]);`;
}

test("--help says how it is configured", () => {
  using project = makeProject();
  const { status, stdout, stderr } = run(project.dir, ["--help"]);
  expect(stderr).toContain("Usage: mooring-testing dev [--entry src/bin.ts] [--watch PATH]… [-- server arguments]\n");
  expect({ status, stdout }).toEqual({ status: 0, stdout: "" });
});

test("what stands behind -- is the server's", async () => {
  using project = makeProject();
  await using session = rawSession(project.dir, ["--", "--access", "full", "--prefix", "x_"]);
  await session.initialize();
  const { result } = await session.request("tools/list");
  const names = ["x_greet", "x_slow", "x_remove", "x_crash"];
  expect(result).toMatchObject({ tools: names.map((name) => ({ name })) });
});

test("--watch adds files and folders", async () => {
  using project = makeProject({ "data/words.json": '"Hello"', "words.txt": "Hello" });
  await using session = rawSession(project.dir, ["--watch", "data", "--watch", "words.txt"]);
  await session.initialize();
  project.save("data/words.json", '"Bye"');
  await eventually(() => /restarted in \d+ ms: data\/words\.json\n/u.test(session.stderr()));
  project.save("words.txt", "Bye");
  await eventually(() => /restarted in \d+ ms: words\.txt\n/u.test(session.stderr()));
  expect(session.garbage).toEqual([]);
});

test("--entry names what is run, JavaScript too", async () => {
  const server = (text: string) => `import { createInterface } from "node:readline";
for await (const line of createInterface({ input: process.stdin })) {
  const { id } = JSON.parse(line);
  if (id !== undefined)
    console.log(JSON.stringify({ jsonrpc: "2.0", id, result: { content: [{ type: "text", text: "${text}" }] } }));
}
`;
  using project = makeProject({ "src/plain.js": server("one") });
  await using session = rawSession(project.dir, ["--entry", "src/plain.js"]);
  expect(await session.call("any")).toBe("one");
  project.save("src/plain.js", server("two"));
  await until("two", () => session.call("any"));
  project.save("src/tools/greet.ts", greet("also watched"));
  await eventually(() => session.stderr().includes("src/tools/greet.ts"));
});
