import type { Access, AccessRule } from "./tool.ts";

/** How far a process may go: `read` unless whoever starts it says more. */
export const accessLevels = ["read", "write", "full"] as const;
export type AccessLevel = (typeof accessLevels)[number];

const RANK: Readonly<Record<Access, number>> = { read: 0, write: 1, destructive: 2 };
const REACH: Readonly<Record<AccessLevel, number>> = { read: 0, write: 1, full: 2 };
/** The level that admits an access. */
export const levelFor: Readonly<Record<Access, AccessLevel>> = { read: "read", write: "write", destructive: "full" };

export function admits(level: AccessLevel, access: Access): boolean {
  return RANK[access] <= REACH[level];
}

/** The argument that decides a tool's access, and the access of each of its values; `undefined` when one level fits all. */
export function byArgument(rule: AccessRule): { argument: string; values: ReadonlyMap<string, Access> } | undefined {
  if (typeof rule === "string") return undefined;
  const { by, ...values } = rule;
  return { argument: by, values: new Map(Object.entries(values) as [string, Access][]) };
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
  return (rule[String(input[rule.by])] as Access | undefined) ?? "destructive";
}
