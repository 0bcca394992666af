import type { Tool } from "@modelcontextprotocol/server";
import { toolName } from "./check-definition.ts";
import { countInvisible } from "./fence.ts";

/** Stable text of what `tools/list` promises of a tool, for file snapshots: keys sorted, since the eras order them differently. */
export function surface(tool: Tool): string {
  return stableText(tool);
}

/** A value as JSON for a snapshot, keys sorted. */
export function stableText(value: object): string {
  return `${JSON.stringify(sorted(value), undefined, 2)}\n`;
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (value === null || typeof value !== "object") return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, inner]) => [key, sorted(inner)]));
}

/**
 * Arguments that need no description, because their name says it for every tool of the family. Reviewed: a name stands here
 * only if a model never guesses it wrong. `id`, `mode`, `all` or `force` ask "of what?" and are described where they stand.
 */
const selfExplaining: ReadonlySet<string> = new Set([
  "body",
  "content",
  "cursor",
  "depth",
  "dry_run",
  "edits",
  "encoding",
  "files",
  "from",
  "glob",
  "ignore_case",
  "limit",
  "new",
  "old",
  "overwrite",
  "path",
  "paths",
  "query",
  "recursive",
  "regex",
  "repo",
  "sort",
  "title",
  "to",
]);

const MAX_DESCRIPTION = 1_024;

/**
 * What would keep tools from working with some host or model, one line each; an empty list is a pass. Looks at names, texts
 * and annotations, and for the parts of JSON Schema that one provider or another rejects, often with the whole list.
 */
export function lintTools(tools: readonly Tool[]): string[] {
  const names = tools.map(({ name }) => name);
  const repeated = names.filter((name, index) => names.indexOf(name) !== index);
  return [...repeated.map((name) => `${name}: is listed twice`), ...tools.flatMap(lintTool)];
}

function lintTool(tool: Tool): string[] {
  const { name, title, description, inputSchema, outputSchema } = tool;
  const problems = [
    ...(toolName.test(name) ? [] : [`has a name that does not match ${toolName.source}`]),
    ...(title ? [] : ["has no title"]),
    ...(description ? [] : ["has no description"]),
    ...textProblems(title ?? ""),
    ...textProblems(description ?? ""),
    ...annotationProblems(tool.annotations),
  ].map((problem) => `${name}: ${problem}`);
  return [
    ...problems,
    ...rootProblems(inputSchema, `${name} input`),
    ...schemaProblems(inputSchema, `${name} input`, true),
    ...(outputSchema ? rootProblems(outputSchema, `${name} output`) : []),
    ...(outputSchema ? schemaProblems(outputSchema, `${name} output`, false) : []),
  ];
}

function textProblems(text: string): string[] {
  return [
    ...(text.length > MAX_DESCRIPTION ? [`has a text of ${text.length} characters (at most ${MAX_DESCRIPTION})`] : []),
    // What a person does not see when reviewing a tool, a model still reads.
    ...(countInvisible(text) > 0 ? ["has invisible characters in its text"] : []),
    ...(text.includes("<!--") ? ["has an HTML comment in its text"] : []),
  ];
}

function annotationProblems(annotations: Tool["annotations"] = {}): string[] {
  const hints = ["readOnlyHint", "destructiveHint", "idempotentHint", "openWorldHint"] as const;
  return [
    // The protocol's defaults for absent hints are the most frightening ones.
    ...hints.filter((hint) => typeof annotations[hint] !== "boolean").map((hint) => `has no ${hint}`),
    ...(annotations.readOnlyHint && annotations.destructiveHint ? ["is read-only and destructive at once"] : []),
  ];
}

type Schema = { readonly [keyword: string]: unknown };

function isSchema(value: unknown): value is Schema {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function rootProblems(schema: Schema, where: string): string[] {
  const unions = ["anyOf", "oneOf", "allOf", "not", "if", "enum"].filter((keyword) => keyword in schema);
  return [
    ...(schema["type"] === "object" ? [] : [`${where}: its root is not an object`]),
    ...unions.map((keyword) => `${where}: has ${keyword} at its root`),
  ];
}

const FORBIDDEN = ["$ref", "$dynamicRef", "$defs", "definitions", "prefixItems", "x-mcp-header"];

function schemaProblems(schema: Schema, where: string, isInput: boolean): string[] {
  const { type, items, format, additionalProperties: extra } = schema;
  const problems = [
    ...FORBIDDEN.filter((keyword) => keyword in schema).map((keyword) => `has ${keyword}`),
    ...(Array.isArray(type) ? ["has a list of types"] : []),
    ...(Array.isArray(items) || items === false ? ["is a tuple"] : []),
    ...(typeof format === "string" && /^(?:uri|url|iri)/.test(format) ? [`has the format ${format}`] : []),
    ...(extra === true || (isSchema(extra) && !saysType(extra)) ? ["is a record of anything"] : []),
  ].map((problem) => `${where}: ${problem}`);
  return [
    ...problems,
    ...inner(schema, where).flatMap(([at, part]) => schemaProblems(part, at, isInput)),
    ...Object.entries(properties(schema)).flatMap(([name, property]) => [
      ...(isInput ? fieldProblems(name, property, `${where}.${name}`) : []),
      ...schemaProblems(property, `${where}.${name}`, isInput),
    ]),
  ];
}

function fieldProblems(name: string, property: Schema, where: string): string[] {
  const { description } = property;
  const described = typeof description === "string" && description !== "";
  return [
    ...(described || selfExplaining.has(name) ? [] : [`${where}: has no description`]),
    ...(saysType(property) ? [] : [`${where}: does not say its type`]),
    ...(/[A-Z-]/.test(name) ? [`${where}: is not in snake_case`] : []),
    ...textProblems(described ? description : "").map((problem) => `${where}: ${problem}`),
  ];
}

function saysType(schema: Schema): boolean {
  return ["type", "enum", "const", "anyOf", "oneOf", "allOf", "$ref"].some((keyword) => keyword in schema);
}

function properties(schema: Schema): Record<string, Schema> {
  const { properties: all } = schema;
  return Object.fromEntries(Object.entries(isSchema(all) ? all : {}).filter((entry) => isSchema(entry[1]))) as Record<
    string,
    Schema
  >;
}

/** The schemas that stand in a schema other than as properties, and where. */
function inner(schema: Schema, where: string): [string, Schema][] {
  const { items, additionalProperties, not } = schema;
  const lists = ["anyOf", "oneOf", "allOf", "prefixItems"].flatMap((keyword) => {
    const list = schema[keyword];
    return Array.isArray(list) ? list : [];
  });
  const found: [string, unknown][] = [
    [`${where}[]`, items],
    [`${where}.*`, additionalProperties],
    [where, not],
    ...lists.map((part): [string, unknown] => [where, part]),
  ];
  return found.filter((entry): entry is [string, Schema] => isSchema(entry[1]));
}
