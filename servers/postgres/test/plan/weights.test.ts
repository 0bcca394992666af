import { readdirSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { weigh } from "../../src/plan/weights.ts";
import { find, fixture, node, planOf, ran } from "./fixture.ts";

const all = readdirSync(new URL("fixtures", import.meta.url)).map((name) => name.replace(".json", ""));

describe("weigh", () => {
  it.each(all)("%s: shares add up to the whole, and none is negative", (name) => {
    const plan = fixture(name);
    const weights = weigh(plan);
    const shares = plan.nodes.map((each) => weights.of(each).share);
    expect(Math.min(...shares)).toBeGreaterThanOrEqual(0);
    const sum = shares.reduce((a, b) => a + b, 0);
    // A subquery that ran in parallel or was measured with less precision leaves a rest.
    expect(sum).toBeGreaterThan(0.9);
    expect(sum).toBeLessThan(1.001);
    expect(weights.basis).toBe(plan.measured ? "time" : "cost");
  });

  it("takes time per loop times the loops", () => {
    const plan = planOf(
      node("Nested Loop", ran(100, 10), [
        node("Seq Scan", { "Parent Relationship": "Outer", ...ran(10, 20) }),
        node("Index Scan", { "Parent Relationship": "Inner", ...ran(4, 1, 20) }),
      ]),
    );
    const weights = weigh(plan);
    expect(plan.nodes.map((each) => weights.of(each).own)).toEqual([10, 10, 80]);
    expect(plan.nodes.map((each) => weights.of(each).share)).toEqual([0.1, 0.1, 0.8]);
    expect(weights.shareBelow(plan.root)).toBeCloseTo(1);
  });

  it("divides by the processes below a Gather", () => {
    const plan = planOf(
      node("Gather", ran(12, 30), [node("Seq Scan", { "Parent Relationship": "Outer", ...ran(10, 10, 3) })]),
    );
    expect(plan.nodes.map((each) => weigh(plan).of(each).own)).toEqual([2, 10]);
  });

  it("charges a CTE to the scans that pull it, once", () => {
    const plan = planOf(
      node("Hash Join", ran(100, 1), [
        node("Seq Scan", { "Parent Relationship": "InitPlan", "Subplan Name": "CTE big", ...ran(60, 1000) }),
        node("CTE Scan", { "Parent Relationship": "Outer", "CTE Name": "big", ...ran(70, 1000) }),
        node("Hash", { "Parent Relationship": "Inner", ...ran(10, 5) }),
      ]),
    );
    expect(plan.nodes.map((each) => weigh(plan).of(each).own)).toEqual([20, 60, 10, 10]);
  });

  it.each([
    ["InitPlan 1 (returns $0)", "(a > $0)"],
    ["InitPlan 1", "(a > (InitPlan 1).col1)"],
  ])("charges %s to the node whose condition uses it", (name, condition) => {
    const plan = planOf(
      node("Sort", ran(100, 1), [
        node("Aggregate", { "Parent Relationship": "InitPlan", "Subplan Name": name, ...ran(50, 1) }),
        node("Limit", { "Parent Relationship": "Outer", ...ran(90, 5) }, [
          node("Seq Scan", { "Parent Relationship": "Outer", Filter: condition, ...ran(80, 5) }),
        ]),
      ]),
    );
    expect(plan.nodes.map((each) => weigh(plan).of(each).own)).toEqual([10, 50, 10, 30]);
  });

  it("does not take $10 for $1", () => {
    const plan = planOf(
      node("Sort", ran(100, 1), [
        node("Aggregate", {
          "Parent Relationship": "InitPlan",
          "Subplan Name": "InitPlan 1 (returns $1)",
          ...ran(5, 1),
        }),
        node("Seq Scan", { "Parent Relationship": "Outer", Filter: "(a > $10)", ...ran(80, 5) }),
      ]),
    );
    expect(plan.nodes.map((each) => weigh(plan).of(each).own)).toEqual([15, 5, 80]);
  });

  it("weighs costs from the top: what a LIMIT leaves unread does not count", () => {
    const plan = planOf(
      node("Limit", { "Total Cost": 10 }, [node("Seq Scan", { "Parent Relationship": "Outer", "Total Cost": 1000 })]),
    );
    expect(plan.nodes.map((each) => weigh(plan).of(each))).toEqual([
      { own: 0, total: 10, share: 0 },
      { own: 10, total: 10, share: 1 },
    ]);
  });

  it("multiplies the inner side of a nested loop by the rows of the outer", () => {
    const inner = (type: string) =>
      planOf(
        node("Nested Loop", { "Total Cost": 1000 }, [
          node("Seq Scan", { "Parent Relationship": "Outer", "Total Cost": 100, "Plan Rows": 50 }),
          node(type, { "Parent Relationship": "Inner", "Total Cost": 8 }),
        ]),
      );
    const scan = inner("Index Scan");
    expect(scan.nodes.map((each) => weigh(scan).of(each).own)).toEqual([500, 100, 400]);
    const kept = inner("Materialize");
    expect(kept.nodes.map((each) => weigh(kept).of(each).own)).toEqual([892, 100, 8]);
  });

  it("finds the heavy node of real plans", () => {
    const heaviest = (name: string) => {
      const plan = fixture(name);
      return plan.nodes.toSorted((a, b) => weigh(plan).of(b).share - weigh(plan).of(a).share)[0];
    };
    expect(heaviest("external-sort")?.type).toBe("Sort");
    expect(heaviest("repeated-subquery")?.type).toBe("Seq Scan");
    expect(heaviest("aggregate-spill")?.type).toBe("Aggregate");
    const cte = fixture("cte-and-initplan");
    const scan = find(cte, "CTE Scan", { Alias: "big" });
    expect(weigh(cte).of(scan).own).toBeLessThan(scan.actual?.ms ?? 0);
  });

  it("falls back to cost where nothing took any time", () => {
    expect(weigh(planOf(node("Result", ran(0, 1)))).basis).toBe("cost");
    expect(weigh(planOf(node("Result", { "Total Cost": 0 }))).of(planOf(node("Result")).root)).toEqual({
      share: 0,
      own: 0,
      total: 0,
    });
  });
});
