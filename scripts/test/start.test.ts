import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  cpSync,
  existsSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

// A repository with one server, where a stand-in for npx "installs" and "builds" and writes down that it was asked.
let repository: string;
const running: ChildProcessWithoutNullStreams[] = [];

const NPX = `#!/bin/sh
echo "$*" >> "$REPOSITORY/npx-calls"
sleep 0.2
case "$*" in
  *install*) [ -z "$BROKEN" ] || { echo "$BROKEN" >&2; exit 1; }
    mkdir -p node_modules/.bin && ln -sf "$REAL_NODE" node_modules/.bin/node; echo "noise on stdout" ;;
  *build*) mkdir -p servers/echo/dist && cp servers/echo/src/bin.js servers/echo/dist/bin.js
    mkdir -p packages/create-server/dist && echo "{}" > packages/create-server/dist/templates.json ;;
esac
`;
// It says that it is there when it can be ended, not before.
const SERVER = `process.on("SIGTERM", () => { process.stdout.write("drained\\n"); process.exit(5); });
process.stdout.write("args " + process.argv.slice(2).join(" ") + "\\n");
process.stdin.on("data", (data) => process.stdout.write(data)).on("end", () => process.exit(Number(process.argv[2] ?? 0)));
`;

beforeEach(() => {
  repository = mkdtempSync(join(tmpdir(), "mooring-start-"));
  write("package.json", JSON.stringify({ packageManager: "pnpm@12.21.0" }));
  for (const file of ["pnpm-lock.yaml", "pnpm-workspace.yaml", "tsconfig.base.json", "turbo.json"]) write(file, "");
  write("test/package.json", "{}");
  write("packages/README", "");
  write("servers/echo/package.json", "{}");
  write("servers/echo/src/bin.js", SERVER);
  write("bin/npx", NPX);
  chmodSync(join(repository, "bin/npx"), 0o755);
  const scripts = join(import.meta.dirname, "..");
  for (const name of globSync("*.mjs", { cwd: scripts }))
    cpSync(join(scripts, name), join(repository, "scripts", name));
  // As on a machine with nothing but Node.
  symlinkSync(process.execPath, join(repository, "bin/node"));
});
afterEach(() => {
  for (const child of running.splice(0)) child.kill("SIGKILL");
  rmSync(repository, { recursive: true, force: true });
});

function write(file: string, text: string): void {
  mkdirSync(dirname(join(repository, file)), { recursive: true });
  writeFileSync(join(repository, file), text);
}

function start(args: readonly string[], env: Record<string, string> = {}) {
  const child = spawn(process.execPath, [join(repository, "scripts/start.mjs"), ...args], {
    cwd: repository,
    env: {
      PATH: `${join(repository, "bin")}:/usr/bin:/bin`,
      REPOSITORY: repository,
      REAL_NODE: process.execPath,
      ...env,
    },
  });
  running.push(child);
  const output = { stdout: "", stderr: "" };
  child.stdout.on("data", (data) => (output.stdout += String(data)));
  child.stderr.on("data", (data) => (output.stderr += String(data)));
  return { child, output, ended: once(child, "close").then(([status]) => status as number | null) };
}

function calls(): string[] {
  const file = join(repository, "npx-calls");
  return existsSync(file) ? readFileSync(file, "utf8").trim().split("\n") : [];
}

describe.skipIf(process.platform === "win32")("start.mjs as a host runs it (POSIX shells only)", () => {
  it("hands stdin and stdout to the server untouched, and reports on stderr", async () => {
    const { child, output, ended } = start(["echo", "3", "--flag"]);
    // Before anything is installed: a host does not wait.
    child.stdin.end('{"jsonrpc":"2.0"}\n');
    expect(await ended).toBe(3);
    expect(output.stdout).toBe('args 3 --flag\n{"jsonrpc":"2.0"}\n');
    expect(output.stderr).toMatch(/Installing dependencies: done.*\nBuilding…\nBuilding: done/);
  });

  it("installs and builds only when something has changed", async () => {
    const run = async () => {
      const { child, ended } = start(["echo"]);
      child.stdin.end();
      return ended;
    };
    expect(await run()).toBe(0);
    expect(calls()).toEqual([
      "-y pnpm@12.21.0 install --frozen-lockfile",
      "-y pnpm@12.21.0 exec turbo run build --filter=!@mooring/template-*",
    ]);
    expect(await run()).toBe(0);
    expect(calls()).toHaveLength(2);
    write("servers/echo/src/other.js", "// new");
    expect(await run()).toBe(0);
    expect(calls().slice(2)).toEqual(["-y pnpm@12.21.0 exec turbo run build --filter=!@mooring/template-*"]);
    rmSync(join(repository, "servers/echo/dist"), { recursive: true });
    expect(await run()).toBe(0);
    expect(calls().slice(3)).toEqual(["-y pnpm@12.21.0 exec turbo run build --filter=!@mooring/template-*"]);
    // The generator carries templates whole; what was made in them does not count.
    write("packages/create-server/templates/local/dist/bin.js", "// made");
    expect(await run()).toBe(0);
    expect(calls()).toHaveLength(4);
    write("packages/create-server/templates/local/test/a.test.ts", "// new");
    expect(await run()).toBe(0);
    expect(calls().slice(4)).toEqual(["-y pnpm@12.21.0 exec turbo run build --filter=!@mooring/template-*"]);
    write("pnpm-lock.yaml", "changed");
    expect(await run()).toBe(0);
    expect(
      calls()
        .slice(5)
        .map((call) => call.includes("install")),
    ).toEqual([true, false]);
  });

  it("installs once when a host starts it several times at once", async () => {
    const starts = [1, 2, 3].map(() => start(["echo"]));
    for (const { child } of starts) child.stdin.end();
    expect(await Promise.all(starts.map(({ ended }) => ended))).toEqual([0, 0, 0]);
    expect(calls()).toHaveLength(2);
  });

  it("is not held up by the lock of a process that has died", async () => {
    const gone = spawn(process.execPath, ["-e", ""]);
    await once(gone, "close");
    write("artifacts/install.lock", String(gone.pid));
    const { child, ended } = start(["echo"]);
    child.stdin.end();
    expect(await ended).toBe(0);
  });

  it("passes SIGTERM on and takes over the exit status", async () => {
    const { child, output, ended } = start(["echo"]);
    await expect.poll(() => output.stdout).toContain("args");
    child.kill("SIGTERM");
    expect(await ended).toBe(5);
    expect(output.stdout).toContain("drained");
  });

  it("names the servers when one is unknown, without installing anything", async () => {
    const { child, output, ended } = start(["nosuch"]);
    child.stdin.end();
    expect(await ended).toBe(2);
    expect(output).toEqual({ stdout: "", stderr: 'There is no server "nosuch". There are: echo.\n' });
    expect(calls()).toEqual([]);
  });

  it.each([
    ["npm error code ENOTFOUND", /^The npm registry cannot be reached: .* Log: artifacts\/logs\/install\.log\n$/],
    ["ENOSPC: no space left on device", /^The disk is full: free about 1 GB and run the command again\./],
    ["something else", /^The install failed:\nsomething else\nWhole log: artifacts\/logs\/install\.log\n$/],
  ])("says in plain words why an install failed: %s", async (reason, expected) => {
    const { child, output, ended } = start(["echo"], { BROKEN: reason });
    child.stdin.end();
    expect(await ended).toBe(1);
    expect(output.stdout).toBe("");
    expect(output.stderr.split("\n").slice(2).join("\n")).toMatch(expected);
    // And the next run tries again.
    const next = start(["echo"]);
    next.child.stdin.end();
    expect(await next.ended).toBe(0);
  });
});
