import {
  isInputRequiredResult,
  ProtocolError,
  ProtocolErrorCode,
  ResourceNotFoundError,
} from "@modelcontextprotocol/server";
import type { CallToolResult } from "@modelcontextprotocol/server";
import { cap } from "../cap.ts";
import { type ToolError, toToolError } from "../errors.ts";
import { fence } from "../fence.ts";
import type { Stage } from "../pipeline.ts";
import { errorReply, errorText, isToolResult, type Reply, reportInternal } from "../reply.ts";
import type { Redactor } from "../redact.ts";
import type { Call } from "../call.ts";
import type { ErrorMapper } from "../errors.ts";

const TEXT_CAP = 100_000;

/** The last hands on everything that leaves: failures become designed errors, text is capped, masked and fenced. */
export const shape: Stage = {
  name: "shape",
  layer(subject, runtime) {
    const { redactor, definition, log } = runtime;
    const map = definition.mapError ?? (() => undefined);
    const limit = subject.kind === "tool" ? (subject.tool.maxBytes ?? TEXT_CAP) : 1_000_000;
    return async (call, next) => {
      try {
        const reply = await next(call);
        if (isToolResult(reply)) return shaped(reply, limit, redactor, call);
        return isInputRequiredResult(reply) ? reply : masked(reply, redactor, call);
      } catch (thrown) {
        if (thrown instanceof ProtocolError) throw thrown;
        const error = settle(thrown, map, call);
        call.error = error;
        if (error.kind === "internal") reportInternal(log, error, subject.name, call.ref);
        if (call.method === "tools/call") return errorReply(error, call.ref, redactor);
        throw protocolError(error, call, redactor);
      }
    };
  },
};

// A handler that fails because its call was cancelled or ran out of time fails for that reason, whatever it threw.
function settle(thrown: unknown, map: ErrorMapper, call: Call): ToolError {
  const error = toToolError(thrown, map);
  return error.kind === "internal" && call.cancelled ? toToolError(call.signal.reason, map) : error;
}

function shaped(reply: CallToolResult, limit: number, redactor: Redactor, call: Call): CallToolResult {
  let count = 0;
  const content = reply.content.map((block) => {
    if (block.type !== "text") return block;
    const masking = redactor.result(cap(block.text, limit));
    count += masking.masked;
    const text = fence(masking.text);
    return text === block.text ? block : { ...block, text };
  });
  if (reply.structuredContent === undefined && count === 0) return { ...reply, content };
  call.masked = count;
  const structured =
    reply.structuredContent === undefined
      ? undefined
      : deepText(reply.structuredContent, (text) => fence(redactor.result(text).text));
  return {
    ...reply,
    content:
      count > 0 && reply.structuredContent === undefined
        ? [...content, { type: "text", text: `(${count} ${count === 1 ? "secret" : "secrets"} masked.)` }]
        : content,
    ...(structured !== undefined && { structuredContent: structured }),
    ...(count > 0 && { _meta: { ...reply._meta, "mooring/masked": count } }),
  } as CallToolResult;
}

/** Masks every string of a resource or a prompt. */
function masked<R extends Reply>(reply: R, redactor: Redactor, call: Call): R {
  return deepText(reply, (text) => {
    const masking = redactor.result(text);
    call.masked += masking.masked;
    return fence(masking.text);
  }) as R;
}

function deepText(value: unknown, change: (text: string) => string): unknown {
  if (typeof value === "string") return change(value);
  if (Array.isArray(value)) return value.map((item) => deepText(item, change));
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, deepText(inner, change)]));
}

function protocolError(error: ToolError, call: Call, redactor: Redactor): ProtocolError {
  // The specification's answer for a missing resource; one answer for missing and forbidden.
  if (error.kind === "not_found" && call.method === "resources/read") return new ResourceNotFoundError(call.target);
  const code =
    error.kind === "invalid_input" || error.kind === "not_found"
      ? ProtocolErrorCode.InvalidParams
      : ProtocolErrorCode.InternalError;
  const { kind, retryable, retryAfterMs } = error;
  return new ProtocolError(code, errorText(error, call.ref, redactor), {
    "mooring/error": { kind, retryable, ...(retryAfterMs !== undefined && { retryAfterMs }), ref: call.ref },
  });
}
