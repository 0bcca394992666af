import { type Option, type Options, flagOf, kindOf, variableOf } from "./options.ts";
import { exitCodes } from "./exit-codes.ts";
import type { ServerDefinition } from "./definition.ts";
import { type Answers, informationOf } from "./information.ts";

/** The text of `--help`; everything in it derives from the declared options. */
export function helpText<Deps>(
  definition: ServerDefinition<Deps>,
  own: Options,
  common: Options,
  commands: Readonly<Record<string, string>>,
  answers: Answers = {},
): string {
  const bin = `mooring-${definition.name}`;
  const positional = Object.entries(own).find(([, option]) => option.positional);
  const usage = [`Usage: ${bin} [options]${positional ? ` ${positional[1].valueName ?? positional[0]}...` : ""}`];
  for (const command of Object.keys(commands)) usage.push(`       ${bin} ${command}`);
  return [
    `${definition.title} ${definition.version}: an MCP server. Serves stdio unless --http is given.`,
    "",
    ...usage,
    "",
    ...(positional ? [`${positional[1].valueName ?? positional[0]}  ${positional[1].description}`, ""] : []),
    ...(Object.keys(commands).length > 0 ? ["Commands:", ...rows(Object.entries(commands)), ""] : []),
    ...section("Options:", definition.name, own),
    ...section("Options of every server:", definition.name, common),
    `Each option has a variable too: ${variableOf(definition.name, "access", {} as Option)} for --access, and so on. Lists are`,
    "separated by commas. TIME is 500ms, 60s or 5m; a bare number is seconds.",
    "",
    "Information:",
    ...rows(informationOf(answers).map(([flag, text]) => [`--${flag}`, text])),
    "",
    `Exit status: ${exitCodes.done} done, ${exitCodes.failed} failed, ${exitCodes.usage} usage or configuration, ${exitCodes.check} --check found a problem.`,
    "",
  ].join("\n");
}

function section(title: string, server: string, options: Options): string[] {
  const listed = Object.entries(options).filter(([, option]) => !option.positional);
  if (listed.length === 0) return [];
  return [
    title,
    ...rows(listed.map(([key, option]) => [left(key, option), `${option.description}${tail(server, key, option)}`])),
    "",
  ];
}

function left(key: string, option: Option): string {
  const flag = flagOf(key, option);
  if (!flag) return option.env ?? key;
  return kindOf(option.schema) === "boolean" ? `--${flag}` : `--${flag} ${option.valueName ?? valueOf(option)}`;
}

function valueOf({ schema }: Option): string {
  const values = enumValues(schema);
  return values ? values.join("|") : kindOf(schema) === "number" ? "N" : "VALUE";
}

function enumValues(schema: unknown): readonly string[] | undefined {
  const { def, options } = schema as { def?: { innerType?: unknown }; options?: readonly string[] };
  return options ?? (def?.innerType ? enumValues(def.innerType) : undefined);
}

// The variable is named only where it does not follow from the flag.
function tail(server: string, key: string, option: Option): string {
  const fallback = option.schema.safeParse(undefined);
  const given =
    fallback.success && fallback.data !== undefined && fallback.data !== false ? fallbackText(option) : undefined;
  const variable = variableOf(server, key, option);
  const parts = [
    given && `Default: ${given}.`,
    option.credential ? "Also _FILE and _COMMAND." : option.env && flagOf(key, option) && `Variable: ${variable}.`,
  ].filter(Boolean);
  return parts.length > 0 ? ` ${parts.join(" ")}` : "";
}

/** A default as a person would write it; `undefined` when there is none. */
export function fallbackText({ schema }: Pick<Option, "schema">): string | undefined {
  const value = defaultOf(schema);
  if (value === undefined || value === false) return undefined;
  if (Array.isArray(value)) return value.length > 0 ? value.join(",") : undefined;
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** The default before it is transformed: `60s`, not 60000. */
export function defaultOf(schema: unknown): unknown {
  const { def } = schema as { def?: { defaultValue?: unknown; innerType?: unknown; in?: unknown } };
  if (def?.defaultValue !== undefined) return def.defaultValue;
  const inner = def?.innerType ?? def?.in;
  return inner === undefined ? undefined : defaultOf(inner);
}

function rows(entries: readonly (readonly [string, string])[]): string[] {
  const width = Math.min(34, Math.max(...entries.map(([name]) => name.length)));
  return entries.flatMap(([name, text]) => {
    const [first = "", ...rest] = wrap(text, 100 - width);
    const indent = " ".repeat(width + 4);
    return name.length > width
      ? [`  ${name}`, `${indent}${first}`, ...rest.map((line) => indent + line)]
      : [`  ${name.padEnd(width)}  ${first}`, ...rest.map((line) => indent + line)];
  });
}

function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(" ")) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= width) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}
