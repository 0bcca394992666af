import { expect, test } from "vitest";
import { isNewer } from "../../src/upgrade/version.ts";

test.for([
  ["1.10.0", "1.9.9"],
  ["2.0.0", "1.99.99"],
  ["1.0.1", "1.0.0"],
  ["1.0.0", "1.0.0-beta.2"],
  ["1.0.0-beta.10", "1.0.0-beta.2"],
  ["1.0.1-beta.1", "1.0.0"],
] as const)("%s is newer than %s, and not the other way round", ([one, other]) => {
  expect([isNewer(one, other), isNewer(other, one)]).toEqual([true, false]);
});

test.for(["0.0.0", "1.2.3", "1.0.0-beta.1"])("%s is not newer than itself", (version) => {
  expect(isNewer(version, version)).toBe(false);
  expect(isNewer(`${version}+build`, version)).toBe(false);
});
