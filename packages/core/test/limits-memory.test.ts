// Too much from a tool is cut, too much from a client ends the process: neither fills the memory.
import { spawn } from "node:child_process";
import { Client } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import type { CallToolResult } from "@modelcontextprotocol/client";
import { expect, onTestFinished, test } from "vitest";
import { initialize } from "./support/requests.ts";

const heavy = new URL("heavy-bin.ts", import.meta.url).pathname;
const notes = new URL("notes-bin.ts", import.meta.url).pathname;
const TOKEN = "correct-horse-battery-staple";
const MB = 1_000_000;

async function connected(args: readonly string[]) {
  const transport = new StdioClientTransport({
    command: process.execPath,
    args: [heavy, ...args],
    env: { PATH: process.env["PATH"] ?? "", HEAVY_TOKEN: TOKEN },
    stderr: "ignore",
  });
  const client = new Client({ name: "test", version: "0.0.0" });
  await client.connect(transport);
  onTestFinished(() => client.close());
  const call = async (name: string) => (await client.callTool({ name, arguments: {} })) as CallToolResult;
  const peak = async () => ((await call("peak")).structuredContent as { bytes: number }).bytes;
  return { call, peak };
}

const textOf = ({ content }: CallToolResult) => content.map((block) => (block as { text: string }).text).join("");
/** What is said besides the text itself: that it was cut, boundaries, masks. */
const ASIDE = 60_000;

test.for([
  ["ascii", []],
  ["ascii", ["--redact", "patterns"]],
  ["ascii", ["--structured"]],
  ["wide", ["--redact", "patterns"]],
  ["quoted", ["--redact", "patterns"]],
  ["secrets", ["--redact", "patterns"]],
  ["blocks", []],
] as const)("50 MB from %s %j: 100 kB arrive, and the process grows by 150 MB at most", async ([name, args]) => {
  const { call, peak } = await connected(args);
  const before = await peak();
  const result = await call(name);
  const grown = (await peak()) - before;
  const text = textOf(result);
  expect(Buffer.byteLength(text)).toBeGreaterThan(name === "secrets" ? 50_000 : 99_000);
  expect(Buffer.byteLength(text)).toBeLessThan(100_000 + ASIDE);
  expect(text).toMatch(/\[cut: [\d,]+ of [\d,]+ bytes shown; ask for less or for a part\]/);
  expect(text).not.toContain(TOKEN);
  expect(result.structuredContent).toBeUndefined();
  expect(grown).toBeLessThan(150 * MB);
});

test("50 MB in a record: half a record is none, so the call says that it is too large", async () => {
  const { call, peak } = await connected([]);
  const before = await peak();
  const result = await call("record");
  const grown = (await peak()) - before;
  expect(textOf(result)).toBe("The answer has more than 100,000 bytes. Ask for less or for a part.");
  expect(result).toMatchObject({ isError: true, _meta: { "mooring/error": { kind: "too_large" } } });
  expect(result.structuredContent).toBeUndefined();
  expect(grown).toBeLessThan(150 * MB);
});

test.for([
  ["a line that never ends", (n: number) => Buffer.alloc(n, "x")],
  [
    "a message over the cap",
    (n: number) => Buffer.from(`{"jsonrpc":"2.0","id":1,"method":"ping","params":{"pad":"${"x".repeat(n)}"}}\n`),
  ],
] as const)("%s: more than 10 MB on stdin end the process with one line on stderr and status 1", async ([, make]) => {
  const child = spawn(process.execPath, [notes]);
  onTestFinished(() => void child.kill("SIGKILL"));
  let out = "";
  let err = "";
  child.stdout.on("data", (chunk: Buffer) => (out += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => (err += chunk.toString()));
  // The process is gone before it has read it all.
  child.stdin.on("error", () => {});
  child.stdin.write(`${JSON.stringify(initialize)}\n`);
  const ended = new Promise((resolve) => child.once("exit", (code, signal) => resolve(signal ?? code)));
  const piece = make(2_000_000).subarray(0, 2_000_000);
  const whole = make(11_000_000);
  for (let at = 0; at < whole.length; at += piece.length) child.stdin.write(whole.subarray(at, at + piece.length));
  expect(await ended).toBe(1);
  expect(err).toBe("mooring-notes ends: the client sent a message of more than 10,000,000 bytes.\n");
  expect(out.trim().split("\n")).toHaveLength(1);
});

test("just under 10 MB on one line are a message like any other", async () => {
  const child = spawn(process.execPath, [notes], { stdio: ["pipe", "pipe", "inherit"] });
  onTestFinished(() => void child.kill("SIGKILL"));
  let out = "";
  child.stdout.on("data", (chunk: Buffer) => (out += chunk.toString()));
  child.stdin.write(`${JSON.stringify(initialize)}\n`);
  const bare = JSON.stringify({
    jsonrpc: "2.0",
    id: "big",
    method: "tools/call",
    params: { name: "read", arguments: { name: "" } },
  });
  child.stdin.write(`${bare.replace('"name":""', `"name":"${"x".repeat(10_000_000 - bare.length)}"`)}\n`);
  await expect.poll(() => out, { timeout: 10_000 }).toContain('"id":"big"');
  expect(out).toContain("There is no note");
});
