import { expect, test } from "vitest";
import { groups } from "../../src/health/groups.ts";
import { checks } from "../../src/health/checks/index.ts";
import { selectChecks, unknownCheck } from "../../src/health/select-checks.ts";

test("groups, names, both, and all for none", () => {
  const names = (...wanted: string[]) => selectChecks(wanted).map(({ name }) => name);
  expect(names()).toHaveLength(checks.length);
  expect(names("migrations")).toEqual(["migration_history"]);
  expect(names("locks", "queries")).toEqual(["locks", "top_queries"]);
  expect(names("indexes", "invalid_indexes")).toHaveLength(5);
});

test("each group has checks, each check a group, and no name is both", () => {
  expect([...new Set(checks.map(({ group }) => group))].toSorted()).toEqual([...groups].toSorted());
  expect(new Set([...groups, ...checks.map(({ name }) => name)]).size).toBe(groups.length + checks.length);
});

test("an unknown name is told with the right one, or the groups", () => {
  expect(unknownCheck("locks")).toBeUndefined();
  expect(unknownCheck("invalid_index")).toBe('no such check, did you mean "invalid_indexes"');
  expect(unknownCheck("xyz")).toBe(`no such check; groups: ${groups.join(", ")}`);
});
