import { describe, expect, it } from "vitest";
import { misestimate, misestimates } from "../../src/plan/estimates.ts";
import { fixture, node, planOf, type Raw, ran } from "./fixture.ts";

const off = (expected: number, rows: number, loops = 1): Raw => ({ "Plan Rows": expected, ...ran(1, rows, loops) });

describe("misestimate", () => {
  it("says how many times, and which way", () => {
    const of = (members: Raw) => misestimate(planOf(node("Seq Scan", members)).root);
    expect(of(off(10, 1000))).toMatchObject({ factor: 100, direction: "too few" });
    expect(of(off(1000, 10))).toMatchObject({ factor: 100, direction: "too many" });
    // No rows count as one, on either side: nobody divides by nothing.
    expect(of(off(0, 0))).toMatchObject({ factor: 1 });
    expect(of(off(50, 0))).toMatchObject({ factor: 50, direction: "too many" });
    expect(of(off(1, 0.25, 400))).toMatchObject({ factor: 1 });
    expect(of(off(50, 0, 0))).toBeUndefined();
    expect(of({})).toBeUndefined();
  });

  it("blames nobody for rows that were not asked for", () => {
    const below = (type: string, members: Raw = {}, role = "Outer") =>
      planOf(
        node(type, { ...ran(1, 1), ...members }, [
          node("Seq Scan", { "Parent Relationship": role, ...off(10_000, 3) }),
        ]),
      ).nodes[1];
    const said = (found: ReturnType<typeof below>) => found && misestimate(found)?.direction;
    expect(said(below("Limit"))).toBeUndefined();
    expect(said(below("Merge Join"))).toBeUndefined();
    expect(said(below("Nested Loop", { "Join Type": "Semi" }, "Inner"))).toBeUndefined();
    expect(said(below("Nested Loop", { "Join Type": "Inner" }, "Inner"))).toBe("too many");
    expect(said(below("Sort"))).toBe("too many");
    const sorted = planOf(
      node("Limit", ran(1, 1), [
        node("Sort", { "Parent Relationship": "Outer", ...ran(1, 1) }, [node("Seq Scan", off(10_000, 3))]),
      ]),
    );
    expect(said(sorted.nodes[2])).toBe("too many");
  });
});

describe("misestimates", () => {
  it("names the lowest node, through those that only pass rows on", () => {
    const found = misestimates(fixture("dependent-join"));
    expect(found.map(({ node: { type }, direction }) => [type, direction])).toEqual([["Seq Scan", "too few"]]);
    expect(found[0]?.factor).toBeGreaterThan(10);
    expect(found[0]?.node.raw["Relation Name"]).toBe("customers");
  });

  it("names a join whose inputs were right", () => {
    const plan = planOf(
      node("Hash Join", off(10, 50_000), [
        node("Seq Scan", { "Parent Relationship": "Outer", ...off(1000, 1000) }),
        node("Hash", { "Parent Relationship": "Inner", ...off(500, 500) }, [node("Seq Scan", off(500, 500))]),
      ]),
    );
    expect(misestimates(plan).map(({ node: { type } }) => type)).toEqual(["Hash Join"]);
  });

  it("leaves out what is small, and what LIMIT cut", () => {
    expect(misestimates(planOf(node("Seq Scan", off(1, 50))))).toEqual([]);
    expect(misestimates(planOf(node("Seq Scan", off(1, 1, 50))))).toEqual([]);
    expect(misestimates(planOf(node("Seq Scan", off(1, 15, 50))))).toHaveLength(1);
    for (const name of ["limit", "incremental-sort", "seq-filter", "lossy-bitmap"])
      expect(misestimates(fixture(name))).toEqual([]);
  });
});
