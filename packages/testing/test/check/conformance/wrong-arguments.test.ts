import { expect, test } from "vitest";
import { wrongArguments } from "../../../src/check/conformance/wrong-arguments.ts";

const tool = (inputSchema: object, annotations: object = { readOnlyHint: true }) => ({
  name: "read",
  inputSchema,
  annotations,
});
const path = { type: "object", properties: { path: { type: "string" }, depth: { type: "integer" } } };

test("each argument gets a value of another type", async () => {
  expect(await wrongArguments([tool(path)])).toEqual({
    name: "read",
    arguments: { path: { mooring: ["no string"] }, depth: "no number" },
  });
});

test("what is required and has no type is left out", async () => {
  const schema = { type: "object", properties: { path: {} }, required: ["path"] };
  expect(await wrongArguments([tool(schema)])).toEqual({ name: "read", arguments: {} });
});

test.for([
  ["a tool that changes something", tool(path, { readOnlyHint: false })],
  ["a tool that does not say", tool(path, {})],
  ["a tool without hints", { name: "read", inputSchema: path }],
  ["a tool without arguments", tool({ type: "object" })],
  ["a tool that takes anything", tool({ type: "object", properties: { path: {} } })],
  [
    "a tool whose schema is broken",
    tool({ type: "object", properties: { a: { type: "strin" }, b: { type: "string" } } }),
  ],
  ["no tool", "read"],
] as const)("%s is never called", async ([, listed]) => {
  expect(await wrongArguments([listed])).toBeUndefined();
});
