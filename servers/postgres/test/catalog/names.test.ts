import { describe, expect, test } from "vitest";
import { maskParameters } from "../../src/catalog/mask.ts";
import { shownName } from "../../src/catalog/shown-name.ts";
import { meanings } from "../../src/catalog/written-name.ts";
import { openPolicy } from "../../src/policy.ts";

describe("meanings", () => {
  const said = (written: string) => meanings(written).map(({ schema, name }) => `${schema}|${name}`);

  test.for([
    ["orders", ["|orders"]],
    ["Orders", ["|Orders", "|orders"]],
    ['"Or""ders"', ['|Or"ders', '|"Or""ders"']],
    ["public.orders", ["|public.orders", "public|orders"]],
    ["a.b.c", ["|a.b.c", "a|b.c", "a.b|c"]],
    ['"we ird"."a.b"', expect.arrayContaining(["we ird|a.b"])],
    [".orders", ["|.orders"]],
    ["orders.", ["|orders."]],
    ['""', ['|""']],
    ["", []],
  ] as const)("%s", ([written, expected]) => {
    expect(said(written)).toEqual(expected);
  });

  test("a name of dots alone does not explode", () => {
    expect(meanings(".".repeat(300)).length).toBeLessThan(100);
    expect(meanings("a.".repeat(150)).length).toBeLessThan(100);
  });
});

describe("shownName", () => {
  test.for([
    ["orders", "orders"],
    ['"Mixed Case"', '"Mixed Case"'],
    ['"ünï 漢字 🐘"', '"ünï 漢字 🐘"'],
    ['"a\nb"', 'U&"a\\000Ab"'],
    ['"a\\b"', '"a\\b"'],
    ['"a\\b\n"', 'U&"a\\\\b\\000A"'],
    ['"q""\u202eq"', 'U&"q""\\202Eq"'],
    ['"\u{e0041}"', 'U&"\\+0E0041"'],
  ] as const)("%j is %s", ([quoted, expected]) => {
    expect(shownName(quoted)).toBe(expected);
  });
});

describe("masks", () => {
  test("are read in each way that their dots allow", () => {
    expect(maskParameters({ ...openPolicy, mask: ["a.b.c", "a.b.c.d", "nonsense", "a.b"] })).toEqual([
      ["a", "a", "a", "a.b"],
      ["b", "b", "b.c", "c"],
      ["c", "c.d", "d", "d"],
    ]);
  });
});
