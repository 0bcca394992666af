import * as z from "zod";
import { byArgument } from "./access.ts";
import { ConfigError } from "./config-error.ts";
import type { ServerDefinition } from "./definition.ts";
import { coreOf, shapeOf } from "./narrow.ts";
import type { AnyTool } from "./tool.ts";
import { uriMatcher } from "./uri-template.ts";

/** snake_case, short enough that every host can put its own prefix before it. */
export const toolName = /^[a-z][a-z0-9_]{0,47}$/;
/** Some hosts refuse longer names, or cut them. */
const LONGEST_NAME = 64;

/**
 * Refuses a definition that some client would choke on, or that says two things at once. The SDK only warns of bad names.
 * @throws ConfigError with every problem
 */
export function checkDefinition<Deps>(definition: ServerDefinition<Deps>, prefix = ""): void {
  const { tools, prompts = [], resources = [], toolsets = {}, aliases } = definition;
  const names = tools.map(({ name }) => name);
  const problems = [
    ...tools.flatMap((tool) => toolProblems(tool, prefix).map((problem) => `The tool "${tool.name}" ${problem}.`)),
    ...repeated(names).map((name) => `The tool "${name}" is defined twice.`),
    ...repeated(prompts.map(({ name }) => name)).map((name) => `The prompt "${name}" is defined twice.`),
    ...repeated(resources.map(({ uri }) => uri)).map((uri) => `The resource "${uri}" is defined twice.`),
    ...resources.flatMap(({ uri }) => templateProblems(uri)),
    ...prompts.filter(({ description }) => !description).map(({ name }) => `The prompt "${name}" has no description.`),
    ...tools
      .filter(({ toolset = "default" }) => toolset !== "default" && !Object.hasOwn(toolsets, toolset))
      .map(({ name, toolset }) => `The tool "${name}" is in the toolset "${toolset}", which is not defined.`),
    ...(Object.hasOwn(toolsets, "all") ? ['A toolset cannot be called "all", which stands for every one.'] : []),
    ...Object.entries({ ...aliases?.selection, ...aliases?.tools })
      .filter(([, current]) => !names.includes(current))
      .map(([old, current]) => `The alias "${old}" stands for the tool "${current}", which is not defined.`),
    // Where that tool is hidden, a call of it would run another.
    ...Object.keys(aliases?.tools ?? {})
      .filter((old) => names.includes(old))
      .map((old) => `The alias "${old}" is the name of a tool.`),
    ...Object.entries(aliases?.arguments ?? {}).flatMap(([name, renamed]) => renamedProblems(name, renamed, tools)),
  ];
  if (problems.length > 0) throw new ConfigError(problems);
}

function renamedProblems<Deps>(
  name: string,
  renamed: Readonly<Record<string, string>>,
  tools: readonly AnyTool<Deps>[],
): string[] {
  const tool = tools.find((each) => each.name === name);
  if (!tool) return [`There are aliases for arguments of the tool "${name}", which is not defined.`];
  const { shape } = tool.input;
  return Object.entries(renamed).flatMap(([old, current]) => [
    ...(Object.hasOwn(shape, current)
      ? []
      : [`The alias "${old}" stands for the argument "${current}", which the tool "${name}" does not have.`]),
    ...(Object.hasOwn(shape, old) ? [`The alias "${old}" is the name of an argument of the tool "${name}".`] : []),
  ]);
}

function templateProblems(uri: string): string[] {
  try {
    uriMatcher(uri);
    return [];
  } catch (error) {
    return [`The resource "${uri}" cannot be matched: ${(error as Error).message}.`];
  }
}

function toolProblems<Deps>(tool: AnyTool<Deps>, prefix: string): string[] {
  const { name, maxBytes = 0 } = tool;
  const names = [name, prefix + name];
  return [
    ...(toolName.test(name) ? [] : [`has a name that does not match ${toolName.source}`]),
    ...(names.some((each) => each.length > LONGEST_NAME)
      ? [`has more than ${LONGEST_NAME} characters with its prefix`]
      : []),
    ...((tool.output === undefined) === (tool.render === undefined) ? ["needs either `render` or `output`"] : []),
    ...accessProblems(tool),
    ...fixedProblems(tool),
    ...(maxBytes > 1_000_000 ? ["may return more than 1,000,000 bytes"] : []),
  ];
}

const ACCESSES: ReadonlySet<string> = new Set(["read", "write", "destructive"]);

/** Each value of the argument has an access, and each call a value: what is left open would be a way around the level. */
function accessProblems<Deps>({ access, input }: AnyTool<Deps>): string[] {
  const by = byArgument(access);
  if (!by)
    return ACCESSES.has(access as string) ? [] : [`has the access ${JSON.stringify(access)}, which there is not`];
  const { argument, values } = by;
  if (!Object.hasOwn(input.shape, argument)) return [`takes its access from "${argument}", which it does not have`];
  const schema = shapeOf(input)[argument] as z.ZodType;
  const core = coreOf(schema);
  const taken =
    core instanceof z.ZodBoolean ? ["false", "true"] : core instanceof z.ZodEnum ? core.options.map(String) : undefined;
  if (!taken) return [`takes its access from "${argument}", which is neither an enum nor a boolean`];
  const absent = schema.safeParse(undefined);
  return [
    ...taken.filter((value) => !values.has(value)).map((value) => `gives ${argument}=${value} no access`),
    ...[...values]
      .filter(([value, each]) => !taken.includes(value) || !ACCESSES.has(each))
      .map(([value, each]) => `gives ${argument}=${value} the access "${each}": no such value or access`),
    ...(absent.success && !values.has(String(absent.data))
      ? [`takes its access from "${argument}", which may be left out and has no default`]
      : []),
  ];
}

function fixedProblems<Deps>({ input, fixed = {} }: AnyTool<Deps>): string[] {
  return Object.entries(fixed)
    .filter(([name, value]) => !Object.hasOwn(input.shape, name) || !shapeOf(input)[name]?.safeParse(value).success)
    .map(([name, value]) => `has its argument "${name}" fixed to ${JSON.stringify(value)}, which it does not take`);
}

function repeated(names: readonly string[]): string[] {
  return [...new Set(names.filter((name, index) => names.indexOf(name) !== index))];
}
