import { describe, expect, it } from "vitest";
import { conditions, label, qualifiedRelation } from "../../src/plan/label.ts";
import { node, planOf, type Raw } from "./fixture.ts";

const one = (type: string, members: Raw = {}) => planOf(node(type, members)).root;

describe("label", () => {
  it.each<[string, Raw, string]>([
    ["Seq Scan", { "Relation Name": "t", Alias: "t" }, "Seq Scan on t"],
    ["Seq Scan", { "Relation Name": "t", Alias: "a", "Parallel Aware": true }, "Parallel Seq Scan on t a"],
    [
      "Index Scan",
      { "Relation Name": "t", Alias: "t", "Index Name": "i", "Scan Direction": "Backward" },
      "Index Scan Backward using i on t",
    ],
    ["Bitmap Index Scan", { "Index Name": "i" }, "Bitmap Index Scan on i"],
    ["Hash Join", { "Join Type": "Left" }, "Hash Left Join"],
    ["Hash Join", { "Join Type": "Inner", "Parallel Aware": true }, "Parallel Hash Join"],
    ["Hash Join", { "Join Type": "Right Anti" }, "Hash Right Anti Join"],
    ["Nested Loop", { "Join Type": "Semi" }, "Nested Loop Semi Join"],
    ["Merge Join", { "Join Type": "Inner" }, "Merge Join"],
    ["Aggregate", { Strategy: "Hashed", "Partial Mode": "Partial" }, "Partial HashAggregate"],
    ["Aggregate", { Strategy: "Sorted", "Partial Mode": "Finalize" }, "Finalize GroupAggregate"],
    ["Aggregate", { Strategy: "Plain", "Partial Mode": "Simple" }, "Aggregate"],
    ["Aggregate", { Strategy: "Mixed" }, "MixedAggregate"],
    ["SetOp", { Strategy: "Hashed", Command: "Except" }, "HashSetOp Except"],
    ["ModifyTable", { Operation: "Merge", "Relation Name": "t", Alias: "t" }, "Merge on t"],
    [
      "Foreign Scan",
      { Operation: "Select", "Async Capable": true, "Relation Name": "f", Alias: "f" },
      "Async Foreign Scan on f",
    ],
    ["Foreign Scan", { Operation: "Update", "Relation Name": "f", Alias: "f" }, "Foreign Update on f"],
    [
      "Foreign Scan",
      { Operation: "Select", Relations: "(public.a) INNER JOIN (public.b)" },
      "Foreign Scan on (public.a) INNER JOIN (public.b)",
    ],
    ["Custom Scan", { "Custom Plan Provider": "Chunks" }, "Custom Scan (Chunks)"],
    ["CTE Scan", { "CTE Name": "c", Alias: "x" }, "CTE Scan on c x"],
    ["Function Scan", { "Function Name": "generate_series", Alias: "i" }, "Function Scan on generate_series i"],
    ["Subquery Scan", { Alias: "s" }, "Subquery Scan on s"],
    ["Result", { "Subplan Name": "InitPlan 1 (returns $0)" }, "[InitPlan 1] Result"],
    ["Something New", {}, "Something New"],
  ])("%s %j", (type, members, said) => {
    expect(label(one(type, members))).toBe(said);
  });
});

describe("conditions", () => {
  it("shows at most two, one line each, cut", () => {
    const scan = one("Index Scan", {
      "Index Cond": `(a = '${"x".repeat(100)}')`,
      Filter: "(b\n =  1)",
      "Order By": "(c <-> 1)",
    });
    const said = conditions(scan, 20);
    expect(said).toBe("on (a = 'xxxxxxxxxxxxx… filter (b = 1)");
    expect(conditions(one("Sort", { "Sort Key": ["a", "b DESC"] }))).toBe("by a, b DESC");
    expect(conditions(one("Result"))).toBe("");
  });

  it("never cuts a character in half", () => {
    expect(conditions(one("Seq Scan", { Filter: `${"a".repeat(8)}😀b` }), 10)).toBe(`filter ${"a".repeat(8)}…`);
  });
});

describe("qualifiedRelation", () => {
  it("quotes what SQL needs quoted", () => {
    const of = (Schema: string | undefined, name: string) =>
      qualifiedRelation(one("Seq Scan", { ...(Schema && { Schema }), "Relation Name": name }));
    expect(of("public", "orders")).toBe("public.orders");
    expect(of("public", "order")).toBe('public."order"');
    expect(of("My Schema", 'a"b')).toBe('"My Schema"."a""b"');
    expect(of(undefined, "t")).toBe("t");
    expect(qualifiedRelation(one("Result"))).toBeUndefined();
  });
});
