import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createPlanCosts, OutOfTime } from "../../src/advise/plan-costs.ts";
import { members, type Problem, search, TOLERANCE } from "../../src/advise/search.ts";

/** A planner whose statements have plans of their own: each needs some indexes, and costs what it costs. */
interface Instance {
  readonly sizes: readonly number[];
  readonly charges: readonly number[];
  readonly statements: readonly {
    readonly weight: number;
    readonly base: number;
    readonly plans: readonly { readonly needs: number; readonly cost: number }[];
  }[];
  readonly budget: number;
}

const instances: fc.Arbitrary<Instance> = fc.integer({ min: 1, max: 8 }).chain((count) =>
  fc.record({
    sizes: fc.array(fc.integer({ min: 1, max: 50 }), { minLength: count, maxLength: count }),
    charges: fc.array(fc.integer({ min: 0, max: 20 }), { minLength: count, maxLength: count }),
    budget: fc.integer({ min: 0, max: 200 }),
    statements: fc.array(
      fc.record({
        weight: fc.integer({ min: 1, max: 5 }),
        base: fc.integer({ min: 100, max: 1_000 }),
        plans: fc.array(
          fc.record({ needs: fc.integer({ min: 1, max: 2 ** count - 1 }), cost: fc.integer({ min: 1, max: 900 }) }),
          { maxLength: 6 },
        ),
      }),
      { minLength: 1, maxLength: 5 },
    ),
  }),
);

function planOf({ base, plans }: Instance["statements"][number], set: number) {
  let best = { cost: base, used: 0 };
  for (const { needs, cost } of plans) if ((needs & ~set) === 0 && cost < best.cost) best = { cost, used: needs };
  return best;
}

function problemOf(instance: Instance, most = Number.POSITIVE_INFINITY): Problem & { asked: () => number } {
  const every = 2 ** instance.sizes.length - 1;
  let asked = 0;
  const costs = createPlanCosts(
    instance.statements.map(() => every),
    async (statement, set) => {
      if (++asked > most) throw new OutOfTime();
      return planOf(instance.statements[statement] as Instance["statements"][number], set);
    },
  );
  return { ...instance, weights: instance.statements.map(({ weight }) => weight), costs, asked: () => asked };
}

function totalOf({ statements, charges }: Instance, set: number): number {
  return (
    statements.reduce((sum, each) => sum + each.weight * planOf(each, set).cost, 0) +
    members(set).reduce((sum, i) => sum + (charges[i] ?? 0), 0)
  );
}

const bytesOf = ({ sizes }: Instance, set: number) => members(set).reduce((sum, i) => sum + (sizes[i] ?? 0), 0);

function bestOf(instance: Instance): number {
  let best = Number.POSITIVE_INFINITY;
  for (let set = 0; set < 2 ** instance.sizes.length; set++)
    if (bytesOf(instance, set) <= instance.budget) best = Math.min(best, totalOf(instance, set));
  return best;
}

describe("search", () => {
  test("is as good as trying all sets, says so, and holds the budget", async () => {
    await fc.assert(
      fc.asyncProperty(instances, async (instance) => {
        const { chosen, total, exact } = await search(problemOf(instance));
        expect(exact).toBe(true);
        expect(bytesOf(instance, chosen)).toBeLessThanOrEqual(instance.budget);
        expect(total).toBeCloseTo(totalOf(instance, chosen), 6);
        expect(total).toBeLessThanOrEqual(bestOf(instance) * (1 + TOLERANCE) * 1.0015 + 1e-9);
      }),
      { numRuns: 400 },
    );
  });

  test("answers with what it has when time runs out, never over the budget, never worse than it began", async () => {
    await fc.assert(
      fc.asyncProperty(instances, fc.integer({ min: 0, max: 60 }), async (instance, most) => {
        const problem = problemOf(instance, most);
        const { chosen, exact, cut } = await search(problem);
        expect(bytesOf(instance, chosen)).toBeLessThanOrEqual(instance.budget);
        expect(totalOf(instance, chosen)).toBeLessThanOrEqual(totalOf(instance, 0) + 1e-9);
        expect(problem.asked() > most ? cut : exact).toBe(true);
      }),
      { numRuns: 200 },
    );
  });

  test("goes on from a set that is known", async () => {
    const instance = {
      sizes: [10, 10],
      charges: [0, 0],
      budget: 10,
      statements: [{ weight: 1, base: 100, plans: [{ needs: 2, cost: 1 }] }],
    };
    expect(await search({ ...problemOf(instance, 0), start: 2 })).toMatchObject({ chosen: 2, cut: true });
  });

  test("without a budget an index that saves next to nothing is left out", async () => {
    const statements = [
      {
        weight: 1,
        base: 1_000,
        plans: [
          { needs: 1, cost: 10 },
          { needs: 3, cost: 9 },
        ],
      },
      { weight: 1, base: 100, plans: [{ needs: 4, cost: 1 }] },
    ];
    const instance = { sizes: [10, 10, 10], charges: [0, 0, 0], budget: Number.POSITIVE_INFINITY, statements };
    expect((await search(problemOf(instance))).chosen).toBe(5);
  });

  test("an index whose upkeep costs more than it saves is left out", async () => {
    const instance = {
      sizes: [1],
      charges: [60],
      budget: 10,
      statements: [{ weight: 1, base: 100, plans: [{ needs: 1, cost: 50 }] }],
    };
    expect((await search(problemOf(instance))).chosen).toBe(0);
    expect((await search(problemOf({ ...instance, charges: [40] }))).chosen).toBe(1);
  });

  test("asks far less than every set of twelve", async () => {
    const sizes = Array.from({ length: 12 }, () => 10);
    const statements = sizes.map((_, i) => ({ weight: 1, base: 1_000, plans: [{ needs: 1 << i, cost: 10 + i }] }));
    const problem = problemOf({ sizes, charges: sizes.map(() => 0), budget: 60, statements });
    const { exact } = await search(problem);
    expect(exact).toBe(true);
    expect(problem.asked()).toBeLessThan((12 * 2 ** 12) / 100);
  });
});

describe("plan costs", () => {
  test("a plan that uses little answers for every set in between", async () => {
    const asked: number[] = [];
    const costs = createPlanCosts([0b111], async (_, set) => {
      asked.push(set);
      return { cost: set & 1 ? 5 : 50, used: set & 1 };
    });
    expect((await costs.of(0, 0b111)).cost).toBe(5);
    expect((await costs.of(0, 0b011)).cost).toBe(5);
    expect((await costs.of(0, 0b001)).cost).toBe(5);
    expect((await costs.of(0, 0b110)).cost).toBe(50);
    expect((await costs.of(0, 0b010)).cost).toBe(50);
    expect(asked).toEqual([0b111, 0b110]);
    expect(costs.asked).toBe(2);
  });

  test("candidates on other tables are not asked about", async () => {
    const asked: number[] = [];
    const costs = createPlanCosts([0b01], async (_, set) => {
      asked.push(set);
      return { cost: 1, used: 0b10 };
    });
    await costs.of(0, 0b11);
    await costs.of(0, 0b01);
    expect(asked).toEqual([0b01]);
  });
});
