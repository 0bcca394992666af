import type { JSONRPCMessage, Transport } from "@modelcontextprotocol/server";
import { expect, test, vi } from "vitest";
import { followingTransport } from "../src/following-transport.ts";

function started() {
  const wire: Transport = { start: async () => {}, send: async () => {}, close: async () => {} };
  const release = vi.fn();
  let found: (() => void) | undefined;
  const follow = vi.fn(async (uris: readonly string[]) => {
    await new Promise<void>((resolve) => (found = resolve));
    return { uris: uris.filter((uri) => uri !== "note://missing"), release };
  });
  const onEnd = vi.fn();
  const transport = followingTransport(wire, { follow }, onEnd);
  const heard: JSONRPCMessage[] = [];
  transport.onmessage = (message) => heard.push(message);
  const settle = async () => {
    found?.();
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { wire, transport, heard, release, settle, onEnd };
}

const listen = (id: number, uris: readonly string[] = ["note://one", "note://missing"]): JSONRPCMessage => ({
  jsonrpc: "2.0",
  id,
  method: "subscriptions/listen",
  params: { notifications: { resourceSubscriptions: [...uris] } },
});
const cancel = (requestId: number): JSONRPCMessage => ({
  jsonrpc: "2.0",
  method: "notifications/cancelled",
  params: { requestId },
});

test("what may not be watched is left out of the request, and the watch ends with its cancel", async () => {
  const { wire, heard, release, settle } = started();
  wire.onmessage?.(listen(1));
  await settle();
  expect(heard).toMatchObject([{ id: 1, params: { notifications: { resourceSubscriptions: ["note://one"] } } }]);
  wire.onmessage?.(cancel(1));
  await settle();
  expect(release).toHaveBeenCalledOnce();
});

test("a cancel that comes before the watch stands ends it all the same", async () => {
  const { wire, heard, release, settle } = started();
  wire.onmessage?.(listen(1));
  wire.onmessage?.(cancel(1));
  await settle();
  await settle();
  expect(release).toHaveBeenCalledOnce();
  expect(heard).toMatchObject([{ method: "notifications/cancelled" }]);
});

test("an answer ends the subscription: it was refused or is over; other answers do not", async () => {
  const { wire, transport, release, settle } = started();
  wire.onmessage?.(listen(1));
  await settle();
  await transport.send({ jsonrpc: "2.0", id: 2, result: {} });
  await transport.send({ jsonrpc: "2.0", method: "notifications/resources/updated", params: { uri: "note://one" } });
  expect(release).not.toHaveBeenCalled();
  await transport.send({ jsonrpc: "2.0", id: 1, error: { code: -32602, message: "no" } });
  await settle();
  expect(release).toHaveBeenCalledOnce();
});

test("the end of the connection ends every watch", async () => {
  const { wire, release, settle, onEnd } = started();
  wire.onmessage?.(listen(1));
  await settle();
  wire.onclose?.();
  await settle();
  expect(release).toHaveBeenCalledOnce();
  expect(onEnd).toHaveBeenCalledOnce();
});
