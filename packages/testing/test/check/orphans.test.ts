import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { checkServer } from "../../src/check/check-server.ts";
import { hostEnvironment } from "../../src/check/environment.ts";
import { startRaw } from "../../src/check/raw-session.ts";

const fixture = fileURLToPath(new URL("fixture.mjs", import.meta.url));
const skip = ["start", "stdout", "surface", "tokens", "conformance"] as const;

const isWindows = process.platform === "win32";
const why = "Windows does not tell which processes a server has started";

async function orphans(fault: string): Promise<string[]> {
  const { checks } = await checkServer({ command: process.execPath, args: [fixture, fault], skip });
  return checks.map(({ id, status, detail }) => `${status} ${id}: ${detail}`);
}

test.concurrent("a server that ends with its child passes", async (context) => {
  context.skip(isWindows, why);
  const [stdin, sigterm, ...none] = await orphans("child");
  expect(stdin).toMatch(/^pass orphans\/stdin: after \d+ ms, with 1 other process$/);
  expect(sigterm).toMatch(/^pass orphans\/sigterm: after \d+ ms, with 1 other process$/);
  expect(none).toEqual([]);
});

test.concurrent.for([
  ["ignores-stdin", "fail orphans/stdin: the process is still running after 5 s", /^pass orphans\/sigterm/],
  [
    "child-after-stdin",
    /^fail orphans\/stdin: .* its children still run: \d+ \(sleep 300\)$/,
    /^pass orphans\/sigterm/,
  ],
  ["ignores-sigterm", /^pass orphans\/stdin/, "fail orphans/sigterm: the process is still running after 5 s"],
  [
    "child-after-sigterm",
    /^pass orphans\/stdin/,
    /^fail orphans\/sigterm: .* its children still run: \d+ \(sleep 300\)$/,
  ],
] as const)("%s", async ([fault, stdin, sigterm], context) => {
  context.skip(isWindows, why);
  const [first, second] = await orphans(fault);
  expect(first).toMatch(stdin);
  expect(second).toMatch(sigterm);
});

test("a child that comes at the very end and belongs to nobody is found", async (context) => {
  context.skip(process.platform !== "linux", "only Linux shows the environment that marks it");
  const [stdin] = await orphans("late-child");
  expect(stdin).toMatch(/^fail orphans\/stdin: .* its children still run: \d+ \(sleep 300\)$/);
});

test("what a server has left behind is ended in the end", async (context) => {
  context.skip(isWindows, why);
  const env = await hostEnvironment({});
  const session = startRaw(process.execPath, [fixture, "child-after-stdin"], { env });
  await session.request("initialize", {}, { timeoutMs: 8_000 });
  const child = session.running()?.find(({ command }) => command === "sleep 300");
  expect(child).toBeDefined();
  await session.close();
  expect(session.running()).toEqual([]);
});
