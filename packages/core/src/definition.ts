import type { CacheHint } from "@modelcontextprotocol/server";
import type { ErrorMapper } from "./errors.ts";
import type { PromptDefinition } from "./prompt.ts";
import type { ResourceDefinition } from "./resource.ts";
import type { AnyTool } from "./tool.ts";

/** A renamed tool or argument keeps working for one major version; core maps it before anything else. */
export interface Aliases {
  /** Old tool name → new one. */
  readonly tools?: Readonly<Record<string, string>>;
  /** Names that only `--tools` and `--exclude` understand, → ours: of another server whose configuration people bring along. */
  readonly selection?: Readonly<Record<string, string>>;
  /** Tool → old argument → new one. */
  readonly arguments?: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

/** A set of tools that `--toolsets` can name. */
export interface Toolset {
  readonly description: string;
  /** On unless `--toolsets` says otherwise. */
  readonly default?: boolean;
}

/** Everything a server is, as data; nothing in it has touched the network. */
export interface ServerDefinition<Deps> {
  /** The short name: `github`. */
  readonly name: string;
  readonly title: string;
  readonly version: string;
  /** For the model, in every session: what it must know and no tool says. Core adds what is switched off. */
  readonly instructions?: string;
  readonly tools: readonly AnyTool<Deps>[];
  readonly resources?: readonly ResourceDefinition<Deps>[];
  // Each prompt's arguments are its own business.
  // oxlint-disable-next-line typescript/no-explicit-any
  readonly prompts?: readonly PromptDefinition<Deps, any>[];
  readonly mapError?: ErrorMapper;
  readonly aliases?: Aliases;
  /** Sets besides `default`, which is always there. */
  readonly toolsets?: Readonly<Record<string, Toolset>>;
  /** The file SKILL.md, served as `skill://<name>/SKILL.md`; read when somebody asks for it. */
  readonly skill?: URL;
  /** Lists that may change while the process runs; clients then keep a stream open to hear of it. */
  readonly changingLists?: readonly ("tools" | "resources" | "prompts")[];
  /** What is masked in results unless the operator says otherwise. Default: `own`. */
  readonly redact?: "own" | "patterns";
  /** Results hold text of others: `instructions` then explain the boundary. */
  readonly fenced?: boolean;
  /** How long clients may keep lists. Default: 5 minutes, public. */
  readonly listCache?: CacheHint;
}

/** Keeps the types of a server's parts together. */
export function defineServer<Deps>(definition: ServerDefinition<Deps>): ServerDefinition<Deps> {
  return definition;
}
