import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { connectStdio } from "../../src/clients/stdio.ts";

const fixture = fileURLToPath(new URL("../fixtures/server.ts", import.meta.url));
const args = ["--disable-warning=ExperimentalWarning", fixture];

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

test("a server is started with the environment it is given, and ends with the session", async () => {
  const session = await connectStdio(process.execPath, args, { era: "2025", env: { GREETING: "us" } });
  expect((await session.call("run", { target: "hello" })).content).toEqual([{ type: "text", text: "hello" }]);
  expect(session.stderr()).toBe("greetings from stderr, us\n");
  expect(isAlive(session.pid)).toBe(true);
  await session.close();
  expect(isAlive(session.pid)).toBe(false);
});

test("the transcript holds every message, in order and in both directions", async () => {
  await using session = await connectStdio(process.execPath, args, { era: "2025" });
  await session.client.listTools();
  const methods = session.transcript.map(({ to, message }) => [to, "method" in message ? message.method : "result"]);
  expect(methods).toEqual([
    ["server", "initialize"],
    ["client", "result"],
    ["server", "notifications/initialized"],
    ["server", "tools/list"],
    ["client", "result"],
  ]);
});

test("auto falls back to what an older server speaks, 2026 does not", async () => {
  await using session = await connectStdio(process.execPath, args, { era: "auto" });
  expect((await session.client.listTools()).tools).toHaveLength(1);
  await expect(connectStdio(process.execPath, args, { era: "2026" })).rejects.toThrow("No session with");
});

test("a server that ends at once is explained by its own stderr", async () => {
  await expect(connectStdio(process.execPath, [...args, "--crash"], { era: "2025" })).rejects.toThrow(
    /No session with .*stderr: greetings from stderr, nobody/s,
  );
});

test("a server that never answers is given up", async () => {
  const silent = connectStdio(process.execPath, [...args, "--mute"], { era: "2025", timeoutMs: 300 });
  await expect(silent).rejects.toThrow(/timed out/i);
});

test("a command that does not exist is an error", async () => {
  await expect(connectStdio("no-such-command-here", [], { era: "2025" })).rejects.toThrow("ENOENT");
});
