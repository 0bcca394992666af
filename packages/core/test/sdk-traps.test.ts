// One test per trap of the MCP SDK that we know, numbered as in our notes on the protocol: what it does on its own, or our
// remedy, through real clients and transports. Where an upgrade of the SDK changes one, its test says so.
import { spawn } from "node:child_process";
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { expect, onTestFinished, test, vi } from "vitest";
import * as z from "zod";
import { defineServer, type ServerDefinition } from "../src/definition.ts";
import { promptFactory } from "../src/prompt.ts";
import { resourceFactory } from "../src/resource.ts";
import { prepare } from "../src/server.ts";
import { connect, type Era, eras, lintTools } from "../src/testing.ts";
import { type AnyTool, toolFactory } from "../src/tool.ts";
import { notesDeps, notesServer } from "./notes-server.ts";
import { envelope, initialize, modern, modernHeaders, post } from "./support/requests.ts";
import { servedOverHttp } from "./support/serving.ts";

const tool = toolFactory<object>();
const nothing = z.strictObject({});
const about = { title: "Trap", description: "Something to fall into.", access: "read" } as const;

function serverOf(...tools: AnyTool<object>[]): ServerDefinition<object> {
  return defineServer<object>({ name: "traps", title: "Traps", version: "1.0.0", tools });
}

/** A tool whose input or output is one property `field`. */
const withInput = (field: z.ZodType) =>
  tool({ ...about, name: "trap", input: z.strictObject({ field }), run: () => "", render: (text) => text });
const withOutput = (field: z.ZodType) =>
  tool({ ...about, name: "trap", input: nothing, output: z.object({ field }), run: () => ({ field: 0 }) });

const textOf = (result: { content: unknown[] }) => (result.content[0] as { text: string }).text;
const kindOf = (result: { _meta?: Record<string, unknown> | undefined }) =>
  (result._meta?.["mooring/error"] as { kind: string } | undefined)?.kind;

test.for(eras)(
  "1 (%s): fields that the output schema does not name are not sent, and strict clients accept",
  async (era) => {
    const define = (name: string, output: z.ZodObject) =>
      tool({ ...about, name, input: nothing, output, run: () => ({ count: 1, internal: "planted" }) });
    const server = serverOf(
      define("loose", z.object({ count: z.number() })),
      // Strict says `additionalProperties: false` to clients, and means it here too: nothing is sent.
      define("strict", z.strictObject({ count: z.number() })),
    );
    await using mcp = await connect(server, { deps: {} }, era);
    // From here on the client validates what it gets.
    await mcp.client.listTools();
    expect((await mcp.call("loose")).structuredContent).toEqual({ count: 1 });
    const strict = await mcp.call("strict");
    expect(kindOf(strict)).toBe("internal");
    expect(JSON.stringify(strict)).not.toContain("planted");
  },
);

test("2: a handler that breaks its output schema does not compile, and where it does its record is not sent", async () => {
  const output = z.object({ count: z.number() });
  // @ts-expect-error The schema says number.
  const wrong = tool({ ...about, name: "wrong", input: nothing, output, run: () => ({ count: "many" }) });
  await using mcp = await connect(serverOf(wrong as AnyTool<object>), { deps: {} });
  const result = await mcp.call("wrong");
  expect(result).toMatchObject({
    isError: true,
    content: [{ text: expect.stringMatching(/^The call failed unexpectedly/) }],
  });
  expect(result.structuredContent).toBeUndefined();
});

test.for(eras)("3 (%s): structured content never travels without its text", async (era) => {
  const record = tool({
    ...about,
    name: "record",
    input: nothing,
    output: z.object({ n: z.number() }),
    run: () => ({ n: 1 }),
  });
  const text = tool({ ...about, name: "text", input: nothing, run: () => ({ n: 1 }), render: ({ n }) => `n is ${n}` });
  await using mcp = await connect(serverOf(record, text), { deps: {}, structured: true }, era);
  expect(await mcp.call("record")).toMatchObject({
    structuredContent: { n: 1 },
    content: [{ type: "text", text: '{"n":1}' }],
  });
  expect(await mcp.call("text")).toMatchObject({
    structuredContent: { n: 1 },
    content: [{ type: "text", text: "n is 1" }],
  });
});

test.for<[string, AnyTool<object>, string]>([
  ["z.date() in an input", withInput(z.date()), "input"],
  ["z.coerce.date() in an input", withInput(z.coerce.date()), "input"],
  ["z.bigint() in an input", withInput(z.bigint()), "input"],
  ["z.date() in an output", withOutput(z.date()), "output"],
  ["a transform in an output", withOutput(z.number().transform(String)), "output"],
  ["x-mcp-header in an input", withInput(z.string().meta({ "x-mcp-header": "X-Field" })), "input"],
])("4: %s ends the start and names the tool, instead of failing tools/list at every client", ([, bad, io]) => {
  expect(() => prepare(serverOf(bad), { deps: {} })).toThrow(`The ${io} schema of the tool "trap" cannot be listed: `);
});

const SECRET = "hunter2 at /srv/app.ts:3";
const boom = (): never => {
  throw new TypeError(SECRET);
};
const throwing = defineServer<object>({
  name: "throwing",
  title: "Throwing",
  version: "1.0.0",
  tools: [
    tool({ ...about, name: "run", input: nothing, run: boom, render: String }),
    tool({ ...about, name: "later", input: nothing, run: () => Promise.resolve().then(boom), render: String }),
    tool({ ...about, name: "render", input: nothing, run: () => "", render: boom }),
    tool({ ...about, name: "guard", input: nothing, guard: boom, run: () => "", render: String }),
    tool({
      ...about,
      name: "input",
      input: z.strictObject({ a: z.string().refine(boom) }),
      run: () => "",
      render: String,
    }),
    tool({
      ...about,
      name: "output",
      input: nothing,
      output: z.object({ a: z.string().refine(boom) }),
      run: () => ({ a: "" }),
    }),
    tool({
      ...about,
      name: "question",
      access: "destructive",
      input: nothing,
      question: boom,
      run: () => "",
      render: String,
    }),
    tool({
      ...about,
      name: "thing",
      input: nothing,
      run: () => reject({ message: SECRET, code: -32602 }),
      render: String,
    }),
    tool({ ...about, name: "nothing", input: nothing, run: () => reject(undefined), render: String }),
  ],
  resources: [
    resourceFactory<object>()({
      name: "r",
      title: "R",
      description: "A resource.",
      uri: "trap://{name}",
      list: boom,
      read: boom,
      watch: boom,
      complete: { name: boom },
    }),
  ],
  prompts: [
    promptFactory<object>()({
      name: "p",
      title: "P",
      description: "A prompt.",
      input: z.strictObject({ a: z.string() }),
      complete: { a: boom },
      messages: boom,
    }),
  ],
  mapError: boom,
});
// oxlint-disable-next-line typescript/prefer-promise-reject-errors
const reject = (reason: unknown) => Promise.reject<string>(reason);

test.for(eras)("5 (%s): thrown text never leaves: tools, resources, prompts, completion", async (era) => {
  await using mcp = await connect(throwing, { deps: {}, access: "full", answer: () => true }, era);
  const { client } = mcp;
  const told = await Promise.all([
    ...throwing.tools.map(({ name }) => mcp.call(name, name === "input" ? { a: "" } : {})),
    ...[
      client.listResources(),
      client.readResource({ uri: "trap://x" }),
      client.getPrompt({ name: "p", arguments: { a: "x" } }),
      client.complete({ ref: { type: "ref/prompt", name: "p" }, argument: { name: "a", value: "x" } }),
      client.complete({ ref: { type: "ref/resource", uri: "trap://{name}" }, argument: { name: "name", value: "x" } }),
      ...(era === "2025" ? [client.subscribeResource({ uri: "trap://x" })] : []),
    ].map((promise: Promise<unknown>) => promise.catch((error: Error) => [error.message, error])),
  ]);
  const texts = told.map((each) => JSON.stringify(each));
  expect(texts.filter((text) => /hunter2|app\.ts|TypeError|\\n\s+at /.test(text))).toEqual([]);
  // The guard's failure is a denial; every other one is told as unexpected, with a reference.
  expect(texts.filter((text) => /failed unexpectedly \(ref [0-9a-f-]{36}\)/.test(text))).toHaveLength(texts.length - 1);
});

test.for(eras)("6 (%s): resources come in pages, tools/list never does", async (era) => {
  const deps = notesDeps();
  for (const name of ["two", "three", "four", "five"]) deps.notes.set(name, name);
  await using mcp = await connect(notesServer, { deps }, era);
  const { client } = mcp;
  const ask = (method: "resources/list" | "tools/list", params: object) => client.request({ method, params } as never);
  const uris: string[] = [];
  let pages = 0;
  for (let cursor: string | undefined = ""; cursor !== undefined && pages < 20; pages++) {
    const page = (await ask("resources/list", cursor === "" ? {} : { cursor })) as {
      resources: { uri: string }[];
      nextCursor?: string;
    };
    uris.push(...page.resources.map(({ uri }) => uri));
    cursor = page.nextCursor;
  }
  expect({ pages, uris: uris.length, unique: new Set(uris).size }).toEqual({ pages: 3, uris: 6, unique: 6 });
  for (const method of ["resources/list", "resources/templates/list", "prompts/list"] as const)
    await expect(client.request({ method, params: { cursor: "nonsense" } } as never)).rejects.toMatchObject({
      code: -32602,
    });
  const many = serverOf(...Array.from({ length: 300 }, (_, i) => ({ ...withInput(z.string()), name: `trap${i}` })));
  await using crowd = await connect(many, { deps: {} }, era);
  const all = (await crowd.client.request({ method: "tools/list", params: {} } as never)) as {
    tools: [];
    nextCursor?: string;
  };
  expect([all.tools.length, all.nextCursor]).toEqual([300, undefined]);
});

test.for<[Era, object | undefined]>([
  ["2025", undefined],
  ["2026", undefined],
  ["2025", { elicitation: { url: {} } }],
  ["2026", { elicitation: { url: {} } }],
])("7 (%s, %j): who cannot be asked is told so in a result that the model sees", async ([era, capabilities = {}]) => {
  const deps = notesDeps();
  const { url } = await servedOverHttp(notesServer, { deps, access: "full" });
  const client = new Client(
    { name: "test", version: "0.0.0" },
    { capabilities, ...(era === "2026" && { versionNegotiation: { mode: "auto" as const } }) },
  );
  await client.connect(new StreamableHTTPClientTransport(new URL(url)));
  onTestFinished(() => client.close());
  const result = await client.callTool({ name: "delete", arguments: { name: "one" } });
  expect(result.isError).toBe(true);
  expect(kindOf(result)).toBe("confirm_required");
  expect(deps.notes.has("one")).toBe(true);
});

test("8: what the server says of itself in every modern response is small", async () => {
  const { url } = await servedOverHttp(notesServer, { deps: notesDeps() });
  for (const method of ["tools/list", "resources/list", "prompts/list"]) {
    const { message } = await post(url, modern(method), modernHeaders(method));
    expect(message.result?.["_meta"]).toEqual({
      "io.modelcontextprotocol/serverInfo": { name: "mooring-notes", title: "Notes", version: "1.2.3" },
    });
  }
});

test.for(eras)("9 (%s): what is wrong with arguments is said in words, with what is expected", async (era) => {
  await using mcp = await connect(notesServer, { deps: notesDeps(), access: "write" }, era);
  expect(textOf(await mcp.call("write", { name: 7, mode: "append", txt: "" }))).toBe(
    'Invalid arguments for write: name: expected a string; text: is required; mode: expected one of "create"; unknown argument "txt", did you mean "text".',
  );
  expect(textOf(await mcp.call("wait", { ms: "soon" }))).toBe("Invalid arguments for wait: ms: expected a number.");
});

test.for(eras)(
  "9 (%s): malformed parameters are -32602 in words for every method, not -32603 with a schema's JSON",
  async (era) => {
    await using mcp = await connect(notesServer, { deps: notesDeps() }, era);
    const refusals = await Promise.all(
      [
        ["tools/call", { name: 7 }],
        ["tools/call", { name: "read", arguments: [1] }],
        ["tools/list", { cursor: 1 }],
        ["prompts/get", { name: "greet", arguments: { "a planted key": 3 } }],
        ["resources/read", {}],
        ["completion/complete", { ref: 1 }],
      ].map(([method, params]) =>
        mcp.client.request({ method, params } as never).then(
          () => "accepted",
          ({ code, message }: { code: number; message: string }) =>
            `${code} ${message.replace(/^MCP error -?\d+: /, "")}`,
        ),
      ),
    );
    expect(refusals).toEqual([
      "-32602 Invalid params for tools/call: name: expected string, received number.",
      "-32602 Invalid params for tools/call: arguments: expected record, received array.",
      "-32602 Invalid params for tools/list: cursor: expected string, received number.",
      "-32602 Invalid params for prompts/get: arguments: expected string, received number.",
      "-32602 Invalid params for resources/read: uri: expected string, received undefined.",
      "-32602 Invalid params for completion/complete: ref: invalid input; argument: expected object, received undefined.",
    ]);
  },
);

test.for(eras)("10 (%s): no list is said to change unless the server says that it may", async (era) => {
  await using still = await connect(notesServer, { deps: notesDeps() }, era);
  expect(still.client.getServerCapabilities()).toEqual({
    tools: { listChanged: false },
    resources: { subscribe: true, listChanged: false },
    prompts: { listChanged: false },
    completions: {},
  });
  await using moving = await connect({ ...notesServer, changingLists: ["resources"] }, { deps: notesDeps() }, era);
  expect(moving.client.getServerCapabilities()).toMatchObject({
    tools: { listChanged: false },
    resources: { listChanged: true },
  });
});

test("10: a stream that nothing can come through ends at once", async () => {
  const { url } = await servedOverHttp(notesServer, { deps: notesDeps() });
  const listen = modern("subscriptions/listen", {
    notifications: { toolsListChanged: true, resourceSubscriptions: ["note://missing"] },
  });
  const { status, text } = await post(url, listen, modernHeaders("subscriptions/listen"));
  expect(status).toBe(200);
  expect(text).toContain("notifications/subscriptions/acknowledged");
  expect(text).toContain('"result"');
});

test("11: one cap on bodies for both eras: what fits is served, what does not is 413", async () => {
  const cap = 6 * 1024 * 1024;
  const { url } = await servedOverHttp(notesServer, { deps: notesDeps(), maxBody: cap });
  const sized = (message: { readonly params: object }, bytes: number) => {
    const padded = (pad: string) =>
      JSON.stringify({
        ...message,
        params: {
          ...message.params,
          _meta: { ...("_meta" in message.params && (message.params._meta as object)), pad },
        },
      });
    return padded("x".repeat(bytes - padded("").length));
  };
  const { headers } = await post(url, initialize);
  const session = { "mcp-session-id": String(headers["mcp-session-id"]), "mcp-protocol-version": "2025-11-25" };
  const legacy = { jsonrpc: "2.0", id: 2, method: "tools/list", params: {} };
  // Above the SDK's three own caps of 4 MiB.
  for (const bytes of [5 * 1024 * 1024, cap]) {
    expect((await post(url, sized(modern("tools/list"), bytes), modernHeaders("tools/list"))).status).toBe(200);
    expect((await post(url, sized(legacy, bytes), session)).status).toBe(200);
    expect((await post(url, sized(initialize, bytes))).status).toBe(200);
  }
  expect((await post(url, sized(modern("tools/list"), cap + 1), modernHeaders("tools/list"))).status).toBe(413);
  expect((await post(url, sized(legacy, cap + 1), session)).status).toBe(413);
});

test("12: lines that are no messages are dropped without an answer, and the next message is answered", async () => {
  const child = spawn(process.execPath, [new URL("notes-bin.ts", import.meta.url).pathname], {
    stdio: ["pipe", "pipe", "pipe"],
  });
  onTestFinished(() => void child.kill());
  let out = "";
  let err = "";
  child.stdout.on("data", (chunk: Buffer) => (out += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => (err += chunk.toString()));
  child.stdin.write(`garbage with hunter2\n\n[]\nnull\n{"jsonrpc":"1.0"}\n${JSON.stringify(initialize)}\n`);
  child.stdin.write('garbage\n{"jsonrpc":"2.0","id":"last","method":"ping"}\n');
  await vi.waitFor(() => expect(out).toContain('"last"'), 10_000);
  expect(
    out
      .trim()
      .split("\n")
      .map((line) => (JSON.parse(line) as { id: unknown }).id),
  ).toEqual(["init", "last"]);
  // The operator hears that there was something, not what it was.
  expect(err).toContain("not JSON");
  expect(err).not.toContain("hunter2");
});

test.for([
  ["server/discover", {}, 300_000, "public"],
  ["tools/list", {}, 300_000, "public"],
  ["prompts/list", {}, 300_000, "public"],
  ["resources/templates/list", {}, 300_000, "public"],
  ["resources/list", {}, 0, "private"],
  ["resources/read", { uri: "note://one" }, 0, "private"],
] as const)("13: %s says for how long and for whom it may be kept", async ([method, params, ttlMs, cacheScope]) => {
  const { url } = await servedOverHttp(notesServer, { deps: notesDeps() });
  const name = "uri" in params ? params.uri : undefined;
  const { message } = await post(url, modern(method, params), modernHeaders(method, name));
  expect(message.result).toMatchObject({ ttlMs, cacheScope });
});

test.for<[string, ServerDefinition<object>, string]>([
  [
    "a capital",
    serverOf({ ...withInput(z.string()), name: "readFile" }),
    'The tool "readFile" has a name that does not match',
  ],
  ["a dot", serverOf({ ...withInput(z.string()), name: "read.file" }), "does not match"],
  ["a name that is too long", serverOf({ ...withInput(z.string()), name: "r".repeat(49) }), "does not match"],
  ["a repeated name", serverOf(withInput(z.string()), withInput(z.string())), 'The tool "trap" is defined twice.'],
  [
    "both halves",
    serverOf({ ...withInput(z.string()), output: nothing } as never),
    "needs either `render` or `output`",
  ],
  [
    "neither half",
    serverOf({ ...withInput(z.string()), render: undefined } as never),
    "needs either `render` or `output`",
  ],
  [
    "a level by nothing",
    serverOf({ ...withInput(z.string()), access: { by: "mode", a: "read" } }),
    'its access from "mode", which it does not have',
  ],
  [
    "an unknown toolset",
    serverOf({ ...withInput(z.string()), toolset: "danger" }),
    'in the toolset "danger", which is not defined',
  ],
  [
    "an alias of nothing",
    { ...serverOf(), aliases: { tools: { old: "new" } } },
    'The alias "old" stands for the tool "new"',
  ],
])("14: %s ends the start and names the tool", ([, definition, problem]) => {
  expect(() => prepare(definition, { deps: {} })).toThrow(problem);
});

test("14: a prefix counts: 64 characters is what every host takes", () => {
  const long = serverOf({ ...withInput(z.string()), name: "r".repeat(48) });
  expect(() => prepare(long, { deps: {}, prefix: "p".repeat(16) })).not.toThrow();
  expect(() => prepare(long, { deps: {}, prefix: "p".repeat(17) })).toThrow("more than 64 characters with its prefix");
});

test.for<[string, z.ZodType, string]>([
  ["a tuple", z.tuple([z.string(), z.string()]), "prefixItems"],
  ["a record of anything", z.record(z.string(), z.any()), "record of anything"],
])("15: %s is found by the lint that every surface test runs", ([, field, problem]) => {
  const { tools } = prepare(serverOf(withInput(field.describe("A field."))), { deps: {} });
  expect(lintTools(tools).join()).toContain(problem);
});

test("15: a union at the root is no z.ZodObject, and does not compile", () => {
  // @ts-expect-error Inputs are objects.
  tool({ ...about, name: "union", input: z.union([nothing, nothing]), run: () => "", render: String });
  expect(lintTools([{ name: "a", inputSchema: { type: "object", anyOf: [] } }]).join()).toContain("anyOf at its root");
});

test("16: a modern request without its headers, or with others than its body, is refused with -32020", async () => {
  const { url } = await servedOverHttp(notesServer, { deps: notesDeps() });
  const call = modern("tools/call", { name: "count", arguments: {} });
  const refused = await Promise.all([
    post(url, call, { "mcp-protocol-version": "2026-07-28" }),
    post(url, call, modernHeaders("tools/call")),
    post(url, call, modernHeaders("tools/list", "count")),
    post(url, call, modernHeaders("tools/call", "read")),
    post(url, call, { ...modernHeaders("tools/call", "count"), "mcp-protocol-version": "2025-11-25" }),
  ]);
  expect(refused.map(({ status, message }) => [status, message.error?.code])).toEqual(refused.map(() => [400, -32020]));
  expect((await post(url, call, modernHeaders("tools/call", "count"))).status).toBe(200);
});

test("17: on older bodies the headers mean nothing: what is allowed is decided by the parsed body", async () => {
  const deps = notesDeps();
  const { url } = await servedOverHttp(notesServer, { deps, access: "read" });
  const { headers } = await post(url, initialize);
  const lying = {
    "mcp-session-id": String(headers["mcp-session-id"]),
    "mcp-protocol-version": "2025-11-25",
    "mcp-method": "tools/list",
    "mcp-name": "read",
  };
  const call = (name: string) =>
    post(url, { jsonrpc: "2.0", id: 2, method: "tools/call", params: { name, arguments: { name: "one" } } }, lying);
  expect((await call("delete")).message.error).toMatchObject({ code: -32602, message: "Unknown tool: delete" });
  expect(deps.seen).toEqual([]);
  expect((await call("read")).message.result).toMatchObject({ content: [{ text: expect.stringContaining("first") }] });
  // A body that says nothing of its era does not become modern by a header.
  const claimed = await post(
    url,
    { jsonrpc: "2.0", id: 3, method: "tools/call", params: { name: "delete" } },
    modernHeaders("tools/call", "read"),
  );
  expect(claimed.status).toBe(400);
});

test.for([
  ["Host", { host: "evil.example" }],
  ["Origin", { origin: "https://evil.example" }],
] as const)("18: a foreign %s is refused in both eras, before anything else is looked at", async ([, foreign]) => {
  const { url } = await servedOverHttp(notesServer, { deps: notesDeps() });
  const statuses = await Promise.all([
    post(url, modern("tools/list"), { ...modernHeaders("tools/list"), ...foreign }),
    post(url, initialize, foreign),
    post(url, "{", { ...foreign, "content-type": "text/plain" }),
  ]);
  expect(statuses.map(({ status }) => status)).toEqual([403, 403, 403]);
});

test("18: messages sent in the middle of a call arrive: answers become streams where they have to", async () => {
  const { url } = await servedOverHttp(notesServer, { deps: notesDeps() });
  const call = modern("tools/call", { name: "wait", arguments: { ms: 10 }, _meta: { progressToken: "p" } });
  const { text } = await post(url, call, modernHeaders("tools/call", "wait"));
  expect(text.match(/notifications\/progress/g)).toHaveLength(2);
  expect(text).toContain("waited");
});

test("19: every request and connection gets its own protocol server, and capabilities are not shared", async () => {
  const prepared = prepare(notesServer, { deps: notesDeps() });
  const made = [1, 2, 3].map(() => prepared.factory({ era: "modern" }));
  expect(new Set(made).size).toBe(3);
  const { url } = await servedOverHttp(notesServer, { deps: notesDeps(), access: "full" });
  const call = modern("tools/call", { name: "delete", arguments: { name: "one" } });
  const able = { _meta: { ...envelope, "io.modelcontextprotocol/clientCapabilities": { elicitation: { form: {} } } } };
  const ask = (more: object) =>
    post(url, { ...call, params: { ...call.params, ...more } }, modernHeaders("tools/call", "delete"));
  const answers = await Promise.all([ask(able), ask({}), ask(able), ask({})]);
  expect(answers.map(({ message }) => message.result?.["resultType"])).toEqual([
    "input_required",
    "complete",
    "input_required",
    "complete",
  ]);
});

test("20: both eras take JSON and nothing else, whatever its parameters", async () => {
  const { url } = await servedOverHttp(notesServer, { deps: notesDeps() });
  const statuses = (type: string) =>
    Promise.all([
      post(url, modern("tools/list"), { ...modernHeaders("tools/list"), "content-type": type }),
      post(url, initialize, { "content-type": type }),
    ]).then((answers) => answers.map(({ status }) => status));
  for (const type of ["application/json", "application/json; charset=utf-8", "Application/JSON"])
    expect([type, ...(await statuses(type))]).toEqual([type, 200, 200]);
  for (const type of [
    "text/plain",
    "text/plain; application/json",
    "application/jsonp",
    "application/x-www-form-urlencoded",
    "",
  ])
    expect([type, ...(await statuses(type))]).toEqual([type, 415, 415]);
});
