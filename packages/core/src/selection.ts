import { type AccessLevel, offers } from "./access.ts";
import { ConfigError } from "./config-error.ts";
import type { ServerDefinition } from "./definition.ts";
import { nearest } from "./nearest.ts";
import type { AnyTool } from "./tool.ts";

export interface Selection {
  readonly access: AccessLevel;
  /** `default`, `all`, or names. `undefined`: not said. */
  readonly toolsets?: readonly string[] | undefined;
  readonly tools?: readonly string[] | undefined;
  readonly exclude?: readonly string[] | undefined;
  /** Tools that the credential cannot serve. */
  readonly hidden?: ReadonlyMap<string, string> | undefined;
}

/**
 * The tools that an operator's choice leaves: level first, then sets, names, exclusions. Nothing widens the level.
 * @throws ConfigError for a set, name or glob that fits no tool of the server
 */
export function selectTools<Deps>(definition: ServerDefinition<Deps>, selection: Selection): readonly AnyTool<Deps>[] {
  const { tools } = definition;
  const problems: string[] = [];
  const known = setsOf(definition);
  for (const set of selection.toolsets ?? [])
    if (set !== "all" && !known.has(set))
      problems.push(`Unknown toolset "${set}". There are: all, ${[...known].join(", ")}.`);
  const chosen = chosenSets(definition, selection);
  const names = new Set(tools.filter(({ toolset = "default" }) => chosen.has(toolset)).map(({ name }) => name));
  for (const pattern of selection.tools ?? [])
    for (const name of matching(pattern, definition, problems)) names.add(name);
  for (const pattern of selection.exclude ?? [])
    for (const name of matching(pattern, definition, problems)) names.delete(name);
  if (problems.length > 0) throw new ConfigError(problems);
  return tools.filter(
    (tool) => names.has(tool.name) && offers(selection.access, tool) && !selection.hidden?.has(tool.name),
  );
}

/** The sets whose tools are on: those that are said, else the default ones, unless tools are named one by one. */
export function chosenSets<Deps>(
  definition: ServerDefinition<Deps>,
  { toolsets, tools }: Pick<Selection, "toolsets" | "tools">,
): ReadonlySet<string> {
  const said = toolsets ?? (tools?.length ? [] : ["default"]);
  if (said.includes("all")) return setsOf(definition);
  const standard = Object.entries(definition.toolsets ?? {}).filter(([, set]) => set.default);
  return new Set(said.flatMap((set) => (set === "default" ? [set, ...standard.map(([name]) => name)] : [set])));
}

function setsOf<Deps>({ toolsets = {} }: ServerDefinition<Deps>): ReadonlySet<string> {
  return new Set(["default", ...Object.keys(toolsets)]);
}

function matching<Deps>(pattern: string, { tools, aliases }: ServerDefinition<Deps>, problems: string[]): string[] {
  const names = tools.map((tool) => tool.name);
  const renamed = { ...aliases?.selection, ...aliases?.tools };
  if (!names.includes(pattern) && Object.hasOwn(renamed, pattern)) return [renamed[pattern] as string];
  const glob = new RegExp(
    `^${pattern
      .replace(/[.+^${}()|[\]\\]/g, "\\$&")
      .replaceAll("*", ".*")
      .replaceAll("?", ".")}$`,
  );
  const found = names.filter((name) => glob.test(name));
  if (found.length === 0) {
    const near = nearest(pattern, names);
    problems.push(
      `No tool fits "${pattern}".${near ? ` Did you mean "${near}"?` : ` There are: ${names.join(", ")}.`}`,
    );
  }
  return found;
}
