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

test.for(eras)("1 (%s): fields that the output schema does not name are not sent, and strict clients accept", async (era) => {
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
});

test("2: a handler that breaks its output schema does not compile, and where it does its record is not sent", async () => {
  const output = z.object({ count: z.number() });
  // @ts-expect-error The schema says number.
  const wrong = tool({ ...about, name: "wrong", input: nothing, output, run: () => ({ count: "many" }) });
  await using mcp = await connect(serverOf(wrong as AnyTool<object>), { deps: {} });
  const result = await mcp.call("wrong");
  expect(result).toMatchObject({ isError: true, content: [{ text: expect.stringMatching(/^The call failed unexpectedly/) }] });
  expect(result.structuredContent).toBeUndefined();
});

test.for(eras)("3 (%s): structured content never travels without its text", async (era) => {
  const record = tool({ ...about, name: "record", input: nothing, output: z.object({ n: z.number() }), run: () => ({ n: 1 }) });
  const text = tool({ ...about, name: "text", input: nothing, run: () => ({ n: 1 }), render: ({ n }) => `n is ${n}` });
  await using mcp = await connect(serverOf(record, text), { deps: {}, structured: true }, era);
  expect(await mcp.call("record")).toMatchObject({ structuredContent: { n: 1 }, content: [{ type: "text", text: '{"n":1}' }] });
  expect(await mcp.call("text")).toMatchObject({ structuredContent: { n: 1 }, content: [{ type: "text", text: "n is 1" }] });
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
    tool({ ...about, name: "later", input: nothing, run: async () => boom(), render: String }),
    tool({ ...about, name: "render", input: nothing, run: () => "", render: boom }),
    tool({ ...about, name: "guard", input: nothing, guard: boom, run: () => "", render: String }),
    tool({ ...about, name: "output", input: nothing, output: z.object({ a: z.string().transform(boom) }), run: () => ({ a: "" }) }).output
      ? tool({ ...about, name: "output", input: nothing, output: z.object({ a: z.string().refine(boom) }), run: () => ({ a: "" }) })
      : (undefined as never),
    tool({ ...about, name: "input", input: z.strictObject({ a: z.string().refine(boom) }), run: () => "", render: String }),
    tool({ ...about, name: "circular", input: nothing, output: z.object({ a: z.custom<object>() }).meta({ type: "object" }), run: circular } as never),
    tool({ ...about, access: "destructive", name: "question", input: nothing, question: boom, run: () => "", render: String }),
    tool({ ...about, name: "odd", input: nothing, run: () => Promise.reject({ message: SECRET, code: -32602 }), render: String }),
    tool({ ...about, name: "nothing", input: nothing, run: () => Promise.reject(undefined), render: String }),
  ].filter((each) => (each as { name: string }).name !== "circular") as AnyTool<object>[],
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
