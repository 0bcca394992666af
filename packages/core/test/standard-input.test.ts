import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, openSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";

const source = new URL("../src/standard-input.ts", import.meta.url).href;
// Counts what arrives, and how often it was told.
const program = `
  const { standardInput } = await import(${JSON.stringify(source)});
  const stdin = standardInput();
  let bytes = 0, sum = 0;
  stdin.on("data", (chunk) => { bytes += chunk.length; for (const byte of chunk) sum = (sum * 31 + byte) % 1000003; });
  stdin.on("end", () => console.log([stdin === process.stdin, bytes, sum].join(" ")));
`;
const args = ["--input-type=module", "--eval", program];
const content = Buffer.from(Array.from({ length: 300_000 }, (_, index) => index % 251));
const sum = content.reduce((sum, byte) => (sum * 31 + byte) % 1_000_003, 0);

test("a pipe is read to its end, through one buffer", () => {
  const out = execFileSync(process.execPath, args, { input: content, encoding: "utf8" });
  expect(out.trim()).toBe(`false ${content.length} ${sum}`);
});

test("a file is read as Node reads it", async () => {
  const folder = mkdtempSync(join(tmpdir(), "stdin-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, "input"), content);
  const child = spawn(process.execPath, args, { stdio: [openSync(join(folder, "input"), "r"), "pipe", "inherit"] });
  let out = "";
  child.stdout?.on("data", (data) => (out += data));
  await new Promise((resolve) => child.on("close", resolve));
  expect(out.trim()).toBe(`true ${content.length} ${sum}`);
});
