import { expect, test } from "vitest";
import { bumpBetween, highest, isAtLeast, type Level, neededAfter } from "../../src/compare/level.ts";
import { parseVersion, type Version } from "../../src/compare/version.ts";

test.for<[string, string, Level | undefined]>([
  ["1.2.3", "2.0.0", "major"],
  ["0.2.3", "1.0.0", "major"],
  ["1.2.3", "1.3.0", "minor"],
  ["0.2.3", "0.3.0", "minor"],
  ["1.2.3", "1.2.4", "patch"],
  ["1.9.0", "1.10.0", "minor"],
  ["1.2.3", "2.0.0-beta.1", "major"],
  ["2.0.0-beta.1", "2.0.0", "patch"],
  ["1.2.3", "1.2.3", undefined],
  ["1.2.3", "1.2.2", undefined],
  ["1.2.3", "latest", undefined],
  ["", "1.0.0", undefined],
])("from %s to %s is %s", ([before, after, level]) => {
  expect(bumpBetween(before, after)).toBe(level);
});

test.for<[string, Level, Level]>([
  ["1.0.0", "major", "major"],
  ["3.1.0", "minor", "minor"],
  ["1.0.0", "patch", "patch"],
  ["0.9.0", "major", "minor"],
  ["0.9.0", "minor", "patch"],
  ["0.9.0", "patch", "patch"],
])("after %s a %s change needs %s", ([version, level, needed]) => {
  expect(neededAfter(parseVersion(version) as Version, level)).toBe(needed);
});

test("the highest of some, and whether one is enough", () => {
  expect(highest(["patch", "major", "minor"])).toBe("major");
  expect(highest([])).toBeUndefined();
  expect([isAtLeast("major", "minor"), isAtLeast("minor", "minor"), isAtLeast("patch", "minor")]).toEqual([
    true,
    true,
    false,
  ]);
  expect(isAtLeast(undefined, "patch")).toBe(false);
});

test.for(["1.2", "v1.2.3", "1.2.3.4", "01.x.2", " 1.2.3", "1.2.3-", "9999999999.0.0"])("%j is no version", (text) => {
  expect(parseVersion(text)).toBeUndefined();
});
