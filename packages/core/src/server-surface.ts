import type * as z from "zod";
import { byArgument, levelOf } from "./access.ts";
import type { ServerDefinition } from "./definition.ts";
import { defaultOf } from "./help.ts";
import { shapeOf } from "./narrow.ts";
import { commonOptions, flagOf, kindOf, type Option, type Options, valuesOf, variableOf } from "./options.ts";
import type { PromptDefinition } from "./prompt.ts";
import type { ResourceDefinition } from "./resource.ts";
import { stableText } from "./surface.ts";
import type { Access, AnyTool } from "./tool.ts";

/**
 * Stable text of what a server promises besides its tools' definitions, for a file snapshot (`server.surface.json`, which no
 * tool can be called): options with flags, variables and defaults, those of every server included; resources; prompts;
 * toolsets; aliases; and the access level, toolset and scopes that each tool needs.
 */
export function serverSurface<Deps>(definition: ServerDefinition<Deps>, options: Options = {}): string {
  const { name, tools, toolsets = {}, resources = [], prompts = [], aliases = {}, skill } = definition;
  const all = { ...commonOptions({ redact: definition.redact ?? "own" }), ...options };
  return stableText({
    name,
    options: mapValues(all, (option, key) => optionSurface(name, key, option)),
    resources: {
      ...Object.fromEntries(resources.map((resource) => [resource.uri, resourceSurface(resource)])),
      ...(skill && { [`skill://${name}/SKILL.md`]: { name: "SKILL.md", mimeType: "text/markdown", subscribe: false } }),
    },
    prompts: Object.fromEntries(prompts.map((prompt) => [prompt.name, promptSurface(prompt)])),
    toolsets: mapValues(toolsets, (set) => ({ default: set.default ?? false, description: set.description })),
    aliases: {
      tools: aliases.tools ?? {},
      selection: aliases.selection ?? {},
      arguments: aliases.arguments ?? {},
    },
    tools: Object.fromEntries(tools.map((tool) => [tool.name, toolSurface(tool)])),
  });
}

function optionSurface(server: string, key: string, option: Option): object {
  const { schema, credential = false, positional = false } = option;
  const flag = flagOf(key, option);
  const values = valuesOf(schema);
  const standard = defaultOf(schema);
  return {
    ...(flag !== undefined && { flag }),
    variable: variableOf(server, key, option),
    kind: kindOf(schema),
    ...(values && { values }),
    ...(standard !== undefined && { default: standard }),
    // Nobody is made to have a secret before the server starts.
    required: !credential && !schema.safeParse(undefined).success,
    ...(credential && { credential }),
    ...(positional && { positional }),
  };
}

function resourceSurface<Deps>({ name, title, description, mimeType, watch }: ResourceDefinition<Deps>): object {
  return { name, title, description, ...(mimeType !== undefined && { mimeType }), subscribe: watch !== undefined };
}

function promptSurface<Deps>({ title, description, input }: PromptDefinition<Deps>): object {
  return {
    title,
    description,
    arguments: mapValues(input ? shapeOf(input) : {}, argumentSurface),
  };
}

function argumentSurface(schema: z.ZodType): object {
  const { description } = schema;
  return { required: !schema.safeParse(undefined).success, ...(description !== undefined && { description }) };
}

function toolSurface<Deps>(tool: AnyTool<Deps>): object {
  const { access, toolset = "default", scopes = [] } = tool;
  const by = byArgument(access);
  return {
    access: by
      ? {
          by: by.argument,
          values: Object.fromEntries([...by.values].map(([value, each]) => [value, levelOf(each, tool)])),
        }
      : levelOf(access as Access, tool),
    toolset,
    ...(scopes.length > 0 && { scopes: scopes.toSorted() }),
  };
}

function mapValues<T>(values: Readonly<Record<string, T>>, change: (value: T, key: string) => object) {
  return Object.fromEntries(Object.entries(values).map(([key, value]) => [key, change(value, key)]));
}
