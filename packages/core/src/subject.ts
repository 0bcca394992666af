import type * as z from "zod";
import type { AnyTool, CallContext } from "./tool.ts";
import type { Call } from "./call.ts";
import type { Reply } from "./reply.ts";

/** A tool as this process offers it: narrowed to the operator's level. */
export interface ToolSubject {
  readonly kind: "tool";
  readonly name: string;
  readonly tool: AnyTool<never>;
  readonly accepted: z.ZodObject;
  /** The arguments that are listed, for words about what a call got wrong. */
  readonly listed: readonly string[];
}

/** Reading a resource, getting a prompt: the same pipeline without what only tools have. */
export interface ReadSubject {
  readonly kind: "resource" | "prompt";
  readonly name: string;
  run(call: Call, context: CallContext): Promise<Reply> | Reply;
}

/** A tool or prompt that does not exist, or that this process does not offer: one answer for both. */
export interface UnknownSubject {
  readonly kind: "unknown";
  readonly what: "tool" | "prompt";
  readonly name: string;
}

/** Any tool while the process is about to end. */
export interface DrainingSubject {
  readonly kind: "draining";
  readonly name: string;
}

export type Subject = ToolSubject | ReadSubject | UnknownSubject | DrainingSubject;
