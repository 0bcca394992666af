import { describe, expect, test, vi } from "vitest";
import { type Change, changesOf, type Mine } from "../../src/upgrade/changes.ts";

/** What happens to one file; the merge of two texts is both of them, and nothing where both begin with "!". */
function change(
  before: string | undefined,
  after: string | undefined,
  own: string | undefined | Mine,
): Change | undefined {
  const files = (text: string | undefined) => new Map(text === undefined ? [] : [["a", text]]);
  const mine: Mine = typeof own === "object" ? own : { text: own };
  const merge = (one: string, base: string, other: string) =>
    one.startsWith("!") && other.startsWith("!") ? undefined : `${one}+${base}+${other}`;
  const [only, ...more] = changesOf(files(before), files(after), () => mine, merge);
  expect(more).toEqual([]);
  return only;
}

describe("a file", () => {
  test.for([
    ["that nobody changed", "1", "1", "1", undefined],
    ["that only the author changed", "1", "1", "own", undefined],
    ["that the author removed, and the template kept", "1", "1", undefined, undefined],
    ["that both changed to the same", "1", "2", "2", undefined],
    ["that both removed", "1", undefined, undefined, undefined],
    ["that both added", undefined, "2", "2", undefined],
    ["that only the template changed", "1", "2", "1", { path: "a", kind: "write", text: "2" }],
    ["that the template added", undefined, "2", undefined, { path: "a", kind: "write", text: "2" }],
    ["that the template emptied", "1", "", "1", { path: "a", kind: "write", text: "" }],
    ["that the template removed", "1", undefined, "1", { path: "a", kind: "remove" }],
    ["that both changed", "1", "2", "own", { path: "a", kind: "write", text: "own+1+2" }],
    ["that both changed in the same lines", "1", "!2", "!own", { path: "a", kind: "conflict", text: "!2" }],
    ["that both added, each its own", undefined, "!2", "!own", { path: "a", kind: "conflict", text: "!2" }],
    [
      "that the author removed, and the template changed",
      "1",
      "2",
      undefined,
      { path: "a", kind: "left", why: "you removed it" },
    ],
    [
      "that the template removed, and the author changed",
      "1",
      undefined,
      "own",
      { path: "a", kind: "left", why: "the template no longer has it; yours differs" },
    ],
    [
      "that is out of reach",
      "1",
      "2",
      { text: undefined, outOfReach: "it is a folder" },
      { path: "a", kind: "left", why: "it is a folder" },
    ],
    [
      "that is out of reach, and gone from the template",
      "1",
      undefined,
      { text: undefined, outOfReach: "it is a folder" },
      { path: "a", kind: "left", why: "it is a folder" },
    ],
  ] as const)("%s", ([, before, after, own, expected]) => {
    expect(change(before, after, own)).toEqual(expected);
  });
});

test("changes are in the order of their paths, and what did not change in the template is not read", () => {
  const base = new Map([
    ["b", "1"],
    ["same", "1"],
    ["c", "1"],
  ]);
  const next = new Map([
    ["same", "1"],
    ["b", "2"],
    ["a", "1"],
  ]);
  const mine = vi.fn<(path: string) => Mine>((path) => ({ text: base.get(path) }));
  expect(changesOf(base, next, mine, () => undefined)).toEqual([
    { path: "a", kind: "write", text: "1" },
    { path: "b", kind: "write", text: "2" },
    { path: "c", kind: "remove" },
  ]);
  expect(mine.mock.calls).toEqual([["a"], ["b"], ["c"]]);
});
