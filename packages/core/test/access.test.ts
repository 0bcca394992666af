import { expect, test } from "vitest";
import { type AccessLevel, accessLevels, accessOf, admits, highest } from "../src/access.ts";

test.for([
  ["read", "read", true],
  ["read", "write", false],
  ["read", "destructive", false],
  ["write", "read", true],
  ["write", "write", true],
  ["write", "destructive", false],
  ["full", "destructive", true],
] as const)("level %s, access %s: %s", ([level, access, admitted]) => {
  expect(admits(level, access)).toBe(admitted);
});

const rule = { by: "mode", create: "write", append: "write", overwrite: "destructive" } as const;

test("the access of a call follows its argument; a value without a level counts as destructive", () => {
  expect(accessOf("read", {})).toBe("read");
  expect(accessOf(rule, { mode: "append" })).toBe("write");
  expect(accessOf(rule, { mode: "overwrite" })).toBe("destructive");
  expect(accessOf(rule, { mode: "new" })).toBe("destructive");
  expect(accessOf(rule, {})).toBe("destructive");
});

test("the highest access that a level leaves", () => {
  expect(accessLevels.map((level: AccessLevel) => highest(rule, level))).toEqual([undefined, "write", "destructive"]);
});
