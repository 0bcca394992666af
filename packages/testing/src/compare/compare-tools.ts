import { compareSchemas } from "./compare-schemas.ts";
import { isMembers, isSame, type Members, membersOf, shown } from "./json.ts";
import { type Change, change } from "./rules.ts";
import { argumentAliasesOf, successorOf, type Surface } from "./surface.ts";

/** What a hint says where it is absent: the protocol assumes the worst. */
const HINTS = {
  readOnlyHint: { absent: false, dangerous: false },
  destructiveHint: { absent: true, dangerous: true },
  idempotentHint: { absent: false, dangerous: false },
  openWorldHint: { absent: true, dangerous: true },
} as const;

const COMPARED = ["name", "title", "description", "inputSchema", "outputSchema", "annotations"];

/** The differences between what two surfaces list as tools. */
export function compareTools(before: Surface, after: Surface): Change[] {
  const successors = new Map([...before.tools.keys()].map((name) => [name, successorOf(name, after)]));
  const kept = new Set(successors.values());
  return [
    ...[...successors].flatMap(([name, current]) => {
      const [was, is] = [before.tools.get(name), current === undefined ? undefined : after.tools.get(current)];
      if (current === undefined || !was || !is) return [change("toolRemoved", name, "is gone and has no alias")];
      return [
        ...(current === name ? [] : [change("toolRenamed", name, `is now called ${current}, with an alias`)]),
        ...compareTool(current, was, is, argumentAliasesOf(after.server, current)),
      ];
    }),
    ...[...after.tools.keys()].filter((name) => !kept.has(name)).map((name) => change("toolAdded", name, "is new")),
  ];
}

/** The differences between two definitions of one tool. */
export function compareTool(
  name: string,
  before: Members,
  after: Members,
  renamed: Readonly<Record<string, string>>,
): Change[] {
  return [
    ...["title", "description"]
      .filter((key) => !isSame(before[key], after[key]))
      .map((key) => change("toolText", name, `its ${key} changed`)),
    ...compareSchemas(membersOf(before, "inputSchema"), membersOf(after, "inputSchema"), name, "input", renamed),
    ...compareOutputs(name, before["outputSchema"], after["outputSchema"]),
    ...compareAnnotations(name, before["annotations"], after["annotations"]),
    ...[...new Set([...Object.keys(before), ...Object.keys(after)])]
      .filter((key) => !COMPARED.includes(key) && !isSame(before[key], after[key]))
      .map((key) => change("listedOtherwise", name, `its ${key} changed`)),
  ];
}

function compareOutputs(name: string, before: unknown, after: unknown): Change[] {
  if (isMembers(before) && isMembers(after)) return compareSchemas(before, after, name, "output");
  if (isMembers(before)) return [change("schemaRemoved", name, "has no output schema any more")];
  return isMembers(after) ? [change("schemaAdded", name, "has an output schema now")] : [];
}

function compareAnnotations(name: string, before: unknown, after: unknown): Change[] {
  return Object.entries(HINTS).flatMap(([hint, { absent, dangerous }]) => {
    const of = (annotations: unknown) => (isMembers(annotations) ? annotations[hint] : undefined) ?? absent;
    const [was, is] = [of(before), of(after)];
    if (was === is) return [];
    return [change(is === dangerous ? "moreDangerous" : "lessDangerous", name, `${hint} is now ${shown(is)}`)];
  });
}
