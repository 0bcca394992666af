import { type AccessLevel, accessLevels, byArgument, levelOf } from "./access.ts";
import type { ServerDefinition } from "./definition.ts";
import { exitCodes } from "./exit-codes.ts";
import { fallbackText } from "./help.ts";
import { type Answers, informationOf } from "./information.ts";
import { flagOf, kindOf, type Option, type Options, valuesOf, variableOf } from "./options.ts";
import { selectTools } from "./selection.ts";
import type { Access, AnyTool } from "./tool.ts";
import { wireTool } from "./wire.ts";

/** A Markdown table of a server's tools: name, the access level that admits it, first sentence, scopes where any tool has them. */
export function toolTable<Deps>({ tools }: ServerDefinition<Deps>): string {
  const scoped = tools.some((tool) => tool.scopes?.length);
  return table(
    ["Tool", "Access", "What it does", ...(scoped ? ["Scopes"] : [])],
    tools.map((tool) => [
      code(tool.name),
      accessText(tool),
      firstSentence(tool.description),
      ...(scoped ? [(tool.scopes ?? []).map(code).join(", ")] : []),
    ]),
  );
}

/** A Markdown table of a server's resources and prompts: URI template or name, what it is. Empty text when it has neither. */
export function resourceTable<Deps>({ resources = [], prompts = [] }: ServerDefinition<Deps>): string {
  const rows = [
    ...resources.map(({ uri, description, watch }) => [
      code(uri),
      watch ? "resource, with subscriptions" : "resource",
      description,
    ]),
    ...prompts.map(({ name, description }) => [code(name), "prompt", description]),
  ];
  return rows.length === 0 ? "" : table(["", "Kind", "What it is"], rows);
}

/** A Markdown table of options: flag or positional, variable, default, description. `server` is the name in the variables. */
export function optionTable(server: string, options: Options): string {
  return table(
    ["Option", "Variable", "Default", "What it does"],
    Object.entries(options).map(([key, option]) => [
      written(key, option),
      code(variableOf(server, key, option)),
      defaultText(option),
      option.description,
    ]),
  );
}

/** A Markdown table of the flags that answer and end: every server's, and `answers` of `RunOptions`. */
export function informationTable(answers: Answers = {}): string {
  return table(
    ["Flag", "What it does"],
    informationOf(answers).map(([flag, text]) => [code(`--${flag}`), text]),
  );
}

const exitMeanings: Readonly<Record<keyof typeof exitCodes, string>> = {
  done: "Done: the host went away, or the question was answered.",
  failed: "Failed while running; the reason is on stderr.",
  usage: "The command line, a variable or the configuration file is wrong; every problem is on stderr, one a line.",
  check: "`--check` found a problem.",
};

/** A Markdown table of exit statuses. */
export function exitCodeTable(): string {
  return table(
    ["Status", "Meaning"],
    Object.entries(exitCodes).map(([name, status]) => [String(status), exitMeanings[name as keyof typeof exitCodes]]),
  );
}

/** What `tools/list` costs at one access level with the default toolsets. */
export interface Budget {
  readonly access: AccessLevel;
  readonly tools: number;
  /** Sum over the tools of their minified name, description and input schema: what a host puts before the model. */
  readonly tokens: number;
  /** Length of `{"tools":[…]}` in UTF-8. */
  readonly bytes: number;
}

/** Measures {@link Budget} at every access level; `countTokens` is the tokenizer (o200k_base where ours are stated). */
export function budgets<Deps>(definition: ServerDefinition<Deps>, countTokens: (text: string) => number): Budget[] {
  return accessLevels.map((access) => {
    const tools = selectTools(definition, { access }).map((tool) => wireTool(tool, access));
    const tokens = tools.reduce(
      (sum, { name, description, inputSchema }) =>
        sum + countTokens(JSON.stringify({ name, description, inputSchema })),
      0,
    );
    return { access, tools: tools.length, tokens, bytes: Buffer.byteLength(JSON.stringify({ tools })) };
  });
}

/** {@link budgets} as a Markdown table. */
export function budgetTable<Deps>(definition: ServerDefinition<Deps>, countTokens: (text: string) => number): string {
  return table(
    ["`--access`", "Tools", "Tokens", "Bytes of `tools/list`"],
    budgets(definition, countTokens).map(({ access, tools, tokens, bytes }) => [
      code(access),
      String(tools),
      tokens.toLocaleString("en-US"),
      bytes.toLocaleString("en-US"),
    ]),
  );
}

/**
 * Replaces what stands between `<!-- begin:NAME -->` and `<!-- end:NAME -->`, every time the pair occurs.
 * @throws Error when there is no such pair
 */
export function replaceSection(text: string, name: string, body: string): string {
  const section = new RegExp(`(<!-- begin:${name} -->)[\\s\\S]*?(<!-- end:${name} -->)`, "g");
  if (!section.test(text)) throw new Error(`There is no section "${name}".`);
  return text.replace(section, (_, begin: string, end: string) => `${begin}\n${body}\n${end}`);
}

/** A Markdown table; cells may hold Markdown, bars and line breaks in them are made safe. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map(cell).join(" | ")} |`;
  return [line(head), `|${head.map(() => "---").join("|")}|`, ...rows.map(line)].join("\n");
}

function cell(text: string): string {
  return text.replaceAll("|", "\\|").replace(/\s*\n\s*/g, " ");
}

function code(text: string): string {
  return `\`${text}\``;
}

// What a small letter follows is no end: "? may be null".
function firstSentence(text: string): string {
  return /^.*?[.!?](?=\s+\P{Ll}|$)/su.exec(text)?.[0] ?? text;
}

// "`write`, `full` for `mode: overwrite`": the lowest level, then what needs more.
function accessText<Deps>(tool: AnyTool<Deps>): string {
  const by = byArgument(tool.access);
  if (!by) return code(levelOf(tool.access as Access, tool));
  const values = [...by.values].map(([value, access]) => ({ value, level: levelOf(access, tool) }));
  const levels = accessLevels.filter((level) => values.some((value) => value.level === level));
  return levels
    .map((level, index) => {
      if (index === 0) return code(level);
      const needing = values.filter((value) => value.level === level).map(({ value }) => value);
      return `${code(level)} for ${code(`${by.argument}: ${needing.join(", ")}`)}`;
    })
    .join(", ");
}

function written(key: string, option: Option): string {
  const flag = flagOf(key, option);
  if (option.positional) return code(`${option.valueName ?? key}…`);
  if (!flag) return "no flag";
  const value =
    kindOf(option.schema) === "boolean" ? "" : ` ${valuesOf(option.schema)?.join("|") ?? option.valueName ?? "VALUE"}`;
  return code(`--${flag}${value}`);
}

function defaultText(option: Option): string {
  const { schema, credential } = option;
  const standard = fallbackText(option);
  if (standard !== undefined) return code(standard);
  if (kindOf(schema) === "boolean") return "off";
  return credential || schema.safeParse(undefined).success ? "" : "required";
}
