import { PassThrough, Writable } from "node:stream";
import { expect, test, vi } from "vitest";
import { OversizedMessage, stdioTransport } from "../src/stdio-transport.ts";

const request = (id: number) => `${JSON.stringify({ jsonrpc: "2.0", id, method: "ping" })}\n`;

/** A stdout that takes nothing until it is released. */
function stuck() {
  const waiting: (() => void)[] = [];
  const stdout = new Writable({ highWaterMark: 1, write: (_chunk, _encoding, done) => void waiting.push(done) });
  return { stdout, release: () => waiting.splice(0).forEach((done) => done()) };
}

test("a client that asks and does not read is read no further, until it reads", async () => {
  const stdin = new PassThrough();
  const { stdout, release } = stuck();
  const transport = stdioTransport({ stdin, stdout });
  const heard: unknown[] = [];
  transport.onmessage = (message) => heard.push(message);
  await transport.start();
  const sent = Array.from({ length: 20 }, (_, id) =>
    transport.send({ jsonrpc: "2.0", id, result: { text: "x".repeat(2_000_000) } }),
  );
  await vi.waitFor(() => expect(stdin.isPaused()).toBe(true));
  stdin.write(request(1));
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(heard).toEqual([]);
  expect(stdout.listenerCount("drain")).toBeLessThan(5);
  release();
  await Promise.all(sent);
  await vi.waitFor(() => expect(heard).toHaveLength(1));
});

test("messages may come in pieces, several at once, with blank and broken lines between them", async () => {
  const stdin = new PassThrough();
  const transport = stdioTransport({ stdin, stdout: new PassThrough() });
  const heard: unknown[] = [];
  const errors: string[] = [];
  transport.onmessage = (message) => heard.push((message as { id: number }).id);
  transport.onerror = (error) => errors.push(error.message);
  await transport.start();
  stdin.write(`${request(1)}${request(2).slice(0, 10)}`);
  stdin.write(`${request(2).slice(10)}\nnot json\n[]\n{"jsonrpc":"1.0","id":3}\n${request(4)}`);
  await vi.waitFor(() => expect(heard).toEqual([1, 2, 4]));
  expect(errors).toEqual([
    "a line on stdin is not JSON",
    "a line on stdin is not a JSON-RPC message",
    "a line on stdin is not a JSON-RPC message",
  ]);
});

test("a line over the cap ends the connection, whole or not", async () => {
  for (const line of ["x".repeat(2_000), `${"x".repeat(2_000)}\n`]) {
    const stdin = new PassThrough();
    const transport = stdioTransport({ stdin, stdout: new PassThrough(), maxLine: 1_000 });
    const [onerror, onclose] = [vi.fn(), vi.fn()];
    Object.assign(transport, { onerror, onclose });
    await transport.start();
    stdin.write(line);
    await vi.waitFor(() => expect(onclose).toHaveBeenCalledOnce());
    expect(onerror).toHaveBeenCalledWith(expect.any(OversizedMessage));
    await expect(transport.send({ jsonrpc: "2.0", id: 1, result: {} })).rejects.toThrow("closed");
  }
});
