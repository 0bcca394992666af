import {
  isInputRequiredResult,
  ProtocolError,
  ProtocolErrorCode,
  ResourceNotFoundError,
} from "@modelcontextprotocol/server";
import type { CallToolResult } from "@modelcontextprotocol/server";
import { cap, textLimit } from "../cap.ts";
import { deepText } from "../deep-text.ts";
import { type ToolError, toToolError } from "../errors.ts";
import { fence } from "../fence.ts";
import type { Stage } from "../pipeline.ts";
import { errorReply, errorText, isToolResult, type Reply, reportInternal } from "../reply.ts";
import type { Redactor } from "../redact.ts";
import type { Call } from "../call.ts";
import type { ErrorMapper } from "../errors.ts";

/** The last hands on everything that leaves: failures become designed errors, text is capped, masked and fenced. */
export const shape: Stage = {
  name: "shape",
  layer(subject, runtime) {
    const { redactor, definition, log } = runtime;
    const map = definition.mapError ?? (() => undefined);
    const limit = textLimit(subject.kind === "tool" ? subject.tool : {});
    return async (call, next) => {
      try {
        const reply = await next(call);
        if (isToolResult(reply)) return shaped(reply, limit, redactor, call);
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

// Masked before it is cut: half a secret no longer looks like one.
function shaped(reply: CallToolResult, limit: number, redactor: Redactor, call: Call): CallToolResult {
  let masked = 0;
  let left = limit;
  const clean = (text: string, member?: string) => {
    const masking = maskMember(text, member, redactor);
    masked += masking.masked;
    return masking.text;
  };
  const several = reply.content.length > 1;
  const content = reply.content.map((block) => {
    if (block.type !== "text") return deepText(block, (text, member) => fence(clean(text, member)));
    const before = masked;
    const whole = clean(block.text);
    const shown = cap(whole, left);
    if (several) left = Math.max(0, left - Buffer.byteLength(shown));
    if (shown !== whole) masked = before + Math.min(masked - before, shown.match(MASKS)?.length ?? 0);
    const text = fence(shown);
    if (isBare(block)) return text === block.text ? block : { ...block, text };
    return { ...deepText({ ...block, text: "" }, (other, member) => fence(clean(other, member))), text };
  });
  const { structuredContent } = reply;
  if (structuredContent === undefined && masked === 0) return { ...reply, content };
  call.masked = masked;
  return {
    ...reply,
    content:
      masked > 0 && structuredContent === undefined
        ? [...content, { type: "text", text: `(${masked} ${masked === 1 ? "secret" : "secrets"} masked.)` }]
        : content,
    ...(structuredContent !== undefined && {
      structuredContent: deepText(structuredContent, (text, member) => fence(maskMember(text, member, redactor).text)),
    }),
    ...(masked > 0 && { _meta: { ...reply._meta, "mooring/masked": masked } }),
  } as CallToolResult;
}

// Some secrets are known by the name beside them alone: `"SecretAccessKey": "…"`.
function maskMember(text: string, member: string | undefined, redactor: Redactor): { text: string; masked: number } {
  const alone = redactor.result(text);
  if (member === undefined || alone.masked > 0) return alone;
  const name = `"${member}": "`;
  const named = redactor.result(name + text);
  return named.masked > 0 && named.text.startsWith(name) ? { ...named, text: named.text.slice(name.length) } : alone;
}

// Nearly every block: nothing but its text.
function isBare(block: object): boolean {
  return Object.keys(block).length === 2;
}

const MASKS = /⟨masked:[a-z0-9-]+⟩/g;

/** Masks every string of a resource or a prompt. */
function masked<R extends Reply>(reply: R, redactor: Redactor, call: Call): R {
  return deepText(reply, (text, member) => {
    const masking = maskMember(text, member, redactor);
    call.masked += masking.masked;
    return fence(masking.text);
  });
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
