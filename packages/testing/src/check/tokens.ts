import type { Tool } from "@modelcontextprotocol/client";
import { measureTools } from "../budget.ts";
import { isRecord } from "./json-rpc.ts";
import { type Expectation, fail, pass, result } from "./outcome.ts";
import type { CheckResult, ToolCost } from "./report.ts";

const areCheap = (maxTokens: number | undefined): Expectation => ({
  id: "tokens/total",
  expected:
    maxTokens === undefined
      ? "tells what its tools cost a model"
      : `its tools cost a model at most ${grouped(maxTokens)} tokens`,
  advice: "Shorten descriptions and schemas, beginning with the tools named first, or offer fewer tools by default.",
});

/** Counts what hosts put before the model for these tools; fails only above `maxTokens`. */
export async function checkTokens(
  listed: readonly unknown[],
  maxTokens: number | undefined,
): Promise<{ readonly results: CheckResult[]; readonly cost: ToolCost }> {
  const tools = listed.filter((tool): tool is Tool => isRecord(tool) && typeof tool["name"] === "string");
  const { tokens, perTool } = await measureTools(tools);
  const dearest = perTool.slice(0, 3).map(({ name, tokens: own }) => `${name} ${grouped(own)}`);
  const detail = `${grouped(tokens)} tokens in ${tools.length} ${tools.length === 1 ? "tool" : "tools"}${dearest.length > 0 ? ` (${dearest.join(", ")})` : ""}`;
  const outcome = maxTokens !== undefined && tokens > maxTokens ? fail(detail) : pass(detail);
  return { results: [result(areCheap(maxTokens), outcome)], cost: { count: tools.length, tokens, perTool } };
}

/** `1,234` */
export function grouped(number: number): string {
  return number.toLocaleString("en-US");
}
