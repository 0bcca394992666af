import { accesses, admits, byArgument, type AccessLevel, levelOf, offers } from "./access.ts";
import type { ServerDefinition } from "./definition.ts";
import { fenceInstruction } from "./fence.ts";
import type { RuntimeOptions } from "./runtime.ts";
import { chosenSets } from "./selection.ts";
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
    outOfReach(options),
  ]
    .filter((line) => line !== undefined && line !== "")
    .join("\n");
}

/** So that a model can tell its person what to change; `undefined` when everything is on. */
function switchedOff<Deps>(
  definition: ServerDefinition<Deps>,
  selected: readonly AnyTool<Deps>[],
  { access = "read", toolsets, tools, hidden }: RuntimeOptions,
): string | undefined {
  const chosen = chosenSets(definition, { toolsets, tools });
  const byReason = new Map<string, Set<string>>();
  const note = (what: string, reason: string) => byReason.set(reason, (byReason.get(reason) ?? new Set()).add(what));
  for (const tool of definition.tools) {
    const { name, toolset = "default" } = tool;
    const isSelected = selected.includes(tool);
    const isOffered = offers(access, tool);
    // Sets are named, not their tools: some servers have many.
    if (!isSelected && !chosen.has(toolset)) note(toolset === "default" ? name : `toolset ${toolset}`, "--toolsets");
    else if (!isOffered) note(name, `--access ${lowest(accesses(tool.access).map((each) => levelOf(each, tool)))}`);
    else if (hidden?.has(name)) continue;
    else if (!isSelected) note(name, "--exclude");
    else
      for (const [value, each] of byArgument(tool.access)?.values ?? [])
        if (!admits(access, each))
          note(`${name} with ${byArgument(tool.access)?.argument}=${value}`, `--access ${levelOf(each, tool)}`);
  }
  const parts = [...byReason].map(([reason, names]) => `${[...names].join(", ")} (${reason})`);
  return parts.length > 0 ? `Switched off by the operator: ${parts.join("; ")}.` : undefined;
}

function outOfReach({ hidden }: RuntimeOptions): string | undefined {
  if (!hidden?.size) return undefined;
  return `Not offered, since the credential does not reach: ${[...hidden].map(([name, why]) => `${name} (${why})`).join(", ")}.`;
}

function lowest(levels: readonly AccessLevel[]): AccessLevel {
  return levels.includes("read") ? "read" : levels.includes("write") ? "write" : "full";
}
