import { compareAccess } from "./compare-access.ts";
import { compareOptions } from "./compare-options.ts";
import { isMembers, isSame, listOf, type Members, membersOf, shown } from "./json.ts";
import { type Change, change, type RuleName } from "./rules.ts";
import { aliasesOf, argumentAliasesOf, successorOf, type Surface } from "./surface.ts";

/** The differences between what two surfaces promise besides their tools' definitions; none where the older has no such file. */
export function compareServers(before: Surface, after: Surface): Change[] {
  const [old, now] = [before.server, after.server];
  if (!old || !now) return [];
  return [
    ...(old["name"] === now["name"]
      ? []
      : [change("serverRenamed", "server", `is now called ${shown(now["name"])}, and so are its variables`)]),
    ...compareOptions(membersOf(old, "options"), membersOf(now, "options")),
    ...compareAliases(before, after),
    ...compareRequirements(before, after),
    ...compareResources(membersOf(old, "resources"), membersOf(now, "resources")),
    ...comparePrompts(membersOf(old, "prompts"), membersOf(now, "prompts")),
    ...compareToolsets(membersOf(old, "toolsets"), membersOf(now, "toolsets")),
  ];
}

function compareAliases(before: Surface, after: Surface): Change[] {
  const changes: Change[] = [];
  const isTool = (name: string) => after.tools.has(name);
  for (const kind of ["tools", "selection"] as const) {
    const [old, now] = [aliasesOf(before.server, kind), aliasesOf(after.server, kind)];
    // A selection may also be served by an alias of a tool.
    const there = { ...now, ...aliasesOf(after.server, "tools") };
    for (const [name, target] of Object.entries(old)) {
      const expected = successorOf(target, after);
      // The tool itself is gone, and said to be.
      if (expected === undefined) continue;
      if (Object.hasOwn(there, name) ? there[name] !== expected : !(isTool(name) && name === expected))
        changes.push(change("aliasDropped", `alias "${name}"`, `no longer stands for ${target}`));
    }
    for (const name of Object.keys(now))
      // A renamed tool is said to be renamed.
      if (!Object.hasOwn(old, name) && !before.tools.has(name))
        changes.push(change("aliasAdded", `alias "${name}"`, "is new"));
  }
  for (const tool of before.tools.keys()) {
    const current = successorOf(tool, after);
    if (current === undefined) continue;
    const now = argumentAliasesOf(after.server, current);
    const there = membersOf(membersOf(after.tools.get(current), "inputSchema"), "properties");
    for (const [name, target] of Object.entries(argumentAliasesOf(before.server, tool))) {
      const expected = Object.hasOwn(there, target) ? target : now[target];
      if (expected !== undefined && (Object.hasOwn(now, name) ? now[name] !== expected : name !== expected))
        changes.push(
          change("aliasDropped", `${tool}, alias "${name}"`, `no longer stands for the argument "${target}"`),
        );
    }
  }
  return changes;
}

function compareRequirements(before: Surface, after: Surface): Change[] {
  return Object.entries(membersOf(before.server, "tools")).flatMap(([tool, was]) => {
    const current = successorOf(tool, after);
    const is = current === undefined ? undefined : membersOf(after.server, "tools")[current];
    if (current === undefined || !isMembers(was) || !isMembers(is)) return [];
    const [oldScopes, nowScopes] = [listOf(was["scopes"]), listOf(is["scopes"])];
    return [
      ...compareAccess(current, was["access"], is["access"], {
        before: before.tools.get(tool),
        after: after.tools.get(current),
      }),
      ...(was["toolset"] === is["toolset"]
        ? []
        : [
            change(
              "toolsetLeft",
              current,
              `moved from the toolset ${shown(was["toolset"])} to ${shown(is["toolset"])}`,
            ),
          ]),
      ...nowScopes
        .filter((scope) => !oldScopes.includes(scope))
        .map((scope) => change("scopeNeeded", current, `needs the scope ${shown(scope)}`)),
      ...oldScopes
        .filter((scope) => !nowScopes.includes(scope))
        .map((scope) => change("scopeDropped", current, `does not need the scope ${shown(scope)} any more`)),
    ];
  });
}

function compareResources(before: Members, after: Members): Change[] {
  return eachOf(
    before,
    after,
    (uri) => `resource ${uri}`,
    "resourceRemoved",
    "resourceAdded",
    (where, was, is) => [
      ...["name", "mimeType"]
        .filter((key) => !isSame(was[key], is[key]))
        .map((key) => change("resourceName", where, `its ${key} ${shown(was[key])} is now ${shown(is[key])}`)),
      ...(was["subscribe"] === true && is["subscribe"] !== true
        ? [change("resourceUnfollowed", where, "cannot be subscribed to any more")]
        : []),
      ...(was["subscribe"] !== true && is["subscribe"] === true
        ? [change("resourceFollowed", where, "can be subscribed to")]
        : []),
      ...textChanges("resourceText", where, was, is),
    ],
  );
}

function comparePrompts(before: Members, after: Members): Change[] {
  return eachOf(
    before,
    after,
    (name) => `prompt ${name}`,
    "promptRemoved",
    "promptAdded",
    (where, was, is) => {
      const [old, now] = [membersOf(was, "arguments"), membersOf(is, "arguments")];
      const place = (name: string) => `${where}, argument "${name}"`;
      return [
        ...textChanges("promptText", where, was, is),
        ...Object.keys(old).flatMap((name) => {
          const [wasArgument, isArgument] = [membersOf(old, name), now[name]];
          if (!isMembers(isArgument)) return [change("promptArgumentRemoved", place(name), "is gone")];
          const [required, nowRequired] = [wasArgument["required"] === true, isArgument["required"] === true];
          return [
            ...(required && !nowRequired ? [change("promptArgumentOptional", place(name), "is now optional")] : []),
            ...(!required && nowRequired ? [change("promptArgumentRequired", place(name), "is now required")] : []),
            ...textChanges("promptText", place(name), wasArgument, isArgument),
          ];
        }),
        ...Object.keys(now)
          .filter((name) => !Object.hasOwn(old, name))
          .map((name) =>
            membersOf(now, name)["required"] === true
              ? change("promptArgumentRequired", place(name), "is new and required")
              : change("promptArgumentAdded", place(name), "is new"),
          ),
      ];
    },
  );
}

function compareToolsets(before: Members, after: Members): Change[] {
  return eachOf(
    before,
    after,
    (name) => `toolset ${name}`,
    "toolsetRemoved",
    "toolsetAdded",
    (where, was, is) => [
      ...(was["default"] === true && is["default"] !== true
        ? [change("toolsetOff", where, "is no longer on by default")]
        : []),
      ...(was["default"] !== true && is["default"] === true ? [change("toolsetOn", where, "is on by default")] : []),
      ...textChanges("toolsetText", where, was, is),
    ],
  );
}

function textChanges(rule: RuleName, where: string, before: Members, after: Members): Change[] {
  return ["title", "description"]
    .filter((key) => !isSame(before[key], after[key]))
    .map((key) => change(rule, where, `its ${key} changed`));
}

/** What is gone, what is new, and what changed of what is in both. */
function eachOf(
  before: Members,
  after: Members,
  where: (key: string) => string,
  removed: RuleName,
  added: RuleName,
  compare: (where: string, before: Members, after: Members) => Change[],
): Change[] {
  return [
    ...Object.keys(before).flatMap((key) =>
      Object.hasOwn(after, key)
        ? compare(where(key), membersOf(before, key), membersOf(after, key))
        : [change(removed, where(key), "is gone")],
    ),
    ...Object.keys(after)
      .filter((key) => !Object.hasOwn(before, key))
      .map((key) => change(added, where(key), "is new")),
  ];
}
