import { expect, test } from "vitest";
import * as z from "zod";
import { ConfigError } from "../src/config-error.ts";
import { defineServer } from "../src/definition.ts";
import { limitArgument } from "../src/limit-argument.ts";
import { promptFactory } from "../src/prompt.ts";
import { connect } from "../src/testing.ts";
import { toolFactory } from "../src/tool.ts";

interface Deps {
  readonly seen: unknown[];
}
const tool = toolFactory<Deps>();

const query = tool({
  name: "query",
  title: "Query",
  description: "Runs a query.",
  access: "read",
  input: z
    .strictObject({
      sql: z.string().default("select 1"),
      database: z.string().describe("Which database."),
      to: z.string().default("out.csv"),
    })
    .refine(({ sql }) => sql !== "", "say what to run"),
  run(input, { seen }) {
    seen.push(input);
    return {};
  },
  render: () => "done",
});

const slow = promptFactory<Deps>()({
  name: "slow",
  title: "Slow",
  description: "Looks for slow queries.",
  input: z.strictObject({ database: z.string() }),
  messages: ({ database }) => [{ role: "user", content: { type: "text", text: `Look at ${database}.` } }],
});

const server = defineServer<Deps>({
  name: "data",
  title: "Data",
  version: "1.0.0",
  tools: [query],
  prompts: [slow],
});

async function connected(definition: typeof server) {
  const seen: unknown[] = [];
  const mcp = await connect(definition, { deps: { seen } });
  const { inputSchema } = (await mcp.client.listTools()).tools[0] ?? {};
  return { mcp, seen, inputSchema };
}
const textOf = (result: { content: unknown[] }) => (result.content[0] as { text: string }).text;

test("several values make the argument an enum, with its description", async () => {
  const { mcp, seen, inputSchema } = await connected(limitArgument(server, "database", ["main", "archive"]));
  await using _ = mcp;
  expect(inputSchema?.properties?.["database"]).toEqual({
    type: "string",
    enum: ["main", "archive"],
    description: "Which database.",
  });
  expect(inputSchema?.required).toEqual(["database"]);
  expect(textOf(await mcp.call("query", { database: "other" }))).toContain('expected one of "main", "archive"');
  await mcp.call("query", { database: "archive" });
  expect(seen).toMatchObject([{ database: "archive" }]);
});

test("one value takes the argument out of tools and prompts; the handler still gets it, a caller cannot set it", async () => {
  const { mcp, seen, inputSchema } = await connected(limitArgument(server, "database", ["main"]));
  await using _ = mcp;
  expect(Object.keys(inputSchema?.properties ?? {})).toEqual(["sql", "to"]);
  expect(inputSchema?.required).toBeUndefined();
  await mcp.call("query", {});
  expect(seen).toMatchObject([{ database: "main", sql: "select 1" }]);
  const refused = textOf(await mcp.call("query", { database: "main" }));
  expect(refused).toBe('Invalid arguments for query: unknown argument "database"; there are: sql, to.');
  expect((await mcp.client.listPrompts()).prompts[0]?.arguments).toBeUndefined();
  const { messages } = await mcp.client.getPrompt({ name: "slow" });
  expect(messages).toMatchObject([{ content: { text: "Look at main." } }]);
  await expect(mcp.client.getPrompt({ name: "slow", arguments: { database: "x" } })).rejects.toThrow(
    /unknown argument/,
  );
});

test("no value takes the argument away, with its default", async () => {
  const { mcp, seen, inputSchema } = await connected(
    limitArgument(limitArgument(server, "to", []), "database", ["main"]),
  );
  await using _ = mcp;
  expect(Object.keys(inputSchema?.properties ?? {})).toEqual(["sql"]);
  await mcp.call("query", {});
  expect(seen).toEqual([{ sql: "select 1", database: "main", to: undefined }]);
  expect((await mcp.call("query", { to: "x" })).isError).toBe(true);
});

test("checks of the whole input stay, and an argument that no tool has changes nothing", async () => {
  const { mcp } = await connected(limitArgument(limitArgument(server, "database", ["main"]), "none", ["x"]));
  await using _ = mcp;
  expect(textOf(await mcp.call("query", { sql: "" }))).toContain("say what to run");
});

test("a value that the argument does not take stops the start", async () => {
  const picky = defineServer<Deps>({
    ...server,
    tools: [{ ...query, input: z.strictObject({ database: z.enum(["a"]) }) }],
  });
  await expect(connected(limitArgument(picky, "database", ["b"]))).rejects.toThrow(ConfigError);
});
