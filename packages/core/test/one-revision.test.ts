import { type JSONRPCMessage, PROTOCOL_VERSION_META_KEY, type Transport } from "@modelcontextprotocol/server";
import { expect, test } from "vitest";
import { oneRevision } from "../src/one-revision.ts";

function wired() {
  const sent: JSONRPCMessage[] = [];
  const passed: JSONRPCMessage[] = [];
  const wire: Transport = {
    start: async () => {},
    send: async (message) => void sent.push(message),
    close: async () => {},
  };
  const outer = oneRevision(wire);
  outer.onmessage = (message) => void passed.push(message);
  const ask = (id: number, revision?: string): JSONRPCMessage => {
    const _meta = revision === undefined ? {} : { [PROTOCOL_VERSION_META_KEY]: revision };
    const message: JSONRPCMessage = { jsonrpc: "2.0", id, method: "tools/list", params: { _meta } };
    wire.onmessage?.(message);
    return message;
  };
  return { outer, sent, passed, ask };
}

test("once a revision was answered, requests that name another are refused with the one that is spoken", async () => {
  const { outer, sent, passed, ask } = wired();
  const first = ask(1, "2026-07-28");
  await outer.send({ jsonrpc: "2.0", id: 1, result: {} });
  ask(2, "1999-01-01");
  const third = ask(3, "2026-07-28");
  expect(passed).toEqual([first, third]);
  expect(sent.slice(1)).toEqual([
    {
      jsonrpc: "2.0",
      id: 2,
      error: {
        code: -32022,
        message: expect.stringContaining("1999-01-01") as string,
        data: { supported: ["2026-07-28"], requested: "1999-01-01" },
      },
    },
  ]);
});

test("the first request is the SDK's to judge, and a refused one fixes nothing", async () => {
  const { outer, passed, ask } = wired();
  const wrong = ask(1, "1999-01-01");
  await outer.send({ jsonrpc: "2.0", id: 1, error: { code: -32022, message: "no" } });
  const right = ask(2, "2026-07-28");
  await outer.send({ jsonrpc: "2.0", id: 2, result: {} });
  ask(3, "1999-01-01");
  expect(passed).toEqual([wrong, right]);
});

test("a refused request leaves nothing behind for another one of its id", async () => {
  const { outer, passed, ask } = wired();
  ask(1, "1999-01-01");
  await outer.send({ jsonrpc: "2.0", id: 1, error: { code: -32022, message: "no" } });
  ask(1);
  await outer.send({ jsonrpc: "2.0", id: 1, result: {} });
  const right = ask(2, "2026-07-28");
  expect(passed.at(-1)).toBe(right);
});

test("requests that name none, and notifications, pass", async () => {
  const { outer, passed, ask } = wired();
  ask(1, "2026-07-28");
  await outer.send({ jsonrpc: "2.0", id: 1, result: {} });
  const plain = ask(2);
  expect(passed.at(-1)).toBe(plain);
});
