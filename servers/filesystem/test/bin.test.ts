import { execFile, execFileSync, spawn } from "node:child_process";
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
import { Client } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const dist = fileURLToPath(new URL("../dist/", import.meta.url));
const bin = join(dist, "bin.js");

interface Outcome {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function run(args: readonly string[], { file = bin, input = "" } = {}): Promise<Outcome> {
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      [file, ...args],
      { env: { HOME: base, PATH: process.env["PATH"] } },
      (_, stdout, stderr) => resolve({ status: child.exitCode, stdout, stderr }),
    );
    child.stdin?.end(input);
  });
}

let base: string;
beforeAll(() => {
  base = realpathSync(mkdtempSync(join(tmpdir(), "bin-")));
  mkdirSync(join(base, "shared"));
  writeFileSync(join(base, "shared", "a.txt"), "hello\n");
});
afterAll(() => rmSync(base, { recursive: true, force: true }));

describe("the built program", () => {
  it("is there", () => {
    expect(existsSync(bin), "run `pnpm build` first").toBe(true);
  });

  it("loads little: what a start needs is below 560 kB, and nothing has to be installed beside it", () => {
    const files = readdirSync(dist).filter((name) => name.endsWith(".js"));
    const imported = new Set<string>();
    const follow = (name: string) => {
      if (imported.has(name)) return;
      imported.add(name);
      const text = readFileSync(join(dist, name), "utf8");
      for (const [, next] of text.matchAll(/(?:from|import)\s*["']\.\/([^"']+)["']/g))
        if (next !== undefined) follow(next);
      if (name === "bin.js")
        for (const [, next] of text.matchAll(/import\(["'`]\.\/([^"'`]+)["'`]\)/g))
          if (next !== undefined) follow(next);
    };
    follow("bin.js");
    const bytes = [...imported].reduce((sum, name) => sum + statSync(join(dist, name)).size, 0);
    expect(bytes).toBeGreaterThan(100_000);
    expect(bytes).toBeLessThan(560_000);
    expect([...imported].filter((name) => /chokidar|watching|worker|http-/.test(name))).toEqual([]);
    const bare = files.flatMap((name) =>
      [
        ...readFileSync(join(dist, name), "utf8").matchAll(/(?:^|[;}])import[^"'()]*from\s*["']([^."'][^"']*)["']/g),
      ].map(([, from]) => from),
    );
    expect(bare.filter((from) => !from?.startsWith("node:"))).toEqual([]);
  });

  it("serves over stdio what was shared, and nothing besides", async () => {
    const client = new Client({ name: "test", version: "0.0.0" });
    await client.connect(
      new StdioClientTransport({ command: process.execPath, args: [bin, join(base, "shared")], env: { HOME: base } }),
    );
    const call = async (name: string, args: Record<string, unknown>) => {
      const { content, isError } = await client.callTool({ name, arguments: args });
      return { isError, text: (content as { text?: string }[])[0]?.text ?? "" };
    };
    expect((await call("read", { paths: ["a.txt"] })).text.endsWith("\nhello\n")).toBe(true);
    expect((await call("read", { paths: ["../nope"] })).isError).toBe(true);
    expect((await call("list", {})).text).toContain(join(base, "shared"));
    await client.close();
  });

  it.for([
    ["2025", {}],
    ["2026", { versionNegotiation: { mode: "auto" } }],
  ] as const)("asks the person before it deletes (%s era): no is no, yes is yes", async ([, options]) => {
    const asked: string[] = [];
    const answers = [{ action: "decline" as const }, { action: "accept" as const, content: { confirm: true } }];
    const client = new Client({ name: "test", version: "0.0.0" }, { capabilities: { elicitation: {} }, ...options });
    client.setRequestHandler("elicitation/create", ({ params }) => {
      asked.push(params.message);
      return answers.shift() ?? { action: "cancel" as const };
    });
    writeFileSync(join(base, "shared", "doomed.txt"), "x");
    const args = [bin, "--access", "full", join(base, "shared")];
    await client.connect(new StdioClientTransport({ command: process.execPath, args, env: { HOME: base } }));
    const remove = () => client.callTool({ name: "delete", arguments: { paths: ["doomed.txt"] } });
    expect(await remove()).toMatchObject({ isError: true });
    expect(existsSync(join(base, "shared", "doomed.txt"))).toBe(true);
    expect((await remove()).isError).toBeUndefined();
    expect(existsSync(join(base, "shared", "doomed.txt"))).toBe(false);
    expect(asked).toEqual([expect.stringContaining("doomed.txt"), expect.stringContaining("doomed.txt")]);
    await client.close();
  });

  it("starts without a usable directory and says what to add", async () => {
    const client = new Client({ name: "test", version: "0.0.0" });
    await client.connect(
      new StdioClientTransport({
        command: process.execPath,
        args: [bin, "--access", "full", join(base, "missing")],
        env: { HOME: base },
        stderr: "ignore",
      }),
    );
    const { tools } = await client.listTools();
    expect(tools).toHaveLength(8);
    const calls: Record<string, Record<string, unknown>> = {
      read: { paths: ["x"] },
      list: {},
      search: { glob: "*" },
      edit: { files: [{ path: "x", edits: [{ old: "a", new: "b" }] }] },
      write: { path: "x", content: "" },
      move: { from: "x", to: "y" },
      delete: { paths: ["x"] },
    };
    for (const [name, args] of Object.entries(calls)) {
      const { content, isError } = await client.callTool({ name, arguments: args });
      expect([name, isError, JSON.stringify(content)]).toEqual([
        name,
        true,
        expect.stringContaining("at the end of the server's command line"),
      ]);
      expect(JSON.stringify(content)).toContain("missing: it does not exist");
    }
    await client.close();
  });

  it.for([
    [["--nonsense"], "Unknown option --nonsense"],
    [["--sandbox", "maybe"], "--sandbox: expected one of auto, require"],
    [["--encoding", "klingon"], "--encoding: expected an encoding"],
    [["--journal-mb", "0"], "--journal-mb"],
    [["--config", "/nope.json"], "/nope.json"],
  ] as const)("stops with one plain text for %j", async ([args, text]) => {
    const { status, stdout, stderr } = await run(args);
    expect(status).toBe(2);
    expect(stdout).toBe("");
    expect(stderr).toContain(text);
    expect(stderr).not.toMatch(/\n\s+at /);
  });

  it("answers --version, --help and --check", async () => {
    expect((await run(["--version"])).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
    const { stdout } = await run(["--help"]);
    for (const flag of [
      "--allow",
      "--sandbox",
      "--hardlinks",
      "--encoding",
      "--journal",
      "--journal-mb",
      "--journal-days",
      "--max-watches",
      "DIR",
    ])
      expect(stdout).toContain(flag);
    const good = await run(["--check", join(base, "shared")]);
    expect([good.status, good.stdout.includes(`directory: ${join(base, "shared")}`)]).toEqual([0, true]);
    const bad = await run(["--check", join(base, "missing")]);
    expect([bad.status, bad.stdout.includes("it does not exist")]).toEqual([3, true]);
    expect((await run(["--check"])).status).toBe(3);
  });

  it("tells an old Node plainly that it is too old", () => {
    const copy = join(base, "old.mjs");
    // The check comes first, so the rest need not exist.
    writeFileSync(
      copy,
      `Object.defineProperty(process.versions, "node", { value: "20.20.2" });\n${readFileSync(bin, "utf8").replace(/^#!.*\n/, "")}`,
    );
    const { status, stderr } = spawnSyncText(copy);
    expect([status, stderr]).toEqual([2, "mooring-filesystem needs Node.js 22.12 or newer; this is 20.20.2.\n"]);
  });

  it("ends when its host does", async () => {
    const child = spawn(process.execPath, [bin, join(base, "shared")], {
      stdio: ["pipe", "ignore", "ignore"],
      env: { HOME: base },
    });
    await new Promise((resolve) => setTimeout(resolve, 500));
    const started = performance.now();
    const ended = new Promise((resolve) => child.on("exit", resolve));
    child.stdin.end();
    expect(await ended).toBe(0);
    expect(performance.now() - started).toBeLessThan(2_000);
  });
});

function spawnSyncText(file: string): { status: number; stderr: string } {
  try {
    execFileSync(process.execPath, [file], { stdio: ["ignore", "ignore", "pipe"] });
    return { status: 0, stderr: "" };
  } catch (error) {
    const { status, stderr } = error as { status: number; stderr: Buffer };
    return { status, stderr: stderr.toString() };
  }
}
