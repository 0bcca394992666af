import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { connectStdio } from "@mooring/testing";
import { expect, test } from "vitest";
import { sample } from "./sample.ts";

const dist = fileURLToPath(new URL("../dist/", import.meta.url));
const bin = `${dist}bin.js`;

test.for(["2025", "2026"] as const)("the built program serves (era %s)", async (era) => {
  await using started = await sample.start("");
  await using session = await connectStdio(process.execPath, [bin, ...started.args], { era, env: started.env });
  const { content } = await session.call(sample.call.tool, sample.call.arguments);
  expect(JSON.stringify(content)).toContain(sample.call.contains);
  expect(session.stderr()).toBe("");
});

// begin: auth
test("it starts without a token, and a call says which variable to set", async () => {
  await using started = await sample.start("");
  await using session = await connectStdio(process.execPath, [bin, ...started.args]);
  const { isError, content } = await session.call(sample.call.tool, sample.call.arguments);
  expect(isError).toBe(true);
  expect(JSON.stringify(content)).toContain("EXAMPLE_TOKEN");
});
// end: auth

test("a wrong option is one plain line, and status 2", () => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [bin, "--url", "nonsense"], { encoding: "utf8" });
  expect([status, stdout]).toEqual([2, ""]);
  expect(stderr).toMatch(/--url/);
  expect(stderr).not.toMatch(/\n\s+at /);
});

test("nothing has to be installed beside it, and it stays small", () => {
  const files = readdirSync(dist).filter((name) => name.endsWith(".js"));
  const bytes = files.reduce((sum, name) => sum + statSync(dist + name).size, 0);
  expect(bytes).toBeLessThan(1_200_000);
  const text = files.map((name) => readFileSync(dist + name, "utf8")).join("\n");
  const imported = [...text.matchAll(/(?:^|[;}])import[^"'()]*from\s*["']([^."'][^"']*)["']/g)].map(([, from]) => from);
  expect(imported.filter((from) => !from?.startsWith("node:"))).toEqual([]);
});
