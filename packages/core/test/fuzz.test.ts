// Hostile clients: 10,000 messages over stdio, 10,000 over HTTP, and 10,000 argument objects in process. Seeded (FUZZ_SEED).
import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { Agent, request } from "node:http";
import fc from "fast-check";
import { expect, onTestFinished, test, vi } from "vitest";
import { errorKinds } from "../src/errors.ts";
import { connect, type Era, eras } from "../src/testing.ts";
import { notesDeps, notesServer } from "./notes-server.ts";
import { argumentsOf, exceptionIn, type FuzzedMessage, fuzzedMessages, seed } from "./support/fuzz.ts";
import { initialize, modern, modernHeaders } from "./support/requests.ts";

const MESSAGES = 10_000;
const ARGUMENTS = 10_000;
const BATCH = 500;
/** Seconds on a busy machine of two cores, all five together: about 40. */
const TIMEOUT = { timeout: 120_000 };
const bin = new URL("notes-bin.ts", import.meta.url).pathname;
const common = ["--access", "full", "--confirm", "host", "--timeout", "100ms", "--log-level", "warn"];

function started(args: readonly string[]): { child: ChildProcessWithoutNullStreams; err: () => string } {
  const child = spawn(process.execPath, [bin, ...common, ...args]);
  let err = "";
  child.stderr.on("data", (chunk: Buffer) => (err += chunk.toString()));
  onTestFinished(() => void child.kill("SIGKILL"));
  return { child, err: () => err };
}

/** What must not stand on stderr, however strange the messages were. */
function accidents(err: string): string[] {
  return err
    .split("\n")
    .filter((line) => /unhandled rejection|uncaught|unexpected failure|"level":"error"|\s+at /.test(line));
}

interface Answer {
  readonly id?: unknown;
  readonly result?: { readonly isError?: boolean; readonly _meta?: Record<string, unknown> };
  readonly error?: { readonly code: number; readonly message: string };
}

/** Nothing that a client sends is the server's failure. */
function faultIn(answer: Answer): string | undefined {
  const { kind } = (answer.result?._meta?.["mooring/error"] ?? {}) as { kind?: string };
  if (answer.error?.code === -32603) return `-32603 ${answer.error.message}`;
  if (kind === "internal") return "internal";
  return exceptionIn(JSON.stringify(answer));
}

const opening: Record<Era, object> = { "2025": initialize, "2026": modern("server/discover", {}, "init") };
const ordinary = (era: Era, id: string) => {
  const message = modern("tools/call", { name: "count", arguments: {} }, id);
  return era === "2026" ? message : { ...message, params: { name: "count", arguments: {} } };
};

test.for(eras)(
  `stdio %s: ${MESSAGES / 2} messages, each request answered, nothing broken (seed ${seed})`,
  TIMEOUT,
  async (era) => {
    const { child, err } = started([]);
    const answered = new Set<unknown>();
    const faults: string[] = [];
    let buffered = "";
    child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
      const lines = (buffered + chunk).split("\n");
      buffered = lines.pop() ?? "";
      for (const line of lines) {
        const answer = JSON.parse(line) as Answer & { jsonrpc: string };
        if (answer.jsonrpc !== "2.0") faults.push(line);
        const fault = faultIn(answer);
        if (fault) faults.push(fault);
        if (answer.result || answer.error) answered.add(answer.id);
      }
    });
    const send = (body: string | Buffer) => {
      child.stdin.write(body);
      return child.stdin.write("\n");
    };
    send(JSON.stringify(opening[era]));
    const messages = fuzzedMessages(era, MESSAGES / 2, era === "2025" ? 0 : MESSAGES);
    expect(messages).toHaveLength(MESSAGES / 2);
    for (let start = 0; start < messages.length; start += BATCH) {
      for (const { body } of messages.slice(start, start + BATCH))
        if (!send(body)) await new Promise((resolve) => child.stdin.once("drain", resolve));
      // An ordinary call in between is answered: the process is alive and not held up.
      const id = `ordinary-${start}`;
      send(JSON.stringify(ordinary(era, id)));
      await vi.waitFor(() => expect([...answered].at(-1) === id || answered.has(id)).toBe(true), 20_000);
    }
    const expected = messages.flatMap(({ expects }) => expects ?? []);
    expect(expected.length).toBeGreaterThan(MESSAGES / 5);
    await vi.waitFor(() => expect(expected.filter((id) => !answered.has(id)).slice(0, 5)).toEqual([]), 10_000);
    expect(faults.slice(0, 5)).toEqual([]);
    expect(accidents(err()).slice(0, 5)).toEqual([]);
    child.stdin.end();
    expect(await new Promise((resolve) => child.once("exit", resolve))).toBe(0);
  },
);

interface HttpAnswer {
  readonly status: number;
  readonly text: string;
  readonly ended: boolean;
  readonly session: string | undefined;
}

test(`HTTP: ${MESSAGES} bodies of both eras, no 5xx, nothing broken (seed ${seed})`, TIMEOUT, async () => {
  const { child, err } = started(["--http"]);
  await vi.waitFor(() => expect(err()).toContain("http://"), 10_000);
  const url = /http:\/\/\S+/.exec(err())?.[0] ?? "";
  const agent = new Agent({ keepAlive: true, maxSockets: 16 });
  onTestFinished(() => agent.destroy());
  const standard = { "content-type": "application/json", accept: "application/json, text/event-stream" };
  const send = (body: string | Buffer, headers: Record<string, string>, patienceMs: number) =>
    new Promise<HttpAnswer>((resolve, reject) => {
      const sent = request(url, { method: "POST", agent, headers: { ...standard, ...headers } }, (response) => {
        let text = "";
        const give = (ended: boolean) => {
          clearTimeout(timer);
          resolve({
            status: response.statusCode ?? 0,
            text,
            ended,
            session: response.headers["mcp-session-id"] as string,
          });
        };
        const timer = setTimeout(() => {
          give(false);
          response.destroy();
        }, patienceMs);
        response.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
        response.on("end", () => give(true));
        response.on("error", () => give(false));
      });
      sent.on("error", reject);
      sent.end(body);
    });
  const session = (await send(JSON.stringify(initialize), {}, 5_000)).session ?? "";
  expect(session).not.toBe("");
  const legacy = { "mcp-session-id": session, "mcp-protocol-version": "2025-11-25" };
  const oddHeaders: Record<string, string>[] = [
    { ...modernHeaders("tools/call", "=?base64?4pyT?="), "mcp-protocol-version": "9999-99-99" },
    modernHeaders("tools/call", "=?base64?%%%?="),
    { host: "localhost:99999" },
    { host: "127.0.0.1:1:2" },
    { "mcp-session-id": "../../x" },
    { accept: "text/html" },
    { accept: "" },
    { "content-type": 'application/json; charset="' },
    { "last-event-id": "1_2" },
    { "content-encoding": "gzip" },
    { traceparent: "00-xyz", authorization: "Bearer" },
  ];
  const headersOf = (era: Era, { method, target }: FuzzedMessage, i: number): Record<string, string> => {
    // One in twenty says something else than its body, or nothing sensible.
    if (i % 20 === 0) return { ...(i % 40 === 0 && legacy), ...(oddHeaders[(i / 20) % oddHeaders.length] as object) };
    if (era === "2025") return method === "initialize" ? {} : legacy;
    return modernHeaders(
      method ?? "tools/call",
      target !== undefined && /^[\x21-\x7e]{1,200}$/.test(target) ? target : "read",
    );
  };
  const statuses = new Map<number, number>();
  const faults: string[] = [];
  const open: string[] = [];
  // Requests that used an id which was in flight: one of them is answered, by the SDK's book-keeping.
  const shared: string[] = [];
  let sent = 0;
  let served = 0;
  const all = eras.flatMap((era) =>
    fuzzedMessages(era, MESSAGES / 2, era === "2025" ? 2 * MESSAGES : 3 * MESSAGES).map((message) => ({
      era,
      message,
    })),
  );
  async function worker(): Promise<void> {
    for (let i = sent++; i < all.length; i = sent++) {
      const { era, message } = all[i] as (typeof all)[number];
      const { body, method } = message;
      const patience = method === "subscriptions/listen" ? 100 : 5_000;
      const { status, text, ended } = await send(body, headersOf(era, message, i), patience);
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
      if (!ended && method !== "subscriptions/listen")
        (message.expects ? open : shared).push(body.toString().slice(0, 300));
      for (const line of text.split("\n")) {
        const json = line.startsWith("data: {") ? line.slice("data: ".length) : line.startsWith("{") ? line : undefined;
        if (json === undefined) continue;
        const answer = JSON.parse(json) as Answer;
        if (answer.result) served++;
        // Too many sessions at once is the one refusal that is a 503.
        const fault = status === 503 ? undefined : faultIn(answer);
        if (fault) faults.push(`${status} ${fault}`);
      }
    }
  }
  await Promise.all(Array.from({ length: 16 }, worker));
  expect([...statuses.values()].reduce((sum, count) => sum + count, 0)).toBe(MESSAGES);
  expect([...statuses.keys()].filter((status) => status >= 500 && status !== 503)).toEqual([]);
  // Not all of it was turned away at the door.
  expect(served).toBeGreaterThan(MESSAGES / 10);
  expect(faults.slice(0, 5)).toEqual([]);
  expect(open.slice(0, 5)).toEqual([]);
  expect(shared.length).toBeLessThan(10);
  expect(accidents(err()).slice(0, 5)).toEqual([]);
  const after = await send(
    JSON.stringify(modern("tools/call", { name: "count", arguments: {} })),
    modernHeaders("tools/call", "count"),
    5_000,
  );
  expect(after.text).toContain('"count"');
  expect(child.exitCode).toBeNull();
});

test.for(eras)(
  `%s: ${ARGUMENTS / 2} argument objects for all tools end in a result or a designed refusal (seed ${seed})`,
  TIMEOUT,
  async (era) => {
    const deps = notesDeps();
    await using mcp = await connect(notesServer, { deps, access: "full", confirm: "host", timeout: 100 }, era);
    const { tools } = await mcp.client.listTools();
    expect(tools.map(({ name }) => name).toSorted()).toEqual(Object.keys(argumentsOf).toSorted());
    const faults: string[] = [];
    const seen = new Map<string, number>();
    const note = (outcome: string) => seen.set(outcome, (seen.get(outcome) ?? 0) + 1);
    async function one(name: string, args: unknown): Promise<void> {
      try {
        // A round trip as on a wire: no undefined, no NaN.
        const plain: unknown = JSON.parse(JSON.stringify(args));
        const result = (await mcp.client.callTool({
          name,
          arguments: plain as Record<string, unknown>,
        })) as NonNullable<Answer["result"]>;
        const { kind } = (result._meta?.["mooring/error"] ?? { kind: "answered" }) as { kind: string };
        note(kind);
        if (result.isError && !(errorKinds as readonly string[]).includes(kind)) faults.push(`${name}: kind ${kind}`);
        const fault = faultIn({ result });
        if (fault) faults.push(`${name} ${JSON.stringify(plain).slice(0, 200)}: ${fault}`);
      } catch (error) {
        // Arguments that are no object never reach the pipeline.
        const { code, message } = error as { code?: number; message: string };
        note(`error ${code}`);
        if (code !== -32602 || exceptionIn(message)) faults.push(`${name}: ${code} ${message}`);
      }
    }
    const names = Object.keys(argumentsOf);
    const each = ARGUMENTS / 2 / names.length;
    for (const [index, name] of names.entries()) {
      const samples = fc.sample(argumentsOf[name] as fc.Arbitrary<unknown>, { numRuns: each, seed: seed + index });
      for (let start = 0; start < samples.length; start += 100)
        await Promise.all(samples.slice(start, start + 100).map((args) => one(name, args)));
    }
    expect([...seen.values()].reduce((sum, count) => sum + count, 0)).toBe(ARGUMENTS / 2);
    expect(faults.slice(0, 5)).toEqual([]);
    // Both good and bad ones were among them.
    expect(seen.get("answered")).toBeGreaterThan(100);
    expect(seen.get("invalid_input")).toBeGreaterThan(100);
    expect(mcp.prepared.inflight).toBe(0);
    // Names of the prototype are names like any other.
    expect(Object.keys(Object.prototype)).toEqual([]);
    expect((await mcp.call("count")).structuredContent).toEqual({ count: deps.notes.size });
  },
);
