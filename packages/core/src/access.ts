import type { Access, AccessRule } from "./tool.ts";

/** How far a process may go: `read` unless whoever starts it says more. */
export const accessLevels = ["read", "write", "full"] as const;
/** One of {@link accessLevels}: what an operator allows. */
export type AccessLevel = (typeof accessLevels)[number];

const RANK: Readonly<Record<Access, number>> = { read: 0, write: 1, destructive: 2 };
const REACH: Readonly<Record<AccessLevel, number>> = { read: 0, write: 1, full: 2 };
/** The level that admits an access. */
const levelFor: Readonly<Record<Access, AccessLevel>> = { read: "read", write: "write", destructive: "full" };

export function admits(level: AccessLevel, access: Access): boolean {
  return RANK[access] <= REACH[level];
}

/** The argument that decides a tool's access, and the access of each of its values; `undefined` when one level fits all. */
export function byArgument(rule: AccessRule): { argument: string; values: ReadonlyMap<string, Access> } | undefined {
  if (typeof rule === "string") return undefined;
  const { by, ...values } = rule;
  return { argument: by, values: new Map(Object.entries(values) as [string, Access][]) };
}

/** Whether a level offers a tool at all: it admits some access of it, and is not below the tool's own. */
export function offers(
  level: AccessLevel,
  tool: { readonly access: AccessRule; readonly level?: AccessLevel },
): boolean {
  return REACH[level] >= REACH[tool.level ?? "read"] && highest(tool.access, level) !== undefined;
}

/** The level that a tool's access of some kind needs. */
export function levelOf(access: Access, { level = "read" }: { readonly level?: AccessLevel }): AccessLevel {
  const needed = levelFor[access];
  return REACH[needed] > REACH[level] ? needed : level;
}

/** The higher of two accesses. */
export function higher(a: Access, b: Access): Access {
  return RANK[a] >= RANK[b] ? a : b;
}

/** Every access that a rule can come to. */
export function accesses(rule: AccessRule): readonly Access[] {
  return typeof rule === "string" ? [rule] : [...(byArgument(rule)?.values.values() ?? [])];
}

/** The highest access that a level leaves of a rule; `undefined` when it leaves nothing. */
export function highest(rule: AccessRule, level: AccessLevel): Access | undefined {
  return accesses(rule)
    .filter((access) => admits(level, access))
    .sort((a, b) => RANK[b] - RANK[a])[0];
}

/** The access of one call, by its parsed arguments. A value without a level counts as destructive: nothing widens by omission. */
export function accessOf(rule: AccessRule, input: Readonly<Record<string, unknown>>): Access {
  if (typeof rule === "string") return rule;
  const value = String(input[rule.by]);
  return Object.hasOwn(rule, value) ? (rule[value] as Access) : "destructive";
}
