import { isMembers, isSame, listOf, type Members, membersOf, shown } from "./json.ts";
import { type Change, change } from "./rules.ts";

/** The differences between the options of two surfaces, by their keys. */
export function compareOptions(before: Members, after: Members): Change[] {
  return [
    ...Object.keys(before).flatMap((key) => {
      const is = after[key];
      return isMembers(is)
        ? compareOption(key, membersOf(before, key), is)
        : [change("optionRemoved", `option ${key}`, "is gone")];
    }),
    ...Object.keys(after)
      .filter((key) => !Object.hasOwn(before, key))
      .map((key) =>
        membersOf(after, key)["required"] === true
          ? change("optionRequired", `option ${key}`, "is new and required")
          : change("optionAdded", `option ${key}`, "is new"),
      ),
  ];
}

function compareOption(key: string, before: Members, after: Members): Change[] {
  const where = `option ${key}`;
  return [
    ...compareNames(where, before, after),
    ...(["kind", "credential"] as const)
      .filter((member) => !isSame(before[member], after[member]))
      .map((member) =>
        change("optionKind", where, `its ${member} ${said(before[member])} is now ${said(after[member])}`),
      ),
    ...compareValues(where, before["values"], after["values"]),
    ...(before["required"] === true && after["required"] !== true
      ? [change("optionOptional", where, "is now optional")]
      : []),
    ...(before["required"] !== true && after["required"] === true
      ? [change("optionRequired", where, "is now required")]
      : []),
    ...(isSame(before["default"], after["default"])
      ? []
      : [
          change(
            key === "access" ? "accessDefault" : "optionDefault",
            where,
            `its default ${said(before["default"])} is now ${said(after["default"])}`,
          ),
        ]),
  ];
}

function compareNames(where: string, before: Members, after: Members): Change[] {
  const [flag, newFlag] = [textOf(before, "flag"), textOf(after, "flag")];
  const [variable, newVariable] = [textOf(before, "variable"), textOf(after, "variable")];
  const [positional, nowPositional] = [before["positional"] === true, after["positional"] === true];
  const renamed = (what: string) => change("optionRenamed", where, what);
  return [
    ...(flag !== undefined && flag !== newFlag
      ? [renamed(`--${flag} is ${newFlag === undefined ? "gone" : `now --${newFlag}`}`)]
      : []),
    ...(positional && !nowPositional ? [renamed("is not taken without a flag any more")] : []),
    ...(flag === undefined && !positional && (newFlag !== undefined || nowPositional)
      ? [change("optionFlagAdded", where, "can stand on the command line")]
      : []),
    ...(variable === newVariable ? [] : [renamed(`${variable ?? "(none)"} is now ${newVariable ?? "(none)"}`)]),
  ];
}

function textOf(members: Members, key: string): string | undefined {
  const value = members[key];
  return typeof value === "string" ? value : undefined;
}

function compareValues(where: string, before: unknown, after: unknown): Change[] {
  if (isSame(before, after)) return [];
  if (before === undefined) return [change("optionValueRemoved", where, `only takes ${shown(after)} now`)];
  if (after === undefined) return [change("optionValueAdded", where, "takes any text now")];
  const [old, now] = [listOf(before), listOf(after)];
  return [
    ...old
      .filter((value) => !now.includes(value))
      .map((value) => change("optionValueRemoved", where, `the value ${shown(value)} is gone`)),
    ...now
      .filter((value) => !old.includes(value))
      .map((value) => change("optionValueAdded", where, `the value ${shown(value)} is new`)),
  ];
}

function said(value: unknown): string {
  return value === undefined ? "(none)" : shown(value);
}
