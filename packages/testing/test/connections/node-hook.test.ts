import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const hook = fileURLToPath(new URL("../../src/connections/node-hook.ts", import.meta.url));
const fixture = fileURLToPath(new URL("../fixtures/server.ts", import.meta.url));

/** What the hook alone writes down, without strace, while the fixture does one thing. */
async function seen(how: string, target: string): Promise<unknown[]> {
  const folder = mkdtempSync(path.join(os.tmpdir(), "mooring-hook-"));
  const file = path.join(folder, "seen");
  try {
    const child = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", fixture], {
      env: { ...process.env, MOORING_RECORD_CONNECTIONS: file, NODE_OPTIONS: `--require=${hook}` },
      stdio: ["pipe", "ignore", "ignore"],
    });
    child.stdin.end(`${JSON.stringify({ id: 1, method: "tools/call", params: { arguments: { how, target } } })}\n`);
    await once(child, "exit");
    return readFileSync(file, "utf8")
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as unknown);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

test.for([
  ["tcp", "127.0.0.1:1", "tcp"],
  ["fetch", "127.0.0.1:2", "tcp"],
  ["udp", "127.0.0.1:8125", "udp"],
  ["lookup", "update.invalid", "dns"],
  ["resolve", "version.invalid", "dns"],
  ["unix", "/tmp/no-such.sock", "unix"],
  ["worker", "127.0.0.1:3", "tcp"],
] as const)("%s to %s is written down", async ([how, target, kind]) => {
  expect(await seen(how, target)).toEqual([{ kind, target }]);
});

test("a name of this machine is no query", async () => {
  expect(await seen("fetch", "localhost:4")).not.toContainEqual(expect.objectContaining({ kind: "dns" }));
});
