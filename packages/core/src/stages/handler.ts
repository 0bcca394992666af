import type { CallToolResult } from "@modelcontextprotocol/server";
import type { Stage } from "../pipeline.ts";
import type { Reply } from "../reply.ts";
import type { AnyTool, CallContext } from "../tool.ts";

/** Runs the tool and turns what it found into a result: text, or one record whose text says the same. */
export const handler: Stage = {
  name: "handler",
  layer(subject, runtime) {
    if (subject.kind === "unknown" || subject.kind === "draining") return undefined;
    if (subject.kind !== "tool") return async (call) => subject.run(call, runtime.context(call));
    const { tool } = subject as { tool: AnyTool<object> };
    const { structured = false } = runtime.options;
    return async (call): Promise<Reply> => {
      const data: unknown = await tool.run(call.input, runtime.context(call) as object & CallContext);
      if (tool.output) {
        // The parsed value is what is sent: fields that the schema does not name stay in the process.
        const record = tool.output.parse(data);
        return { content: [{ type: "text", text: JSON.stringify(record) }], structuredContent: record };
      }
      const rendered = tool.render(data, call.input);
      const result: CallToolResult = {
        content: typeof rendered === "string" ? [{ type: "text", text: rendered }] : rendered,
      };
      return structured ? { ...result, structuredContent: record(data) } : result;
    };
  },
};

// Clients of the older era only take objects.
function record(data: unknown): Record<string, unknown> {
  const plain: unknown = JSON.parse(
    JSON.stringify(data ?? null, (_key, value: unknown) => (typeof value === "bigint" ? String(value) : value)),
  );
  return plain !== null && typeof plain === "object" && !Array.isArray(plain)
    ? (plain as Record<string, unknown>)
    : { result: plain };
}
