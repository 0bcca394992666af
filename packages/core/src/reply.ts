import type { CallToolResult, InputRequiredResult, Result } from "@modelcontextprotocol/server";
import type { Log } from "./log.ts";
import { fence } from "./fence.ts";
import type { ToolError } from "./errors.ts";
import type { Redactor } from "./redact.ts";

/** What a call answers with. */
export type Reply = CallToolResult | InputRequiredResult | Result;

export function isToolResult(reply: Reply): reply is CallToolResult {
  return "content" in reply && Array.isArray(reply["content"]);
}

/**
 * The error as a client and a model see it: text, and the facts in `_meta`. Never `structuredContent`, which older
 * clients hold against the output schema even in errors.
 */
export function errorReply(error: ToolError, ref: string, redactor: Redactor): CallToolResult {
  const { kind, retryable, retryAfterMs } = error;
  return {
    isError: true,
    content: [{ type: "text", text: errorText(error, ref, redactor) }],
    _meta: { "mooring/error": { kind, retryable, ...(retryAfterMs !== undefined && { retryAfterMs }), ref } },
  };
}

export function errorText({ kind, message, hint, retryAfterMs }: ToolError, ref: string, redactor: Redactor): string {
  const parts = [kind === "internal" ? `The call failed unexpectedly (ref ${ref}).` : message];
  if (hint) parts.push(hint);
  if (retryAfterMs !== undefined) parts.push(`Try again in ${seconds(retryAfterMs)}.`);
  const text = redactor.record(fence(parts.join(" ")));
  // Words of a service that got into an error: masked before they are cut.
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
}

/** Characters of an error's text. */
const LONGEST = 16_000;

function seconds(ms: number): string {
  return ms < 1_000 ? `${Math.ceil(ms)} ms` : `${Math.ceil(ms / 1_000)} s`;
}

/** Everything about an unexpected failure, for whoever runs the server; nothing of it reaches the client. */
export function reportInternal(log: Log, error: ToolError, subject: string, ref: string): void {
  log.error("unexpected failure", { tool: subject, ref, error: error.cause ?? error });
}
