import { accesses, admits, byArgument, type AccessLevel, levelFor } from "./access.ts";
import type { ServerDefinition } from "./definition.ts";
import { fenceInstruction } from "./fence.ts";
import type { RuntimeOptions } from "./runtime.ts";
import type { AnyTool } from "./tool.ts";

/** What every session is told: the server's own words, the boundary of foreign text, and in one line what is switched off. */
export function instructionsFor<Deps>(
  definition: ServerDefinition<Deps>,
  selected: readonly AnyTool<Deps>[],
  options: RuntimeOptions,
): string {
  return [
    definition.instructions,
    definition.fenced ? fenceInstruction : undefined,
    switchedOff(definition, selected, options),
  ]
    .filter((line) => line !== undefined && line !== "")
    .join("\n");
}

/** So that a model can tell its person what to change; `undefined` when everything is on. */
function switchedOff<Deps>(
  { tools }: ServerDefinition<Deps>,
  selected: readonly AnyTool<Deps>[],
  { access = "read" }: RuntimeOptions,
): string | undefined {
  const byLevel = new Map<AccessLevel, string[]>();
  const note = (level: AccessLevel, what: string) => byLevel.set(level, [...(byLevel.get(level) ?? []), what]);
  const unselected: string[] = [];
  for (const tool of tools) {
    const admitted = accesses(tool.access).filter((a) => admits(access, a));
    if (admitted.length === 0) note(lowest(accesses(tool.access).map((a) => levelFor[a])), tool.name);
    else if (!selected.includes(tool)) unselected.push(tool.name);
    const by = byArgument(tool.access);
    if (by && admitted.length > 0)
      for (const [value, a] of by.values)
        if (!admits(access, a)) note(levelFor[a], `${tool.name} with ${by.argument}=${value}`);
  }
  const parts = [...byLevel].map(([level, names]) => `${names.join(", ")} (--access ${level})`);
  if (unselected.length > 0) parts.push(`${unselected.join(", ")} (--toolsets, --tools or --exclude)`);
  return parts.length > 0 ? `Switched off by the operator: ${parts.join("; ")}.` : undefined;
}

function lowest(levels: readonly AccessLevel[]): AccessLevel {
  return levels.includes("read") ? "read" : levels.includes("write") ? "write" : "full";
}
