import type { ContentBlock } from "@modelcontextprotocol/server";
import type * as z from "zod";
import type { AccessLevel } from "./access.ts";

/** What a call may do to the world; annotations, start-up filtering, confirmation and audit class derive from it. */
export type Access = "read" | "write" | "destructive";

/**
 * The access of a tool, or of each value of one enum or boolean argument:
 * `{ by: "mode", create: "write", overwrite: "destructive" }`, `{ by: "overwrite", false: "write", true: "destructive" }`.
 */
export type AccessRule = Access | ({ readonly by: string } & { readonly [value: string]: string });

/** What a guard says of one call, on its parsed arguments: go on, refuse, or ask a person first. */
export type Verdict =
  | "allow"
  | { readonly deny: string; readonly hint?: string }
  /** Goes on; the answer begins with the warning. */
  | { readonly warn: string }
  /** `confirm` is why a person is asked; `option` the switch of a content guard (use `contentVerdict`). */
  | { readonly confirm: string; readonly option?: string }
  /**
   * The call does more than its access rule can say (a mutation in a query, `force` beside an action): it counts as this
   * access, never as less. Refused above the operator's level; `confirm` is why a person is asked, where one is.
   */
  | { readonly raise: Access; readonly confirm?: string };

/** What a person is asked before a destructive call, in our words; core adds server, tool and account. */
export interface Question {
  /** What the call acts on: "3 files below /srv/data". */
  readonly target: string;
  /** What it does to it: "deletes them; undo keeps them for 7 days". */
  readonly effect: string;
  /** Text that came from elsewhere; core fences and cuts it. */
  readonly quote?: string;
}

/** What a handler gets besides its input and the server's own dependencies. */
export interface CallContext {
  /** Aborted when the client cancels or the deadline passes; its reason says which. */
  readonly signal: AbortSignal;
  /** Correlation id: the `ref` of errors, log lines, spans and audit records. */
  readonly ref: string;
  /** Who calls; "local" on stdio. */
  readonly principal: string;
  /** Milliseconds since the epoch at which the call is answered with a timeout; long work stops earlier, with a cursor. */
  readonly deadline: number;
  /** Who agreed to this call: a person who was asked, or the host by `--confirm host`; `undefined` where nobody had to. */
  readonly confirmedBy: "person" | "host" | undefined;
  /** Tells the client how far the work is; dropped unless it asked, at most four a second, never backwards. */
  progress(done: number, total?: number, message?: string): void;
}

/** What handlers get: the server's dependencies and the call. */
export type ToolContext<Deps> = Deps & CallContext;

interface ToolBase<Deps, In extends z.ZodObject, Data> {
  /** snake_case, one or two words, without the server's name: `^[a-z][a-z0-9_]{0,47}$`. */
  readonly name: string;
  readonly title: string;
  /** For the model: what it does, when to use it, what it does not do. */
  readonly description: string;
  readonly access: AccessRule;
  /** The lowest `--access` that offers the tool, where that is more than its gentlest call needs: a preview of a migration. */
  readonly level?: AccessLevel;
  /** Repeating the call changes nothing more. Default: only reading. */
  readonly idempotent?: boolean;
  /** Reaches outside the operator's own systems. Default: true. */
  readonly openWorld?: boolean;
  /** The set `--toolsets` names. Default: "default". */
  readonly toolset?: string;
  /** Scopes of the service's credential that the tool needs; README column, `--check`. */
  readonly scopes?: readonly string[];
  /** The most text (bytes) the tool may return, up to 1,000,000. Default: 100,000. */
  readonly maxBytes?: number;
  /** Milliseconds instead of the server's deadline; for tools that wait on purpose. */
  readonly deadlineMs?: number;
  /** Caching of equal calls of one principal; only for tools that read. */
  readonly cache?: { readonly ttlMs: number; readonly scope?: "principal" | "public" };
  /** String arguments (dotted paths, `files.edits.old`) in which our own marks of masked or invisible text may stand. */
  readonly marksAllowedIn?: readonly string[];
  readonly input: In;
  /** Arguments that the configuration has decided (see `limitArgument`): not listed, refused on the call, given to the handler. */
  readonly fixed?: Readonly<Record<string, unknown>>;
  /** Checks resources and content, after validation; the last word before the call runs. */
  guard?(input: z.output<In>, context: ToolContext<Deps>): Verdict | Promise<Verdict>;
  /** The question before a destructive call; without it core asks with the tool's title and arguments. */
  question?(input: z.output<In>, context: ToolContext<Deps>): Question | Promise<Question>;
  // Method syntax: bivariant on purpose, so that concrete tools fit `AnyTool[]`.
  run(input: z.output<In>, context: ToolContext<Deps>): Promise<Data> | Data;
}

/** Answers with text (or content blocks); the data stays in the process. Write `run` before `render`: `Data` is inferred. */
export interface TextTool<Deps, In extends z.ZodObject, Data> extends ToolBase<Deps, In, Data> {
  render(data: Data, input: z.output<In>): string | ContentBlock[];
  readonly output?: never;
}

/** Answers with a small record; core makes its text, so both halves say the same. */
export interface RecordTool<Deps, In extends z.ZodObject, Out extends z.ZodObject> extends ToolBase<
  Deps,
  In,
  z.input<Out>
> {
  readonly output: Out;
  readonly render?: never;
}

/** A tool, whatever it takes and answers. */
// What `run` returns is the business of the tool's own two functions.
// oxlint-disable-next-line typescript/no-explicit-any
export type AnyTool<Deps> = TextTool<Deps, z.ZodObject, any> | RecordTool<Deps, z.ZodObject, z.ZodObject>;

/** Binds the dependencies that a server's tools share; each server exports its own `tool`. */
export function toolFactory<Deps>() {
  function tool<In extends z.ZodObject, Data>(definition: TextTool<Deps, In, Data>): TextTool<Deps, In, Data>;
  function tool<In extends z.ZodObject, Out extends z.ZodObject>(
    definition: RecordTool<Deps, In, Out>,
  ): RecordTool<Deps, In, Out>;
  function tool(definition: unknown) {
    return definition;
  }
  return tool;
}
