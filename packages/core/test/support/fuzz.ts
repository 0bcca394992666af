import fc from "fast-check";
import { envelope } from "./requests.ts";

/** Printed with a failure, so that the same messages can be made again. */
export const seed = Number(process.env["FUZZ_SEED"] ?? 20_260_728);

const nested = (depth: number, open: string, close: string): unknown =>
  JSON.parse(`${open.repeat(depth)}1${close.repeat(depth)}`);

const TRICKY = [
  ["", "one", "__proto__", "constructor", "toString", "hasOwnProperty", "\ud800", "\udfff\ud800x", "\u0000"],
  ["\u202e\u200b", "../../../etc/passwd", "%00", "${HOME}", "note://one", "notes://summary", "note://{name}"],
  ["⟨masked:own⟩", "\u001b[31m", "1e999", "null", "x".repeat(20_000), "é".repeat(5_000), "a\nb\r\nc\u2028"],
].flat();

/** Texts that break naive code: names of the prototype, lone surrogates, controls, paths, and much of anything. */
const text = fc.oneof(
  { weight: 4, arbitrary: fc.string({ maxLength: 40 }) },
  { weight: 2, arbitrary: fc.string({ unit: "binary", maxLength: 40 }) },
  {
    weight: 4,
    arbitrary: fc.constantFrom(...TRICKY),
  },
);

const number = fc.oneof(
  fc.integer({ min: -5, max: 300 }),
  fc.constantFrom(0, -0, 1.5, 2 ** 31, 2 ** 53, -(2 ** 53), 1e21, 1e308, -1e308, 5e-324),
);

const key = fc.oneof(
  fc.string({ maxLength: 12 }),
  fc.constantFrom("__proto__", "constructor", "prototype", "toString", "name", "\ud800", "", "k".repeat(3_000)),
);

/** Any JSON value, some of them deep or wide. */
export const nasty: fc.Arbitrary<unknown> = fc.oneof(
  { weight: 600, arbitrary: text },
  { weight: 300, arbitrary: number },
  { weight: 200, arbitrary: fc.constantFrom(null, true, false) },
  {
    weight: 300,
    arbitrary: fc.letrec<{ value: unknown }>((tie) => ({
      value: fc.oneof(
        { maxDepth: 5, withCrossShrink: true },
        text,
        number,
        fc.constant(null),
        fc.array(tie("value"), { maxLength: 5 }),
        fc.dictionary(key, tie("value"), { maxKeys: 5 }),
      ),
    })).value,
  },
  { weight: 12, arbitrary: fc.constantFrom(70, 500, 3_000).map((depth) => nested(depth, "[", "]")) },
  { weight: 8, arbitrary: fc.constantFrom(70, 500, 2_000).map((depth) => nested(depth, '{"a":', "}")) },
  { weight: 1, arbitrary: fc.constant(Array.from({ length: 120_000 }, () => 0)) },
);

/** Short enough not to keep a fuzzed call waiting. */
const ms = fc.oneof(fc.integer({ min: 0, max: 20 }), text, fc.constant(null));

/** Of a tool of the notes server: arguments that are nearly right, and others. `fail` on purpose is left out. */
export const argumentsOf: Readonly<Record<string, fc.Arbitrary<unknown>>> = {
  read: shaped({ name: text, title: nasty }),
  count: shaped({}),
  write: shaped({ name: text, text, old: nasty, mode: fc.oneof(fc.constantFrom("create", "replace"), nasty) }),
  move: shaped({ from: text, to: text, overwrite: fc.oneof(fc.boolean(), nasty) }),
  delete: shaped({
    name: fc.oneof(
      text.filter((name) => name !== "one"),
      nasty.filter((value) => value !== "one"),
    ),
  }),
  guarded: shaped({ name: fc.oneof(fc.constantFrom("forbidden", "ask", "broken"), text) }),
  wait: shaped({ ms, change: fc.oneof(fc.boolean(), nasty), deaf: fc.boolean() }, ["ms"]),
  fail: shaped({
    how: fc.oneof(
      fc.constantFrom("mapped", "recursion", "secret"),
      nasty.filter((how) => how !== "internal"),
    ),
  }),
};

function shaped(fields: Record<string, fc.Arbitrary<unknown>>, fixed: string[] = []): fc.Arbitrary<unknown> {
  const right = fc.record(fields, { requiredKeys: [] });
  const mixed = fc
    .tuple(right, fc.dictionary(fc.oneof(key, fc.constantFrom(...Object.keys(fields), "nam")), nasty, { maxKeys: 4 }))
    .map(([some, more]) =>
      Object.fromEntries([...Object.entries(some), ...Object.entries(more).filter(([name]) => !fixed.includes(name))]),
    );
  return fc.oneof({ weight: 6, arbitrary: right }, { weight: 4, arbitrary: mixed }, { weight: 1, arbitrary: nasty });
}

const cursor = fc.oneof(text, nasty, fc.constantFrom("WzBd", "WzAsIjEiXQ", "WzFlOTld", "WyJfX3Byb3RvX18iXQ"));
const uri = fc.oneof(
  { weight: 50, arbitrary: text },
  { weight: 50, arbitrary: fc.constantFrom("note://one", "note://%E0%A4%A", "note://__proto__", "note://a/b?c#d") },
  // What no expression may take more than linear time for.
  {
    weight: 2,
    arbitrary: fc.constantFrom("/", ",", "note://", "{", "%").map((part) => `note://${part.repeat(100_000)}`),
  },
);
const call = fc
  .constantFrom(...Object.keys(argumentsOf))
  .chain((name) => (argumentsOf[name] as fc.Arbitrary<unknown>).map((args) => ({ name, arguments: args })));
const paramsOf: Readonly<Record<string, fc.Arbitrary<unknown>>> = {
  "tools/list": fc.record({ cursor }, { requiredKeys: [] }),
  "tools/call": fc.oneof({ weight: 8, arbitrary: call }, fc.record({ name: fc.oneof(text, nasty), arguments: nasty })),
  "resources/list": fc.record({ cursor }, { requiredKeys: [] }),
  "resources/templates/list": fc.record({ cursor }, { requiredKeys: [] }),
  "resources/read": fc.record({ uri: fc.oneof(uri, nasty) }),
  "resources/subscribe": fc.record({ uri: fc.oneof(uri, nasty) }),
  "resources/unsubscribe": fc.record({ uri }),
  "prompts/list": fc.record({ cursor }, { requiredKeys: [] }),
  "prompts/get": fc.record({
    name: fc.oneof(fc.constant("greet"), text),
    arguments: fc.oneof(fc.record({ who: text }), nasty),
  }),
  "completion/complete": fc.record({
    ref: fc.oneof(
      fc.constantFrom({ type: "ref/prompt", name: "greet" }, { type: "ref/resource", uri: "note://{name}" }),
      fc.record({ type: text, name: text, uri: text }),
      nasty,
    ),
    argument: fc.oneof(fc.record({ name: fc.oneof(fc.constantFrom("who", "name"), text), value: text }), nasty),
  }),
  "server/discover": fc.constant({}),
  ping: fc.constant({}),
  initialize: fc.oneof(fc.record({ protocolVersion: text, capabilities: nasty, clientInfo: nasty }), nasty),
  "logging/setLevel": fc.record({ level: text }),
  "subscriptions/listen": fc.record({
    notifications: fc.oneof(
      fc.record({ resourceSubscriptions: fc.oneof(fc.array(uri, { maxLength: 5 }), nasty) }),
      nasty,
    ),
  }),
};
/** Long answers, or none at all. */
const unanswered = new Set(["subscriptions/listen"]);
const methods = Object.keys(paramsOf);

export interface FuzzedMessage {
  readonly body: string | Buffer;
  readonly method: string | undefined;
  /** `params.name` or `params.uri`, which modern headers mirror. */
  readonly target: string | undefined;
  /** The id of a request that has to be answered, with whatever. */
  readonly expects: string | undefined;
}

type Era = "2025" | "2026";

/** `n` messages of one era; a request that is well-formed gets the id `r<number>`. */
export function fuzzedMessages(era: Era, n: number, offset = 0): FuzzedMessage[] {
  return fc.sample(message(era), { numRuns: n, seed: seed + offset }).map((make, i) => make(`r${offset + i}`));
}

function message(era: Era): fc.Arbitrary<(id: string) => FuzzedMessage> {
  const meta = era === "2026" ? { _meta: envelope } : {};
  const withMeta = (params: unknown) =>
    params !== null && typeof params === "object" && !Array.isArray(params) ? { ...params, ...meta } : params;
  const request = fc.constantFrom(...methods).chain((method) =>
    (paramsOf[method] as fc.Arbitrary<unknown>).map((params) => (id: string): FuzzedMessage => {
      const proper = params !== null && typeof params === "object" && !Array.isArray(params) && !unanswered.has(method);
      const { name, uri: about } = (params ?? {}) as { name?: unknown; uri?: unknown };
      const target = typeof name === "string" ? name : typeof about === "string" ? about : undefined;
      return {
        body: JSON.stringify({ jsonrpc: "2.0", id, method, params: withMeta(params) }),
        method,
        target,
        expects: proper ? id : undefined,
      };
    }),
  );
  const id = fc.oneof(nasty, fc.constantFrom("dup", 0, -1, 1.5, null, true, 2 ** 60));
  const method = fc.oneof(
    fc.constantFrom(...methods),
    fc.constantFrom(
      "notifications/initialized",
      "notifications/roots/list_changed",
      "rpc.discover",
      "tools/call/",
      "TOOLS/LIST",
    ),
    fc.constantFrom("__proto__", "constructor", "m".repeat(50_000), "elicitation/create", "sampling/createMessage"),
    nasty,
  );
  const parts = fc.record(
    { jsonrpc: fc.oneof({ weight: 5, arbitrary: fc.constant("2.0") }, nasty), id, method, params: nasty.map(withMeta) },
    { requiredKeys: [] },
  );
  const cancelled = fc
    .record({ requestId: id, reason: text })
    .map((params) => notification("notifications/cancelled", params));
  const progress = fc
    .record({ progressToken: id, progress: number })
    .map((params) => notification("notifications/progress", params));
  const response = fc.oneof(
    fc.record({ jsonrpc: fc.constant("2.0"), id, result: nasty }),
    fc.record({
      jsonrpc: fc.constant("2.0"),
      id,
      error: fc.oneof(fc.record({ code: number, message: text, data: nasty }), nasty),
    }),
  );
  const batch = fc.array(fc.oneof(parts, cancelled, nasty), { maxLength: 4 });
  const metaOf = fc.record(
    { progressToken: nasty, traceparent: text, tracestate: nasty, baggage: text },
    { requiredKeys: [] },
  );
  const odd = fc.tuple(call, metaOf, fc.uuid()).map(([params, more, unique]) => ({
    jsonrpc: "2.0",
    id: unique,
    method: "tools/call",
    params: { ...params, _meta: { ...(era === "2026" && envelope), ...more } },
  }));
  const json = fc.oneof(
    { weight: 5, arbitrary: parts },
    { weight: 2, arbitrary: cancelled },
    { weight: 1, arbitrary: progress },
    { weight: 2, arbitrary: response },
    { weight: 2, arbitrary: batch },
    { weight: 2, arbitrary: odd },
    { weight: 2, arbitrary: nasty },
  );
  const broken = fc.oneof(
    json.map((value) => Buffer.from((JSON.stringify(value) ?? "").slice(0, -1))),
    fc.uint8Array({ minLength: 1, maxLength: 60 }).map((bytes) => Buffer.from(bytes.filter((byte) => byte !== 10))),
    fc.constantFrom(
      "{",
      "[",
      '{"jsonrpc":"2.0","id":1e999,"method":"ping"}',
      `{"jsonrpc":"2.0","id":${"9".repeat(400)},"method":"ping"}`,
    ),
    // invalid UTF-8 inside a valid message
    fc.constant(
      Buffer.concat([
        Buffer.from('{"jsonrpc":"2.0","id":"u","method":"'),
        Buffer.of(0xff, 0xfe, 0xc0),
        Buffer.from('"}'),
      ]),
    ),
    fc.constantFrom("[".repeat(5_000), `${"[".repeat(5_000)}${"]".repeat(5_000)}`, '{"a":'.repeat(2_000)),
  );
  return fc.oneof(
    { weight: 11, arbitrary: request },
    { weight: 8, arbitrary: json.map((value) => () => loose(JSON.stringify(value) ?? "")) },
    { weight: 1, arbitrary: broken.map((body) => () => loose(body)) },
  );
}

function notification(method: string, params: object) {
  return { jsonrpc: "2.0", method, params };
}

function loose(body: string | Buffer): FuzzedMessage {
  return { body, method: undefined, target: undefined, expects: undefined };
}

/** What an exception leaves in a text: its class, a stack, the runtime's own words, places in files. */
const EXCEPTION =
  /\b(?:Type|Range|Syntax|Reference|URI|Zod|Eval|Assertion)Error\b|\\n\s+at |node:internal|node_modules|\.[cm]?[jt]s:\d|packages\/core|Cannot (?:read|set|convert|destructure)|is not (?:a function|iterable|valid JSON)|call stack|Unexpected token|invalid_type|\[object Object\]/;

/** The part of an answer that tells of an exception, if any. */
export function exceptionIn(answer: string): string | undefined {
  const found = EXCEPTION.exec(answer);
  return found ? answer.slice(Math.max(0, found.index - 80), found.index + 200) : undefined;
}
