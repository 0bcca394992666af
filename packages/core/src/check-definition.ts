import { byArgument } from "./access.ts";
import { ConfigError } from "./config-error.ts";
import type { ServerDefinition } from "./definition.ts";
import type { AnyTool } from "./tool.ts";

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
    ...prompts.filter(({ description }) => !description).map(({ name }) => `The prompt "${name}" has no description.`),
    ...tools
      .filter(({ toolset = "default" }) => toolset !== "default" && !Object.hasOwn(toolsets, toolset))
      .map(({ name, toolset }) => `The tool "${name}" is in the toolset "${toolset}", which is not defined.`),
    ...Object.entries(aliases?.tools ?? {})
      .filter(([, current]) => !names.includes(current))
      .map(([old, current]) => `The alias "${old}" stands for the tool "${current}", which is not defined.`),
  ];
  if (problems.length > 0) throw new ConfigError(problems);
}

function toolProblems<Deps>(tool: AnyTool<Deps>, prefix: string): string[] {
  const { name, access, input, maxBytes = 0 } = tool;
  const by = byArgument(access);
  const names = [name, prefix + name];
  return [
    ...(toolName.test(name) ? [] : [`has a name that does not match ${toolName.source}`]),
    ...(names.some((each) => each.length > LONGEST_NAME)
      ? [`has more than ${LONGEST_NAME} characters with its prefix`]
      : []),
    ...((tool.output === undefined) === (tool.render === undefined) ? ["needs either `render` or `output`"] : []),
    ...(by && !Object.hasOwn(input.shape, by.argument)
      ? [`takes its access from "${by.argument}", which it does not have`]
      : []),
    ...(maxBytes > 1_000_000 ? ["may return more than 1,000,000 bytes"] : []),
  ];
}

function repeated(names: readonly string[]): string[] {
  return [...new Set(names.filter((name, index) => names.indexOf(name) !== index))];
}
