// What direct-calls.test.ts takes for granted: the process does answer like this, and nobody can tell by the answers.
import { type ChildProcessByStdio, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import type { Readable, Writable } from "node:stream";
import { expect, onTestFinished, test } from "vitest";
import { initialize } from "./support/requests.ts";

const bin = new URL("reads-bin.ts", import.meta.url).pathname;

interface Message {
  readonly id?: unknown;
  readonly method?: string;
  readonly params?: Record<string, unknown>;
  readonly result?: { readonly isError?: boolean; readonly content?: readonly { readonly text: string }[] };
  readonly error?: unknown;
}

/** A client that sends what it is told and keeps what it hears. */
async function started(args: readonly string[] = []) {
  const child: ChildProcessByStdio<Writable, Readable, Readable> = spawn(process.execPath, [bin, ...args], {
    stdio: ["pipe", "pipe", "pipe"],
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  const heard: Message[] = [];
  const ended = new Promise<number | string | null>((resolve) =>
    child.once("close", (code, signal) => resolve(signal ?? code)),
  );
  let rest = "";
  const listen = (chunk: Buffer) => {
    const lines = (rest + chunk.toString()).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) heard.push(JSON.parse(line) as Message);
  };
  child.stdout.on("data", listen);
  child.stderr.resume();
  const send = (...messages: readonly object[]) =>
    child.stdin.write(messages.map((message) => `${JSON.stringify(message)}\n`).join(""));
  const answer = (id: unknown) =>
    expect.poll(() => heard.find((message) => message.id === id), { timeout: 10_000 }).toBeDefined();
  const answered = async (id: unknown) => {
    await answer(id);
    return heard.find((message) => message.id === id) as Message;
  };
  send(initialize, { jsonrpc: "2.0", method: "notifications/initialized" });
  await answer("init");
  return { child, heard, send, answered, ended };
}

const call = (id: number, name: string, args: object = {}, meta?: object) => ({
  jsonrpc: "2.0",
  id,
  method: "tools/call",
  params: { name, arguments: args, ...(meta && { _meta: meta }) },
});
/** Something that only the SDK's path knows. */
const trace = { traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01" };

test.for([
  ["a result", "fill", { length: 10 }],
  ["a wrong argument", "fill", { length: "x" }],
  ["a failure", "fail", {}],
  ["an unknown tool", "missing", {}],
] as const)("%s is the same on both paths", async ([, name, args]) => {
  const { send, answered } = await started();
  send(call(1, name, args), call(2, name, args, trace));
  const [direct, sdk] = [await answered(1), await answered(2)];
  // A reference of its own is all that may differ.
  const plain = ({ result, error }: Message) =>
    JSON.stringify({ result, error }).replaceAll(/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, "REF");
  expect(plain(direct)).toBe(plain(sdk));
  expect(plain(direct)).not.toContain("hunter2");
});

test("a cancelled call ends and is not answered; its neighbours are", async () => {
  const { send, answered, heard } = await started();
  send(call(1, "rest", { ms: 60_000, name: "one" }), call(2, "rest", { ms: 100, name: "two" }));
  send({ jsonrpc: "2.0", method: "notifications/cancelled", params: { requestId: 1 } });
  expect((await answered(2)).result?.content?.[0]?.text).toBe("rested");
  send(call(3, "aborted"));
  expect((await answered(3)).result?.content?.[0]?.text).toBe("one");
  expect(heard.filter(({ id }) => id === 1)).toEqual([]);
});

test("progress is told before the answer", async () => {
  const { send, answered, heard } = await started();
  send(call(1, "rest", { ms: 50 }, { progressToken: "t" }));
  await answered(1);
  expect(heard.slice(1).map(({ method, id }) => method ?? id)).toEqual(["notifications/progress", 1]);
  expect(heard[1]?.params).toEqual({ progressToken: "t", progress: 1, total: 2, message: "resting" });
});

test("SIGTERM loses none of 50 calls in flight", async () => {
  const { child, send, heard, ended } = await started();
  send(...Array.from({ length: 50 }, (_, id) => call(id, "rest", { ms: 500 })));
  child.kill("SIGTERM");
  expect(await ended).toBe(0);
  const answers = heard.filter(({ id, result }) => typeof id === "number" && result?.content?.[0]?.text === "rested");
  expect(answers).toHaveLength(50);
});

test("the process ends with its stdin, calls running or not", async () => {
  const { child, send, heard, ended } = await started();
  send(call(1, "rest", { ms: 60_000 }));
  await new Promise((resolve) => setTimeout(resolve, 100));
  const since = performance.now();
  child.stdin.end();
  expect(await ended).toBe(0);
  expect(performance.now() - since).toBeLessThan(2_000);
  expect(heard.filter(({ id }) => id === 1)).toEqual([]);
});

test("a client that asks and does not listen fills no memory, and gets every answer once it does", async () => {
  const { child, send, heard } = await started(["--concurrency", "0"]);
  // Megabytes; only Linux tells them like this, and elsewhere there is only the rest to see.
  const resident = () =>
    process.platform === "linux"
      ? Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${child.pid}/status`, "utf8"))?.[1]) / 1_000
      : 0;
  const before = resident();
  child.stdout.pause();
  for (let id = 0; id < 200; id++) send(call(id, "fill", { length: 900_000 }, { progressToken: "x".repeat(2_000) }));
  await new Promise((resolve) => setTimeout(resolve, 1_500));
  // Unheld, 180 MB of answers would wait, and twice that while they are put together.
  expect(resident() - before).toBeLessThan(250);
  child.stdout.resume();
  await expect
    .poll(() => heard.filter(({ result }) => result?.content?.[0]?.text.length === 900_000).length, { timeout: 20_000 })
    .toBe(200);
});
