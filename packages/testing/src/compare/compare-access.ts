import { isMembers, listOf, type Members, membersOf } from "./json.ts";
import { type Change, change } from "./rules.ts";

const LEVELS = ["read", "write", "full"];

/** The two definitions of the tool, as `tools/list` has them. */
interface Definitions {
  readonly before: Members | undefined;
  readonly after: Members | undefined;
}

/**
 * Whether calls that were allowed at a level now need a higher one, or a lower one suffices. An access is a level, or
 * `{ by, values }`: a level for each value of an argument. Values that are new or gone break nobody by their level.
 */
export function compareAccess(tool: string, before: unknown, after: unknown, definitions: Definitions): Change[] {
  const calls = callsOf(before, after, definitions);
  return calls.flatMap(({ value, was, is }) => {
    const [old, now] = [LEVELS.indexOf(was), LEVELS.indexOf(is)];
    if (old === now) return [];
    const where = value === undefined ? tool : `${tool}, ${value}`;
    return now > old
      ? [change("accessRaised", where, `needs --access ${is} now, ${was} before`)]
      : [change("accessLowered", where, `needs --access ${is} now, ${was} before`)];
  });
}

interface Call {
  /** `mode=overwrite`; `undefined` for every call. */
  readonly value: string | undefined;
  readonly was: string;
  readonly is: string;
}

function callsOf(before: unknown, after: unknown, definitions: Definitions): Call[] {
  if (!isMembers(before) && !isMembers(after)) return [{ value: undefined, was: String(before), is: String(after) }];
  const by = String((isMembers(after) ? after : isMembers(before) ? before : {})["by"]);
  const [old, now] = [valuesOf(definitions.before, by, before), valuesOf(definitions.after, by, after)];
  // Where one of the two does not have the argument, calls are those that leave it out in the other.
  const standard = defaultOf(definitions.before, by) ?? defaultOf(definitions.after, by);
  const both = old && now ? old.filter((value) => now.includes(value)) : standard === undefined ? [] : [standard];
  return both.flatMap((value) => {
    const [was, is] = [levelOf(before, value, by), levelOf(after, value, by)];
    return was === undefined || is === undefined ? [] : [{ value: `${by}=${value}`, was, is }];
  });
}

function levelOf(access: unknown, value: string, by: string): string | undefined {
  if (!isMembers(access)) return String(access);
  if (access["by"] !== by) return undefined;
  const level = membersOf(access, "values")[value];
  return typeof level === "string" ? level : undefined;
}

/** The values of an argument that calls can have; `undefined` where the tool has no such argument. */
function valuesOf(tool: Members | undefined, argument: string, access: unknown): readonly string[] | undefined {
  if (isMembers(access) && access["by"] === argument) return Object.keys(membersOf(access, "values"));
  const property = propertyOf(tool, argument);
  if (property["type"] === "boolean") return ["false", "true"];
  return Array.isArray(property["enum"]) ? listOf(property["enum"]).map(String) : undefined;
}

function defaultOf(tool: Members | undefined, argument: string): string | undefined {
  const { default: value } = propertyOf(tool, argument);
  return value === undefined ? undefined : String(value as string | boolean);
}

function propertyOf(tool: Members | undefined, argument: string): Members {
  return membersOf(membersOf(membersOf(tool, "inputSchema"), "properties"), argument);
}
