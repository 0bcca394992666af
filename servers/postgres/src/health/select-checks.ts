import { nearest } from "@mooring/core";
import type { Check } from "./check.ts";
import { checks } from "./checks/index.ts";
import { groups } from "./groups.ts";

const names: readonly string[] = [...groups, ...checks.map(({ name }) => name)];

/** The checks of these groups and names; all for none. Names are valid: see {@link unknownCheck}. */
export function selectChecks(wanted: readonly string[]): readonly Check[] {
  if (wanted.length === 0) return checks;
  return checks.filter(({ name, group }) => wanted.includes(group) || wanted.includes(name));
}

/** What is wrong with a name, in words; `undefined` for a check or group. */
export function unknownCheck(name: string): string | undefined {
  if (names.includes(name)) return undefined;
  const near = nearest(name, names);
  return near ? `no such check, did you mean "${near}"` : `no such check; groups: ${groups.join(", ")}`;
}
