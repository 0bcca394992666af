import { type AccessLevel, highest } from "./access.ts";
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
}

/**
 * The tools that an operator's choice leaves: level first, then sets, names, exclusions. Nothing widens the level.
 * @throws ConfigError for a set, name or glob that fits no tool of the server
 */
export function selectTools<Deps>(definition: ServerDefinition<Deps>, selection: Selection): readonly AnyTool<Deps>[] {
  const { tools } = definition;
  const problems: string[] = [];
  const sets = { default: { description: "", default: true }, ...definition.toolsets };
  const wanted = selection.toolsets ?? (selection.tools?.length ? [] : ["default"]);
  const names = new Set<string>();
  for (const set of wanted) {
    if (set !== "all" && !Object.hasOwn(sets, set)) {
      problems.push(`Unknown toolset "${set}". There are: all, ${Object.keys(sets).join(", ")}.`);
      continue;
    }
    for (const tool of tools) {
      const own = tool.toolset ?? "default";
      if (set === "all" || own === set || (set === "default" && sets[own as keyof typeof sets]?.default))
        names.add(tool.name);
    }
  }
  for (const pattern of selection.tools ?? []) for (const name of matching(pattern, tools, problems)) names.add(name);
  for (const pattern of selection.exclude ?? [])
    for (const name of matching(pattern, tools, problems)) names.delete(name);
  if (problems.length > 0) throw new ConfigError(problems);
  return tools.filter((tool) => names.has(tool.name) && highest(tool.access, selection.access) !== undefined);
}

function matching<Deps>(pattern: string, tools: readonly AnyTool<Deps>[], problems: string[]): string[] {
  const names = tools.map((tool) => tool.name);
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
