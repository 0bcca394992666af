import { type JSONRPCMessage, ProtocolError, type Server, type Transport } from "@modelcontextprotocol/server";
import { expect, test, vi } from "vitest";
import type { Call } from "../src/call.ts";
import { directCalls } from "../src/direct-calls.ts";
import type { Next } from "../src/pipeline.ts";
import { prepare } from "../src/server.ts";
import { notesDeps, notesServer } from "./notes-server.ts";

function started(run: Next, { negotiated = true } = {}) {
  const sent: JSONRPCMessage[] = [];
  const wire: Transport = {
    start: async () => {},
    close: async () => {},
    send: async (message) => void sent.push(message as JSONRPCMessage),
  };
  const notification = vi.fn(async () => {});
  const server = { notification } as unknown as Server;
  const direct = (name: string) => (name === "look" ? run : undefined);
  const transport = directCalls(wire, { direct }, () => (negotiated ? server : undefined));
  const left: JSONRPCMessage[] = [];
  const errors: Error[] = [];
  transport.onmessage = (message) => left.push(message);
  transport.onerror = (error) => errors.push(error);
  return { wire, sent, left, errors, notification };
}

const request = (params: unknown, id: number | string = 1) =>
  ({ jsonrpc: "2.0", id, method: "tools/call", params }) as JSONRPCMessage;
const turn = () => new Promise((resolve) => setImmediate(resolve));
const said = (text: string) => ({ content: [{ type: "text" as const, text }] });

test("a plain call is answered without the SDK, under its own id", async () => {
  const { wire, sent, left } = started(async (call) => said(JSON.stringify([call.target, call.arguments])));
  wire.onmessage?.(request({ name: "look", arguments: { at: 1 } }, "a"));
  wire.onmessage?.(request({ name: "look", _meta: { progressToken: 7 } }));
  await turn();
  expect(left).toEqual([]);
  expect(sent).toEqual([
    { jsonrpc: "2.0", id: "a", result: said('["look",{"at":1}]') },
    { jsonrpc: "2.0", id: 1, result: said('["look",null]') },
  ]);
});

test.for([
  ["another tool", { name: "change" }],
  ["no name", { arguments: {} }],
  ["no parameters", undefined],
  ["arguments that are no object", { name: "look", arguments: [1] }],
  ["a task", { name: "look", task: { ttl: 1 } }],
  ["a later round", { name: "look", requestState: "x" }],
  ["an envelope", { name: "look", _meta: { "io.modelcontextprotocol/protocolVersion": "2026-07-28" } }],
  ["a trace", { name: "look", _meta: { traceparent: "00-0-0-00" } }],
  ["a token of no known type", { name: "look", _meta: { progressToken: {} } }],
] as const)("%s is left to the SDK", async ([, params]) => {
  const { wire, sent, left } = started(async () => said("no"));
  const message = request(params);
  wire.onmessage?.(message);
  await turn();
  expect([left, sent]).toEqual([[message], []]);
});

test("so is everything before `initialize` was answered, and every other method", async () => {
  const before = started(async () => said("no"), { negotiated: false });
  before.wire.onmessage?.(request({ name: "look" }));
  const other = started(async () => said("no"));
  other.wire.onmessage?.({ jsonrpc: "2.0", id: 1, method: "tools/list" });
  await turn();
  expect([before.left.length, before.sent, other.left.length, other.sent]).toEqual([1, [], 1, []]);
});

test("a cancelled call hears of it and is not answered; the SDK hears of it too", async () => {
  let call: Call | undefined;
  let finish: (() => void) | undefined;
  const { wire, sent, left } = started(async (running) => {
    call = running;
    await new Promise<void>((resolve) => (finish = resolve));
    return said("late");
  });
  wire.onmessage?.(request({ name: "look" }, 5));
  await turn();
  const cancel = { jsonrpc: "2.0", method: "notifications/cancelled", params: { requestId: 5 } } as const;
  wire.onmessage?.(cancel);
  expect(call?.cancelled).toBe(true);
  expect(call?.signal.aborted).toBe(true);
  finish?.();
  await turn();
  expect([sent, left]).toEqual([[], [cancel]]);
});

test("the end of the connection ends what is running", async () => {
  let signal: AbortSignal | undefined;
  const { wire } = started((call) => {
    signal = call.signal;
    return new Promise(() => {});
  });
  wire.onmessage?.(request({ name: "look" }));
  wire.onclose?.();
  expect(signal?.aborted).toBe(true);
});

test("a refusal of the protocol keeps its code; of anything else nothing leaves", async () => {
  const refusal = started(() => Promise.reject(new ProtocolError(-32602, "Unknown", { of: 1 })));
  refusal.wire.onmessage?.(request({ name: "look" }));
  const failure = started(() => Promise.reject(new Error("/home/me: secret")));
  failure.wire.onmessage?.(request({ name: "look" }));
  await turn();
  expect(refusal.sent).toEqual([
    { jsonrpc: "2.0", id: 1, error: { code: -32602, message: "Unknown", data: { of: 1 } } },
  ]);
  expect(failure.sent).toEqual([{ jsonrpc: "2.0", id: 1, error: { code: -32603, message: "Internal error" } }]);
  expect(failure.errors.map(({ message }) => message)).toEqual(["/home/me: secret"]);
});

test("progress goes out as the client asked for it", async () => {
  const { wire, notification } = started(async (call) => {
    call.progress(1, 1, "done");
    return said("");
  });
  wire.onmessage?.(request({ name: "look", _meta: { progressToken: "t" } }));
  await turn();
  expect(notification).toHaveBeenCalledWith({
    method: "notifications/progress",
    params: { progressToken: "t", progress: 1, total: 1, message: "done" },
  });
});

test("the first progress goes out however young the process is, and then four a second at most", async () => {
  // Since the start of the process: a server may be asked after a few dozen milliseconds.
  const clock = vi.spyOn(performance, "now").mockReturnValue(40);
  const { wire, notification } = started(async (call) => {
    call.progress(1, 9);
    call.progress(2, 9);
    clock.mockReturnValue(300);
    call.progress(3, 9);
    return said("");
  });
  wire.onmessage?.(request({ name: "look", _meta: { progressToken: "t" } }));
  await turn();
  clock.mockRestore();
  const told = notification.mock.calls as unknown as readonly (readonly [{ readonly params: { progress: number } }])[];
  expect(told.map(([{ params }]) => params.progress)).toEqual([1, 3]);
});

test("only tools that read and ask nobody are answered directly, under all their names, until the process drains", () => {
  const prepared = prepare(notesServer, { deps: notesDeps(), access: "full" });
  const direct = (names: readonly string[]) => names.filter((name) => prepared.direct(name) !== undefined);
  const names = prepared.tools.map(({ name }) => name);
  expect(names.length).toBeGreaterThan(6);
  expect(direct([...names, "get", "missing"])).toEqual(["read", "count", "fail", "get"]);
  prepared.drain();
  expect(direct([...names, "get"])).toEqual([]);
  const hidden = prepare(notesServer, { deps: notesDeps(), exclude: ["read"], prefix: "n_" });
  expect([hidden.direct("n_read"), hidden.direct("read"), hidden.direct("n_get")]).toEqual([
    undefined,
    undefined,
    undefined,
  ]);
  expect(hidden.direct("n_count")).toBeDefined();
  hidden.close();
  prepared.close();
});
