import type { Tool as WireTool } from "@modelcontextprotocol/server";
import * as z from "zod";
import { type AccessLevel, highest } from "./access.ts";
import { ConfigError } from "./config-error.ts";
import { narrowed } from "./narrow.ts";
import type { AnyTool } from "./tool.ts";

/**
 * What `tools/list` says of a tool at a level. The wire form leaves out what only costs tokens: `$schema`,
 * `additionalProperties` (strictness acts on the call) and the bounds of safe integers.
 * @throws ConfigError naming the tool whose schema cannot go on the wire
 */
export function wireTool<Deps>(tool: AnyTool<Deps>, level: AccessLevel, prefix = ""): WireTool {
  const { name, title, description, output } = tool;
  const access = highest(tool.access, level);
  const { accepted, unlisted } = narrowed(tool, level);
  return {
    name: prefix + name,
    title,
    description,
    inputSchema: without(schemaOf(name, accepted, "input"), unlisted),
    ...(output && { outputSchema: schemaOf(name, output, "output") }),
    annotations: {
      readOnlyHint: access === "read",
      destructiveHint: access === "destructive",
      idempotentHint: tool.idempotent ?? access === "read",
      openWorldHint: tool.openWorld ?? true,
    },
  };
}

// Taken out of the wire form: zod refuses to omit from an object that has checks of its own.
function without(schema: WireTool["inputSchema"], names: ReadonlySet<string>): WireTool["inputSchema"] {
  if (names.size === 0) return schema;
  const { properties = {}, required = [], ...rest } = schema;
  const left = required.filter((name) => !names.has(name));
  return {
    ...rest,
    properties: Object.fromEntries(Object.entries(properties).filter(([name]) => !names.has(name))),
    ...(left.length > 0 && { required: left }),
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
  return withoutTypeList(kept);
}

/** What says something about a value instead of deciding whether it fits. */
const ANNOTATIONS: ReadonlySet<string> = new Set(["title", "description", "default", "examples", "deprecated"]);

// zod writes `nullable` and unions of plain types as a list of types, which some providers refuse; this says the same.
function withoutTypeList(schema: Record<string, unknown>): Record<string, unknown> {
  const { type: types, ...rest } = schema;
  if (!Array.isArray(types)) return schema;
  const entries = Object.entries(rest);
  const rules = Object.fromEntries(entries.filter(([key]) => !ANNOTATIONS.has(key)));
  // Each rule is about one type and says nothing of values of another.
  const anyOf = types.map((type: unknown) => (type === "null" ? { type } : { type, ...rules }));
  return { anyOf, ...Object.fromEntries(entries.filter(([key]) => ANNOTATIONS.has(key))) };
}

function mapValues(properties: Record<string, unknown>) {
  return Object.fromEntries(Object.entries(properties).map(([name, schema]) => [name, slim(schema)]));
}
