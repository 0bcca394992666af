import { readFile } from "node:fs/promises";
import {
  type AuthInfo,
  ProtocolError,
  ProtocolErrorCode,
  type Resource,
  ResourceNotFoundError,
  type Server,
} from "@modelcontextprotocol/server";
import { Call } from "./call.ts";
import { MOST_CONTENT } from "./cap.ts";
import { ToolError } from "./errors.ts";
import { onClose } from "./on-close.ts";
import { readListCursor, listCursor } from "./list-cursor.ts";
import { compose } from "./pipeline.ts";
import type { Reply } from "./reply.ts";
import type { ResourceDefinition } from "./resource.ts";
import type { Runtime } from "./runtime.ts";
import type { Subscriptions } from "./subscriptions.ts";
import type { CallContext } from "./tool.ts";
import { isTemplate, type UriMatcher, uriMatcher } from "./uri-template.ts";

/** Resources after which a page goes no further. */
const FULL_PAGE = 100;

export interface ResourceService {
  /** Whether any resource can be followed. */
  readonly watchable: boolean;
  serve(server: Server, era: "legacy" | "modern"): void;
  /** @throws ToolError for what may not be watched */
  follow(uri: string, auth: AuthInfo | undefined): Promise<() => void>;
}

type Definition = ResourceDefinition<object>;
interface Route {
  readonly definition: Definition;
  readonly match: UriMatcher;
}

/** Lists with cursors, templates, reading and following; `undefined` for a server without resources. */
export function serveResources(runtime: Runtime, subscriptions: Subscriptions): ResourceService | undefined {
  const { definition } = runtime;
  const definitions = [...((definition.resources ?? []) as unknown as Definition[]), ...skill(definition)];
  if (definitions.length === 0) return undefined;
  const routes: Route[] = definitions.map((each) => ({
    definition: each,
    match: uriMatcher(each.uri),
  }));
  const templates = routes
    .filter(({ definition: { uri } }) => isTemplate(uri))
    .map(({ definition: { uri, name, title, description, mimeType } }) => ({
      uriTemplate: uri,
      name,
      title,
      description,
      ...(mimeType !== undefined && { mimeType }),
    }));
  const watchable = definitions.some((each) => each.watch);

  const list = step(runtime, "resources/list", async (call, context) => {
    const { cursor } = (call.arguments ?? {}) as { cursor?: string };
    const [start = 0, inner] = cursor === undefined ? [] : readListCursor(cursor);
    let index = Number(start);
    let position = inner === undefined ? undefined : String(inner);
    if (definitions[index] === undefined) throw new ProtocolError(ProtocolErrorCode.InvalidParams, "Invalid cursor");
    const resources: Resource[] = [];
    // Several families share a page: clients that read only the first see something of each.
    for (let each = definitions[index]; each !== undefined; each = definitions[++index]) {
      const page = each.list
        ? await each.list(position, context)
        : { resources: isTemplate(each.uri) ? [] : [fixed(each)] };
      resources.push(...page.resources);
      if (page.nextCursor !== undefined) return { resources, nextCursor: listCursor([index, page.nextCursor]) };
      position = undefined;
      if (resources.length >= FULL_PAGE && index + 1 < definitions.length)
        return { resources, nextCursor: listCursor([index + 1]) };
    }
    return { resources };
  });
  const read = step(runtime, "resources/read", async (call, context) => {
    const found = match(routes, call.target);
    if (!found) throw new ResourceNotFoundError(call.target);
    const contents = await found.definition.read(call.target, found.variables, context);
    const size = contents.reduce((sum, part) => sum + ("text" in part ? part.text : part.blob).length, 0);
    if (size > MOST_CONTENT)
      throw new ToolError("too_large", `The resource has more than ${MOST_CONTENT.toLocaleString("en")} characters.`, {
        hint: "Read a part of it with a tool.",
      });
    return { contents };
  });
  const follow = async (uri: string, context: CallContext) => {
    const found = match(routes, uri);
    const { watch } = found?.definition ?? {};
    if (!watch) throw new ToolError("not_found", "There is no resource at this URI that can be followed.");
    return subscriptions.acquire(uri, (changed) => watch.call(found?.definition, uri, changed, context));
  };
  return {
    watchable,
    follow: async (uri, auth) => follow(uri, runtime.context(detached(uri, auth))),
    serve(server, era) {
      server.setRequestHandler(
        "resources/list",
        ({ params }, mcp) => list(new Call("resources/list", "resources", params, server, mcp)) as never,
      );
      server.setRequestHandler("resources/templates/list", ({ params }) => {
        if (params?.cursor !== undefined) readListCursor(params.cursor);
        return { resourceTemplates: templates };
      });
      server.setRequestHandler(
        "resources/read",
        ({ params }, mcp) => read(new Call("resources/read", params.uri, undefined, server, mcp)) as never,
      );
      // Modern clients listen instead, and most of their servers live for one request.
      if (!watchable || era !== "legacy") return;
      // Promises: a second subscription must not start a second watch, nor an end overtake its beginning.
      const held = new Map<string, Promise<() => void>>();
      const end = (uri: string) => {
        held.get(uri)?.then(
          (release) => release(),
          () => {},
        );
        held.delete(uri);
      };
      const subscribe = step(runtime, "resources/subscribe", async ({ target }, context) => {
        const following = held.get(target) ?? follow(target, context);
        held.set(target, following);
        try {
          await following;
        } catch (error) {
          if (held.get(target) === following) held.delete(target);
          throw error;
        }
        return {};
      });
      server.setRequestHandler(
        "resources/subscribe",
        ({ params }, mcp) => subscribe(new Call("resources/subscribe", params.uri, undefined, server, mcp)) as never,
      );
      server.setRequestHandler("resources/unsubscribe", ({ params }) => {
        end(params.uri);
        return {};
      });
      const off = subscriptions.onChange((uri) => {
        // A client that has left needs no news.
        if (held.has(uri)) server.sendResourceUpdated({ uri }).catch(() => {});
      });
      onClose(server, () => {
        off();
        for (const uri of held.keys()) end(uri);
      });
    },
  };
}

function step(runtime: Runtime, name: string, run: (call: Call, context: CallContext) => Promise<object>) {
  return compose(
    { kind: "resource", name, run: async (call, context) => (await run(call, context)) as Reply },
    runtime,
  );
}

// A stream that outlives its request has no request's signal: watches end by release, not by cancel.
function detached(uri: string, authInfo: AuthInfo | undefined): Call {
  const never = new AbortController().signal;
  const mcp = { mcpReq: { signal: never }, ...(authInfo && { http: { authInfo } }) };
  return new Call("resources/subscribe", uri, undefined, undefined as never, mcp as never);
}

function match(
  routes: readonly Route[],
  uri: string,
): { definition: Definition; variables: Readonly<Record<string, string>> } | undefined {
  for (const { definition, match: matches } of routes) {
    const variables = matches(uri);
    if (variables) return { definition, variables };
  }
  return undefined;
}

function fixed({ uri, name, title, description, mimeType }: Definition): Resource {
  return { uri, name, title, description, ...(mimeType !== undefined && { mimeType }) };
}

function skill({ name, title, skill: file }: Runtime["definition"]): Definition[] {
  if (!file) return [];
  const uri = `skill://${name}/SKILL.md`;
  return [
    {
      name: "SKILL.md",
      title: `How to use ${title}`,
      description: `Instructions for models: ${title}.`,
      uri,
      mimeType: "text/markdown",
      read: async () => [{ uri, mimeType: "text/markdown", text: await readFile(file, "utf8") }],
    },
  ];
}
