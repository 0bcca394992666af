import { describe, expect, test } from "vitest";
import type { Child } from "../../src/dev/child.ts";
import { type Message, parseMessage, toLine } from "../../src/dev/message.ts";
import { createRelay } from "../../src/dev/relay.ts";
import type { Version } from "../../src/dev/version.ts";

type Sent = Omit<Message, "jsonrpc">;

const subscriptionId = "io.modelcontextprotocol/subscriptionId";

/** A relay between a client and versions that are nothing but lists of what they were sent. */
function setUp() {
  const toClient: Sent[] = [];
  const said: string[] = [];
  const idle: Version[] = [];
  const bare = (line: Buffer): Sent => {
    const { jsonrpc: _, ...message } = parseMessage(line) as Message;
    return message;
  };
  const relay = createRelay({
    client: (line) => toClient.push(bare(line)),
    say: (text) => said.push(text),
    onWaiting: () => {},
    onIdle: (version) => idle.push(version),
  });
  const newVersion = () => {
    const sent: Sent[] = [];
    const version: Version = {
      child: {} as Child,
      startedAt: 0,
      phase: "starting",
      rounds: new Set(),
      send: (line) => void sent.push(bare(line)),
      ask(method, params = {}) {
        sent.push({ id: "own", method, params });
        return Promise.resolve({ jsonrpc: "2.0", id: "own", result: {} });
      },
    };
    const answers = (message: Sent) => relay.fromServer(version, toLine(message), parseMessage(toLine(message)));
    return { version, sent, answers };
  };
  const client = (message: Sent) => relay.fromClient(toLine(message), parseMessage(toLine(message)));
  return { relay, toClient, said, idle, newVersion, client };
}

const initialize = { id: 0, method: "initialize", params: { protocolVersion: "2025-11-25" } };
const initialized = { method: "notifications/initialized" };

test("requests wait for the first version, in their order, and cancelled ones no longer", () => {
  const { relay, newVersion, client } = setUp();
  client({ id: 1, method: "ping" });
  client({ id: 2, method: "ping" });
  client({ id: 3, method: "ping" });
  client({ method: "notifications/cancelled", params: { requestId: 2 } });
  expect(relay.waiting).toBe(2);
  const first = newVersion();
  relay.switchTo(first.version);
  expect(first.sent).toEqual([
    { id: 1, method: "ping" },
    { id: 3, method: "ping" },
  ]);
});

test("lines go on byte for byte", () => {
  const lines: Buffer[] = [];
  const relay = createRelay({
    client: (line) => lines.push(line),
    say: () => {},
    onWaiting: () => {},
    onIdle: () => {},
  });
  const { version } = setUp().newVersion();
  const sent: Buffer[] = [];
  relay.switchTo({ ...version, send: (line) => void sent.push(line) });
  const serving = { ...version, send: (line: Buffer) => void sent.push(line) };
  relay.switchTo(serving);
  const request = Buffer.from(
    '{ "method":"tools/call" ,"params":{"n":1.0,"big":12345678901234567890},"id":7,"jsonrpc":"2.0"}',
  );
  relay.fromClient(request, parseMessage(request));
  const answer = Buffer.from('{"jsonrpc": "2.0","id":7,"result":{"n":1e2}}');
  relay.fromServer(serving, answer, parseMessage(answer));
  expect([sent[0], lines[0]]).toEqual([request, answer]);
});

describe("a new version", () => {
  test("is told what the client has set up, and the client what may be new", async () => {
    const { relay, toClient, newVersion, client } = setUp();
    const first = newVersion();
    relay.switchTo(first.version);
    client(initialize);
    first.answers({ id: 0, result: { capabilities: { tools: {}, prompts: {}, logging: {} } } });
    expect(toClient.at(-1)?.result).toEqual({
      capabilities: { tools: { listChanged: true }, prompts: { listChanged: true }, logging: {} },
    });
    client(initialized);
    client({ id: 1, method: "logging/setLevel", params: { level: "info" } });
    client({ id: 2, method: "resources/subscribe", params: { uri: "a://1" } });
    client({ id: 3, method: "resources/subscribe", params: { uri: "a://2" } });
    client({ id: 4, method: "resources/subscribe", params: { uri: "a://3" } });
    client({ id: 5, method: "resources/unsubscribe", params: { uri: "a://2" } });
    first.answers({ id: 4, error: { code: -32_602, message: "no such resource" } });
    const second = newVersion();
    expect(relay.opening).toEqual({ method: "initialize", params: initialize.params });
    toClient.length = 0;
    relay.switchTo(second.version);
    expect(second.sent).toEqual([
      initialized,
      { id: "own", method: "logging/setLevel", params: { level: "info" } },
      { id: "own", method: "resources/subscribe", params: { uri: "a://1" } },
    ]);
    await Promise.resolve();
    expect(toClient).toEqual([
      { method: "notifications/tools/list_changed" },
      { method: "notifications/prompts/list_changed" },
      { method: "notifications/resources/updated", params: { uri: "a://1" } },
    ]);
  });

  test("is opened also when a save came between the client's initialize and its answer", () => {
    const { relay, newVersion, client } = setUp();
    const [first, second] = [newVersion(), newVersion()];
    relay.switchTo(first.version);
    client(initialize);
    relay.switchTo(second.version);
    first.answers({ id: 0, result: { capabilities: {} } });
    client(initialized);
    expect(second.sent).toEqual([{ ...initialize, id: "own" }, initialized]);
  });

  test("gets new requests, while the old one answers what it was asked", () => {
    const { relay, toClient, idle, newVersion, client } = setUp();
    const [first, second] = [newVersion(), newVersion()];
    relay.switchTo(first.version);
    client({ id: 1, method: "tools/call" });
    relay.switchTo(second.version);
    client({ id: 2, method: "tools/call" });
    client({ method: "notifications/cancelled", params: { requestId: 99 } });
    first.answers({ method: "notifications/progress", params: { progressToken: 1 } });
    first.answers({ method: "notifications/tools/list_changed" });
    first.answers({ method: "notifications/resources/updated", params: { uri: "a://1" } });
    expect(idle).toEqual([]);
    first.answers({ id: 1, result: {} });
    expect(idle).toEqual([first.version]);
    // Not its request.
    first.answers({ id: 2, result: {} });
    expect(second.sent).toEqual([{ id: 2, method: "tools/call" }]);
    expect(toClient).toEqual([
      { method: "notifications/progress", params: { progressToken: 1 } },
      { id: 1, result: {} },
    ]);
  });

  test("says nothing to the client before it serves", () => {
    const { toClient, newVersion } = setUp();
    const first = newVersion();
    first.answers({ id: 0, method: "ping" });
    first.answers({ method: "notifications/message", params: {} });
    expect(toClient).toEqual([]);
  });
});

describe("questions to the client", () => {
  const ask = (progressToken?: number) => ({
    id: 0,
    method: "elicitation/create",
    params: { message: "Sure?", ...(progressToken !== undefined && { _meta: { progressToken } }) },
  });

  test("of two versions have ids of their own, and answers find back", () => {
    const { relay, toClient, newVersion, client } = setUp();
    const [first, second] = [newVersion(), newVersion()];
    relay.switchTo(first.version);
    first.answers(ask(0));
    relay.switchTo(second.version);
    second.answers(ask(0));
    expect(toClient).toEqual([ask(0), { ...ask(1), id: 1 }]);
    client({ method: "notifications/progress", params: { progressToken: 1, progress: 5 } });
    client({ id: 1, result: { action: "accept" } });
    client({ id: 0, result: { action: "decline" } });
    expect(first.sent).toEqual([{ id: 0, result: { action: "decline" } }]);
    expect(second.sent).toEqual([
      { method: "notifications/progress", params: { progressToken: 0, progress: 5 } },
      { id: 0, result: { action: "accept" } },
    ]);
  });

  test("are withdrawn by who asked, or with it, and late answers reach nobody", () => {
    const { relay, toClient, newVersion, client } = setUp();
    const [first, second] = [newVersion(), newVersion()];
    relay.switchTo(first.version);
    first.answers(ask());
    relay.switchTo(second.version);
    second.answers(ask());
    toClient.length = 0;
    second.answers({ method: "notifications/cancelled", params: { requestId: 0 } });
    relay.abandon(first.version, "gone");
    expect(toClient.map(({ method, params }) => [method, params?.["requestId"]])).toEqual([
      ["notifications/cancelled", 1],
      ["notifications/cancelled", 0],
    ]);
    client({ id: 0, result: {} });
    client({ id: 1, result: {} });
    expect([...first.sent, ...second.sent]).toEqual([]);
  });
});

describe("streams of 2026", () => {
  const filter = { toolsListChanged: true, resourceSubscriptions: ["a://1"] };
  const listen = { id: "listen:0", method: "subscriptions/listen", params: { notifications: filter } };
  const acknowledge = (notifications: object) => ({
    method: "notifications/subscriptions/acknowledged",
    params: { notifications, _meta: { [subscriptionId]: "listen:0" } },
  });
  const tag = { _meta: { [subscriptionId]: "listen:0" } };

  function listening() {
    const all = setUp();
    const first = all.newVersion();
    all.relay.switchTo(first.version);
    all.client(listen);
    first.answers(acknowledge({ resourceSubscriptions: ["a://1"] }));
    return { ...all, first };
  }

  test("promise what a save brings, and go on in the next version", () => {
    const { relay, toClient, newVersion, first } = listening();
    expect(toClient).toEqual([acknowledge(filter)]);
    expect(relay.isIdle(first.version)).toBe(true);
    const second = newVersion();
    relay.switchTo(second.version);
    expect(second.sent).toEqual([listen]);
    toClient.length = 0;
    second.answers(acknowledge({ resourceSubscriptions: ["a://1"] }));
    first.answers({ id: "listen:0", result: {} });
    second.answers({ method: "notifications/resources/updated", params: { uri: "a://1", ...tag } });
    const updated = { method: "notifications/resources/updated", params: { uri: "a://1", ...tag } };
    expect(toClient).toEqual([updated, updated]);
  });

  test("are told of a new version", () => {
    const { relay, toClient, newVersion } = listening();
    relay.switchTo(newVersion().version);
    expect(toClient.at(-1)).toEqual({ method: "notifications/tools/list_changed", params: tag });
  });

  test("stay open where the server has nothing for them, and where a new version refuses", () => {
    const { relay, toClient, said, newVersion, first } = listening();
    toClient.length = 0;
    first.answers({ id: "listen:0", result: {} });
    const second = newVersion();
    relay.switchTo(second.version);
    second.answers({ id: "listen:0", error: { code: -32_603, message: "too many" } });
    expect(said).toEqual(["a stream of changes was refused: too many"]);
    relay.switchTo(newVersion().version);
    expect(toClient.map(({ method }) => method)).toEqual(Array(2).fill("notifications/tools/list_changed"));
  });

  test("end where the client ends them, or the first answer is a refusal", () => {
    const { relay, toClient, newVersion, client, first } = listening();
    client({ method: "notifications/cancelled", params: { requestId: "listen:0" } });
    client({ ...listen, id: "listen:1" });
    first.answers({ id: "listen:1", error: { code: -32_602, message: "bad filter" } });
    expect(toClient.at(-1)).toEqual({ id: "listen:1", error: { code: -32_602, message: "bad filter" } });
    toClient.length = 0;
    const second = newVersion();
    relay.switchTo(second.version);
    expect([...second.sent, ...toClient]).toEqual([]);
  });

  test("survive a crash, which ordinary requests do not", () => {
    const { relay, toClient, newVersion, client, first } = listening();
    client({ id: 8, method: "tools/call" });
    toClient.length = 0;
    relay.abandon(first.version, "It ended.");
    expect(toClient).toEqual([{ id: 8, error: { code: -32_603, message: "It ended." } }]);
    const second = newVersion();
    relay.switchTo(second.version);
    expect(second.sent).toEqual([listen]);
  });
});

describe("results of 2026", () => {
  test("are fresh for no time", () => {
    const { relay, toClient, newVersion, client } = setUp();
    const first = newVersion();
    relay.switchTo(first.version);
    client({ id: 1, method: "tools/list" });
    first.answers({ id: 1, result: { tools: [], ttlMs: 300_000, cacheScope: "public" } });
    expect(toClient).toEqual([{ id: 1, result: { tools: [], ttlMs: 0, cacheScope: "public" } }]);
  });

  test("that ask are gone on with by the version that asked, and begun anew by another", () => {
    const { relay, newVersion, client } = setUp();
    const first = newVersion();
    relay.switchTo(first.version);
    client({ id: 1, method: "tools/call", params: { name: "remove" } });
    first.answers({ id: 1, result: { resultType: "input_required", requestState: "sealed" } });
    const again = { method: "tools/call", params: { name: "remove", requestState: "sealed", inputResponses: {} } };
    client({ id: 2, ...again });
    const second = newVersion();
    relay.switchTo(second.version);
    client({ id: 3, ...again });
    expect(first.sent.at(-1)).toEqual({ id: 2, ...again });
    expect(second.sent).toEqual([{ id: 3, method: "tools/call", params: { name: "remove" } }]);
  });
});

test("what is no protocol is kept off the connection, and what waits is refused", () => {
  const { relay, toClient, said, newVersion, client } = setUp();
  const first = newVersion();
  relay.fromServer(first.version, Buffer.from("hello"), undefined);
  expect(said).toEqual(["kept off the connection, since stdout is for the protocol: hello"]);
  client({ id: 1, method: "ping" });
  relay.refuse("It does not start.");
  expect(toClient).toEqual([{ id: 1, error: { code: -32_603, message: "It does not start." } }]);
  expect(relay.waiting).toBe(0);
});
