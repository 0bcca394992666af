import type { CallToolResult } from "@modelcontextprotocol/server";
import { textLimit } from "../cap.ts";
import { ToolError } from "../errors.ts";
import { takesMore } from "../json-size.ts";
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
    const limit = textLimit(tool);
    return async (call): Promise<Reply> => {
      const data: unknown = await tool.run(call.input, runtime.context(call) as object & CallContext);
      if (tool.output) {
        // The parsed value is what is sent: fields that the schema does not name stay in the process.
        const record = tool.output.parse(data);
        const text = takesMore(record, limit) ? undefined : JSON.stringify(record);
        // A record that was cut is none any more.
        if (text === undefined || exceeds(text, limit))
          throw new ToolError("too_large", `The answer has more than ${limit.toLocaleString("en")} bytes.`, {
            hint: "Ask for less or for a part.",
          });
        return { content: [{ type: "text", text }], structuredContent: record };
      }
      const rendered = tool.render(data, call.input);
      const result: CallToolResult = {
        content: typeof rendered === "string" ? [{ type: "text", text: rendered }] : rendered,
      };
      return structured ? withRecord(result, data, limit) : result;
    };
  },
};

/** JSON escapes what text does not: the same facts may take that much more. */
const ESCAPES = 2;

/** Adds what the tool found; where that is larger than a result may be, a line says that it was left out. */
function withRecord(result: CallToolResult, data: unknown, limit: number): CallToolResult {
  const json = takesMore(data, ESCAPES * limit) ? undefined : toJson(data);
  if (json === undefined || exceeds(json, ESCAPES * limit))
    return { content: [{ type: "text", text: "[structuredContent left out: it is too large]" }, ...result.content] };
  const plain: unknown = JSON.parse(json);
  // Clients of the older era only take objects.
  const isRecord = plain !== null && typeof plain === "object" && !Array.isArray(plain);
  return { ...result, structuredContent: isRecord ? (plain as Record<string, unknown>) : { result: plain } };
}

function toJson(data: unknown): string {
  return JSON.stringify(data ?? null, (_key, value: unknown) => (typeof value === "bigint" ? String(value) : value));
}

// A UTF-16 unit is one to three bytes of UTF-8: most texts need no counting.
function exceeds(text: string, bytes: number): boolean {
  return text.length * 3 > bytes && Buffer.byteLength(text) > bytes;
}
