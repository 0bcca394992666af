import { expect, test } from "vitest";
import { countTokens, measureTools } from "../src/budget.ts";

test("tokens are those of o200k_base", async () => {
  expect(await countTokens("tiktoken is great!")).toBe(6);
  expect(await countTokens("")).toBe(0);
});

test("a budget counts what a host shows the model, and the bytes that are sent", async () => {
  const inputSchema = { type: "object" as const, properties: { path: { type: "string" } } };
  const read = { name: "read", title: "Read a file", description: "Reads a file.", inputSchema };
  const list = { name: "list", description: "Lists a folder and everything in it.", inputSchema };
  const { tokens, bytes, perTool } = await measureTools([read, list]);
  const { name, description } = read;
  expect(perTool.find((tool) => tool.name === "read")?.tokens).toBe(
    await countTokens(JSON.stringify({ name, description, inputSchema })),
  );
  expect(perTool.map((tool) => tool.name)).toEqual(["list", "read"]);
  expect(tokens).toBe(perTool.reduce((sum, tool) => sum + tool.tokens, 0));
  expect(bytes).toBe(JSON.stringify({ tools: [read, list] }).length);
});
