import type { Tool as WireTool } from "@modelcontextprotocol/server";
import * as z from "zod";
import { type AccessLevel, admits, byArgument, highest } from "./access.ts";
import { ConfigError } from "./config-error.ts";
import type { AccessRule, AnyTool } from "./tool.ts";

/**
 * What `tools/list` says of a tool at a level. The wire form leaves out what only costs tokens: `$schema`,
 * `additionalProperties` (strictness acts on the call) and the bounds of safe integers.
 * @throws ConfigError naming the tool whose schema cannot go on the wire
 */
export function wireTool<Deps>(tool: AnyTool<Deps>, level: AccessLevel, prefix = ""): WireTool {
  const { name, title, description, output } = tool;
  const access = highest(tool.access, level);
  return {
    name: prefix + name,
    title,
    description,
    inputSchema: schemaOf(name, narrowed(tool.input, tool.access, level).listed, "input"),
    ...(output && { outputSchema: schemaOf(name, output, "output") }),
    annotations: {
      readOnlyHint: access === "read",
      destructiveHint: access === "destructive",
      idempotentHint: tool.idempotent ?? access === "read",
      openWorldHint: tool.openWorld ?? true,
    },
  };
}

// One schema that JSON Schema cannot say would fail the whole list, and at a client instead of at the start.
function schemaOf(tool: string, schema: z.ZodType, io: "input" | "output"): WireTool["inputSchema"] {
  try {
    return wireSchema(schema, io);
  } catch (error) {
    throw new ConfigError(
      [
        `The ${io} schema of the tool "${tool}" cannot be listed: ${error instanceof Error ? error.message : String(error)}.`,
      ],
      { cause: error },
    );
  }
}

/** A schema as it goes on the wire. Throws for what JSON Schema cannot say, and for `x-mcp-header`, which nobody checks. */
export function wireSchema(schema: z.ZodType, io: "input" | "output"): WireTool["inputSchema"] {
  return slim(z.toJSONSchema(schema, { io, target: "draft-2020-12" })) as WireTool["inputSchema"];
}

function slim(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(slim);
  if (value === null || typeof value !== "object") return value;
  const kept: Record<string, unknown> = {};
  for (const [key, inner] of Object.entries(value)) {
    // The SDK's check of such headers against the body is McpServer's, which we do not use.
    if (key === "x-mcp-header") throw new Error("x-mcp-header is not supported");
    if (key === "$schema" || (key === "additionalProperties" && typeof inner === "boolean")) continue;
    if ((key === "minimum" || key === "maximum") && Math.abs(Number(inner)) === Number.MAX_SAFE_INTEGER) continue;
    // Names of arguments are data, whatever they are called.
    kept[key] = key === "properties" ? mapValues(inner as Record<string, unknown>) : slim(inner);
  }
  return kept;
}

function mapValues(properties: Record<string, unknown>) {
  return Object.fromEntries(Object.entries(properties).map(([name, schema]) => [name, slim(schema)]));
}

/**
 * A tool's input without the values that a level does not admit: `listed` for the wire (a boolean left with one value is
 * not listed at all), `accepted` for the call, which still takes that one value.
 */
export function narrowed(
  input: z.ZodObject,
  rule: AccessRule,
  level: AccessLevel,
): { readonly listed: z.ZodObject; readonly accepted: z.ZodObject } {
  const by = byArgument(rule);
  if (!by) return { listed: input, accepted: input };
  const { argument, values } = by;
  const left = [...values].filter(([, access]) => admits(level, access)).map(([value]) => value);
  if (left.length === values.size) return { listed: input, accepted: input };
  const original = (input.shape as Record<string, z.ZodType>)[argument] as z.ZodType;
  const fewer = replaceCore(original, (core) => fewerValues(core, left));
  const accepted = input.extend({ [argument]: fewer }).strict();
  const listed =
    left.length === 1 && coreOf(original) instanceof z.ZodBoolean
      ? input.omit({ [argument]: true } as never)
      : accepted;
  return { listed, accepted };
}

function fewerValues(core: z.ZodType, left: readonly string[]): z.ZodType {
  const values = core instanceof z.ZodBoolean ? left.map((v) => v === "true") : left;
  const schema = core instanceof z.ZodBoolean ? z.literal(values as boolean[]) : z.enum(values as string[]);
  return core.description ? schema.describe(core.description) : schema;
}

function coreOf(schema: z.ZodType): z.ZodType {
  const inner = (schema.def as { innerType?: z.ZodType }).innerType;
  return inner ? coreOf(inner) : schema;
}

// Rebuilds `.optional()`, `.default()` and the like around another core.
function replaceCore(schema: z.ZodType, replace: (core: z.ZodType) => z.ZodType): z.ZodType {
  const inner = (schema.def as { innerType?: z.ZodType }).innerType;
  if (!inner) return replace(schema);
  const replaced = replaceCore(inner, replace);
  const rebuilt =
    schema instanceof z.ZodDefault ? replaced.default(schema.def.defaultValue as never) : replaced.optional();
  return schema.description && !rebuilt.description ? rebuilt.describe(schema.description) : rebuilt;
}
