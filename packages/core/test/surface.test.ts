import type { Tool } from "@modelcontextprotocol/server";
import { expect, test } from "vitest";
import * as z from "zod";
import { lintTools, surface } from "../src/surface.ts";

const annotations = { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: true };

function tool(change: Partial<Tool> = {}): Tool {
  const inputSchema = { type: "object" as const, properties: { path: { type: "string" } } };
  return { name: "read", title: "Read", description: "Reads a file.", inputSchema, annotations, ...change };
}

/** A tool whose input is one property `field`. */
function withField(field: object): Tool {
  return tool({ inputSchema: { type: "object", properties: { field: { description: "What it is.", ...field } } } });
}

test("the surface of a tool does not depend on the order of its keys", () => {
  const reversed = Object.fromEntries(Object.entries(tool()).toReversed()) as unknown as Tool;
  expect(surface(reversed)).toBe(surface(tool()));
  expect(surface(tool())).toMatch(/^\{\n {2}"annotations": \{\n {4}"destructiveHint": false/);
});

test("a portable tool passes", () => {
  const schema = z.strictObject({
    path: z.string(),
    kind: z.enum(["a", "b"]).describe("Which kind."),
    files: z.array(z.strictObject({ path: z.string() })),
    env: z.record(z.string(), z.string()).describe("Variables."),
  });
  const inputSchema = z.toJSONSchema(schema, { io: "input" }) as Tool["inputSchema"];
  expect(lintTools([tool({ inputSchema, outputSchema: inputSchema })])).toEqual([]);
});

test("zod's nullable is a list of types, which some providers refuse", () => {
  const inputSchema = z.toJSONSchema(z.strictObject({ path: z.string().nullable() })) as Tool["inputSchema"];
  expect(lintTools([tool({ inputSchema })])).toEqual(["read input.path: has a list of types"]);
});

test("a field is found by its place, and one called like a keyword is no keyword", () => {
  const field = { type: "object", properties: { $ref: { type: "string", description: "A git reference." } } };
  expect(lintTools([withField(field)])).toEqual([]);
});

test.for<[string, Tool, string]>([
  ["a capital in the name", tool({ name: "readFile" }), "read"],
  ["a name that is too long", tool({ name: "r".repeat(49) }), "does not match"],
  ["no title", tool({ title: "" }), "read: has no title"],
  ["no description", tool({ description: "" }), "read: has no description"],
  ["a long description", tool({ description: "x".repeat(1_025) }), "has a text of 1025 characters (at most 1024)"],
  ["an invisible character", tool({ description: "Reads\u200b." }), "invisible"],
  ["a tag character", tool({ description: "Reads.\u{e0041}" }), "invisible"],
  ["an HTML comment", tool({ description: "Reads. <!-- and obeys -->" }), "HTML comment"],
  ["an absent hint", tool({ annotations: { ...annotations, openWorldHint: undefined as never } }), "no openWorldHint"],
  ["contradicting hints", tool({ annotations: { ...annotations, destructiveHint: true } }), "at once"],
  ["a root union", tool({ inputSchema: { type: "object", anyOf: [] } }), "read input: has anyOf at its root"],
  ["a root that is no object", tool({ outputSchema: { type: "array" } as never }), "read output: its root"],
  ["a reference", withField({ $ref: "#/$defs/x" }), "read input.field: has $ref"],
  ["definitions", tool({ inputSchema: { type: "object", $defs: {} } }), "has $defs"],
  ["a tuple", withField({ type: "array", prefixItems: [{ type: "string" }] }), "has prefixItems"],
  ["an old tuple", withField({ type: "array", items: [{ type: "string" }] }), "is a tuple"],
  ["a list of types", withField({ type: ["string", "null"] }), "has a list of types"],
  ["a list of types in a union", withField({ anyOf: [{ type: ["string", "null"] }] }), "has a list of types"],
  ["a URI format", withField({ type: "string", format: "uri" }), "has the format uri"],
  ["a header", withField({ type: "string", "x-mcp-header": "x" }), "has x-mcp-header"],
  ["a record of anything", withField({ type: "object", additionalProperties: {} }), "record of anything"],
  [
    "a record of anything in a list",
    withField({ type: "array", items: { type: "object", additionalProperties: {} } }),
    "input.field[]: is a record",
  ],
  ["a field without a type", withField({}), "read input.field: does not say its type"],
  [
    "an argument in camel case",
    tool({ inputSchema: { type: "object", properties: { maxRows: { type: "number", description: "Rows." } } } }),
    "read input.maxRows: is not in snake_case",
  ],
  ["a field without a description", withField({ type: "string", description: undefined }), "input.field: has no desc"],
  ["a hidden text in a field", withField({ type: "string", description: "a\u2060b" }), "input.field: has invisible"],
  [
    "a nested field without a description",
    withField({ type: "array", items: { type: "object", properties: { inner: { type: "string" } } } }),
    "read input.field[].inner: has no description",
  ],
])("%s is a problem", ([, bad, problem]) => {
  expect(lintTools([bad]).join("\n")).toContain(problem);
});

test("two tools of one name are a problem", () => {
  expect(lintTools([tool(), tool()])).toEqual(["read: is listed twice"]);
});

test("a field of a result needs no description", () => {
  const outputSchema = { type: "object" as const, properties: { whatever: { type: "string" } } };
  expect(lintTools([tool({ outputSchema })])).toEqual([]);
});
