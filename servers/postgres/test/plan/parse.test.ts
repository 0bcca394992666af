import { describe, expect, it } from "vitest";
import { parsePlan } from "../../src/plan/parse.ts";
import { find, fixture, node, planOf, ran } from "./fixture.ts";

describe("parsePlan", () => {
  it("numbers the nodes in the order of the tree and knows their parents", () => {
    const plan = fixture("cte-and-initplan");
    expect(plan.nodes.map(({ id }) => id)).toEqual(plan.nodes.map((_, i) => i + 1));
    expect(plan.nodes.map(({ depth, type }) => `${depth} ${type}`)).toContain("1 CTE Scan");
    for (const each of plan.nodes.slice(1)) expect(each.parent?.children).toContain(each);
    expect(plan.measured).toBe(true);
  });

  it("tells a plan that was not run from one that was", () => {
    const plan = fixture("seq-filter-plain");
    expect([plan.measured, plan.executionMs, plan.root.actual]).toEqual([false, undefined, undefined]);
    expect(plan.planningMs).toBeGreaterThan(0);
    expect(plan.settings).toEqual({ max_parallel_workers_per_gather: "0" });
  });

  it("counts the processes below a Gather by the loops, also where the leader takes no part", () => {
    const below = (loops: number) =>
      planOf(node("Gather", ran(9, 10), [node("Seq Scan", { "Parent Relationship": "Outer", ...ran(5, 4, loops) })]));
    expect(below(3).nodes[1]?.processes).toBe(3);
    expect(below(2).nodes[1]?.processes).toBe(2);
    // Never started: nothing to divide by.
    expect(below(0).nodes[1]?.processes).toBe(1);
    const initPlan = node("Gather", ran(9, 10), [
      node("Result", { "Parent Relationship": "InitPlan", ...ran(1, 1, 5) }),
    ]);
    expect(planOf(initPlan).nodes[1]?.processes).toBe(1);
  });

  it("reads fractions of rows and plans without times", () => {
    expect(find(fixture("18-fractions"), "Index Only Scan").actual?.rows).toBe(0.98);
    const untimed = planOf(node("Result", { "Actual Rows": 2, "Actual Loops": 1 }));
    expect(untimed.root.actual).toEqual({ ms: undefined, rows: 2, loops: 1 });
  });

  it("keeps PostgreSQL's own text without blanks, to the last digit", () => {
    const json = `[\n  {\n "Plan": {"Node Type": "Result", "Filter": "(a = 'two  \\" blanks')"},\n "Query Identifier": -9007199254740993123\n}\n]`;
    expect(parsePlan(json).json).toBe(
      `[{"Plan":{"Node Type":"Result","Filter":"(a = 'two  \\" blanks')"},"Query Identifier":-9007199254740993123}]`,
    );
  });

  it.each(["[]", "{}", "[1]", '[{"Plan":[]}]', "null", "nonsense"])("refuses %s", (text) => {
    expect(() => parsePlan(text)).toThrow(/plan|JSON/);
  });
});
