import type { BlobResourceContents, Resource, TextResourceContents } from "@modelcontextprotocol/server";
import type { ToolContext } from "./tool.ts";

/** One part of what a resource holds: `text`, or `blob` in base64. */
export type ResourceContent = TextResourceContents | BlobResourceContents;

/** One page of a resource list; `nextCursor` is the server's own. Core makes it opaque, but does not sign it: anything may come back. */
export interface ResourcePage {
  readonly resources: readonly Resource[];
  readonly nextCursor?: string | undefined;
}

/**
 * Values for a template variable or prompt argument that begin with, or are like, what was typed. `given` are the other
 * variables as far as the person has chosen them: the repository whose branches are wanted.
 */
export interface Completers<Deps> {
  readonly [variable: string]: (
    value: string,
    context: ToolContext<Deps>,
    given: Readonly<Record<string, string>>,
  ) => Promise<string[]> | string[];
}

/** A family of resources behind one RFC 6570 template, or one fixed URI. */
export interface ResourceDefinition<Deps> {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  /** `file:///{+path}`, `pg://{database}/table/{schema}.{table}` (RFC 6570, text, `{name}` and `{+name}`), or a URI without variables. */
  readonly uri: string;
  readonly mimeType?: string;
  /** What `resources/list` shows of it; nothing when left out. Never a crawl. */
  list?(cursor: string | undefined, context: ToolContext<Deps>): Promise<ResourcePage> | ResourcePage;
  /**
   * `variables` are percent-decoded once, where they are UTF-8: `a%2Fb` arrives as `a/b`. Throws a `not_found` {@link ToolError} for what is missing or
   * not allowed: one answer for both.
   */
  read(
    uri: string,
    variables: Readonly<Record<string, string>>,
    context: ToolContext<Deps>,
  ): Promise<readonly ResourceContent[]> | readonly ResourceContent[];
  /** Completion of each template variable; at most 100 values are sent. Discloses nothing the caller may not list. */
  readonly complete?: Completers<Deps>;
  /**
   * Starts watching one URI and calls `changed` after each change, until the returned function is called.
   * Throws a `not_found` {@link ToolError} for what may not be watched. Core counts subscribers: one watch a URI.
   */
  watch?(uri: string, changed: () => void, context: ToolContext<Deps>): Promise<() => void> | (() => void);
}

/** Binds the dependencies that a server's resources share. */
export function resourceFactory<Deps>() {
  return (definition: ResourceDefinition<Deps>): ResourceDefinition<Deps> => definition;
}
