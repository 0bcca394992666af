import type { Tool } from "@modelcontextprotocol/client";
import { lintTools } from "@mooring/core/testing";
import { isRecord } from "./json-rpc.ts";
import { type Expectation, fail, pass, result, warn } from "./outcome.ts";
import { type CheckResult, spec } from "./report.ts";
import { compileSchema } from "./schema.ts";

const haveSchemas: Expectation = {
  id: "surface/schemas",
  expected: "every tool has a name and an input schema of type object, and its schemas are valid",
  spec: spec("2025-11-25", "server/tools#tool"),
  advice: 'Send a valid JSON Schema with "type": "object"; for a tool without arguments {"type":"object"}.',
};

const haveOwnNames: Expectation = {
  id: "surface/unique-names",
  expected: "no two tools have the same name",
  spec: spec("2025-11-25", "server/tools#tool-names"),
  advice: "Rename one: hosts keep one of them, or refuse the whole list.",
};

const haveAllowedNames: Expectation = {
  id: "surface/names",
  expected: "tool names are 1 to 48 of A-Z, a-z, 0-9, _ and -",
  spec: spec("2025-11-25", "server/tools#tool-names"),
  advice:
    "Rename the tools: the specification allows 128 and dots too, but model providers take 64 without dots, and hosts put a prefix before the name.",
};

const haveVisibleTexts: Expectation = {
  id: "surface/hidden-text",
  expected: "texts hold nothing that a model reads and a person does not see",
  advice: "Take out invisible characters and HTML comments: some hosts and catalogues refuse them as an attack.",
};

const arePortable: Expectation = {
  id: "surface/portability",
  expected: "tools have titles, descriptions and hints, and schemas that every model provider accepts",
  advice:
    "Change what is named: hosts and model providers reject some of it, show bare names without titles, and assume the worst of absent hints.",
};

const areAlike: Expectation = {
  id: "surface/style",
  expected: "tools and arguments are named in snake_case",
  advice: "Nothing breaks; models mix up names less when those of all servers are alike.",
};

/**
 * Judges listed tools. What breaks the list for every host fails; what some hosts or providers do not take, and what the
 * specification only advises, is a warning, since the server works with others.
 */
export async function checkSurface(listed: readonly unknown[]): Promise<CheckResult[]> {
  const problems = await Promise.all(listed.map(schemaProblems));
  const broken = problems.flat();
  const tools = listed.filter(isTool);
  const sound = listed.filter((tool, index) => problems[index]?.length === 0).filter(isTool);
  const names = tools.map(({ name }) => name);
  const repeated = new Set(names.filter((name, index) => names.indexOf(name) !== index));
  const misnamed = names.filter((name) => !/^[\w-]{1,48}$/.test(name));
  const findings = Map.groupBy(lintTools(sound.map(withDefaults)), kindOf);
  const hidden = findings.get("hidden") ?? [];
  const others = findings.get("portability") ?? [];
  const style = (findings.get("style") ?? [])
    .map((finding) => finding.replace(/: has a name that does not match .*/, ": is not in snake_case"))
    .filter((finding) => !misnamed.some((name) => finding.startsWith(`${name}:`)));
  return [
    result(haveSchemas, broken.length > 0 ? fail(broken.join("; ")) : pass(`${listed.length} tools`)),
    result(haveOwnNames, repeated.size > 0 ? fail([...repeated].join(", ")) : pass()),
    result(haveAllowedNames, misnamed.length > 0 ? warn(misnamed.join(", ")) : pass()),
    result(haveVisibleTexts, hidden.length > 0 ? warn(hidden.join("; ")) : pass()),
    result(arePortable, others.length > 0 ? warn(byKind(others)) : pass()),
    result(areAlike, style.length > 0 ? warn(byKind(style)) : pass()),
  ];
}

function kindOf(finding: string): "listed" | "hidden" | "style" | "portability" {
  if (finding.endsWith(": is listed twice")) return "listed";
  if (/invisible characters|HTML comment/.test(finding)) return "hidden";
  return /: is not in snake_case$|: has a name that does not match/.test(finding) ? "style" : "portability";
}

/** What a tool may leave out by the specification: a title that stands among the hints, hints about changes if it makes none. */
function withDefaults(tool: Tool): Tool {
  const { annotations = {} } = tool;
  const title = tool.title ?? annotations.title;
  const unchanging = annotations.readOnlyHint === true ? { destructiveHint: false, idempotentHint: true } : {};
  return { ...tool, ...(title !== undefined && { title }), annotations: { ...unchanging, ...annotations } };
}

function isTool(value: unknown): value is Tool {
  return isRecord(value) && typeof value["name"] === "string" && isRecord(value["inputSchema"]);
}

async function schemaProblems(tool: unknown, index: number): Promise<string[]> {
  if (!isRecord(tool) || typeof tool["name"] !== "string" || tool["name"] === "")
    return [`tool ${index + 1} has no name`];
  const { name, inputSchema, outputSchema } = tool;
  if (!isRecord(inputSchema)) return [`${String(name)} has no inputSchema`];
  const problems =
    inputSchema["type"] === "object" ? [] : [`the input schema of ${String(name)} is not of type object`];
  for (const [what, schema] of [
    ["input", inputSchema],
    ["output", outputSchema],
  ] as const) {
    if (schema === undefined) continue;
    const compiled = await compileSchema(schema);
    if ("problem" in compiled) problems.push(`the ${what} schema of ${String(name)} is invalid: ${compiled.problem}`);
  }
  return problems;
}

/** `has no title: read, write`; the same finding at a hundred places is one line. */
function byKind(findings: readonly string[]): string {
  const kinds = new Map<string, string[]>();
  for (const finding of findings) {
    const [, place = "", problem = ""] = /^(.*?): (.*)$/.exec(finding) ?? [];
    kinds.set(problem, [...(kinds.get(problem) ?? []), place]);
  }
  return [...kinds]
    .map(([problem, places]) => {
      const more = places.length > 3 ? ` and ${places.length - 3} more` : "";
      return `${problem}: ${places.slice(0, 3).join(", ")}${more}`;
    })
    .join("; ");
}
