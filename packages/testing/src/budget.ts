import type { Tool } from "@modelcontextprotocol/client";

/** What `tools/list` costs. */
export interface ToolBudget {
  /** Sum over the tools of their minified name, description and input schema in o200k_base: what a host puts before the model. */
  readonly tokens: number;
  /** Length of `{"tools":[…]}` in UTF-8, as sent. */
  readonly bytes: number;
  /** The tokens of each tool, most expensive first. */
  readonly perTool: readonly { readonly name: string; readonly tokens: number }[];
}

/** Tokens of a text in o200k_base; the vocabulary (2 MB) is loaded at the first call. */
export async function countTokens(text: string): Promise<number> {
  const tokenizer = await import("gpt-tokenizer/encoding/o200k_base");
  return tokenizer.countTokens(text);
}

/** Measures listed tools, so that a test can hold them to a budget. */
export async function measureTools(tools: readonly Tool[]): Promise<ToolBudget> {
  const perTool: { name: string; tokens: number }[] = [];
  for (const { name, description, inputSchema } of tools)
    perTool.push({ name, tokens: await countTokens(JSON.stringify({ name, description, inputSchema })) });
  return {
    tokens: perTool.reduce((sum, { tokens }) => sum + tokens, 0),
    bytes: Buffer.byteLength(JSON.stringify({ tools })),
    perTool: perTool.toSorted((a, b) => b.tokens - a.tokens),
  };
}
