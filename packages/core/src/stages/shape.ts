import {
  isInputRequiredResult,
  ProtocolError,
  ProtocolErrorCode,
  ResourceNotFoundError,
} from "@modelcontextprotocol/server";
import type { CallToolResult } from "@modelcontextprotocol/server";
import { textLimit } from "../cap.ts";
import { deepText } from "../deep-text.ts";
import { type ToolError, toToolError } from "../errors.ts";
import { fence } from "../fence.ts";
import type { Stage } from "../pipeline.ts";
import { errorReply, errorText, isToolResult, reportInternal } from "../reply.ts";
import type { Redactor } from "../redact.ts";
import { masked, shaped, shapedRecord } from "../shape-result.ts";
import type { Call } from "../call.ts";
import type { ErrorMapper } from "../errors.ts";

/** The last hands on everything that leaves: failures become designed errors, text is capped, masked and fenced. */
export const shape: Stage = {
  name: "shape",
  layer(subject, runtime) {
    const { redactor, definition, log } = runtime;
    const map = definition.mapError ?? (() => undefined);
    const limit = textLimit(subject.kind === "tool" ? subject.tool : {});
    const shape = (reply: CallToolResult, call: Call) =>
      subject.kind === "tool" && subject.tool.output
        ? shapedRecord(reply, redactor, call)
        : shaped(reply, limit, redactor, call);
    return async (call, next) => {
      try {
        const reply = await next(call);
        if (isToolResult(reply)) return shape(reply, call);
        return isInputRequiredResult(reply) ? reply : masked(reply, redactor, call);
      } catch (thrown) {
        if (thrown instanceof ProtocolError) throw cleaned(thrown, redactor);
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

// Core's own say nothing that the client did not; a handler's may hold anything.
function cleaned(error: ProtocolError, redactor: Redactor): ProtocolError {
  const clean = (text: string) => redactor.record(fence(text));
  return new ProtocolError(error.code, clean(error.message), deepText(error.data, clean));
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
