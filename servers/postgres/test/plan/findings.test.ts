import { describe, expect, it } from "vitest";
import { noFacts } from "../../src/plan/facts.ts";
import { findings } from "../../src/plan/findings.ts";
import { fixture, node, planOf, type Raw, ran } from "./fixture.ts";

const kinds = (name: string) => findings(fixture(name)).map(({ kind }) => kind);

describe("findings", () => {
  it.each([
    ["seq-filter", ["filter"]],
    ["external-sort", ["sort-spill"]],
    ["hash-batches", ["hash-spill"]],
    ["aggregate-spill", ["aggregate-spill"]],
    ["cte-and-initplan", ["temp-files"]],
    ["repeated-subquery", ["repeated-subquery", "filter", "misestimate"]],
    ["nested-loop-scan", ["many-loops", "join-filter"]],
    ["lossy-bitmap", ["lossy-bitmap"]],
    ["dependent-columns", ["filter", "misestimate"]],
    ["dependent-join", ["misestimate"]],
    ["heap-fetches", ["heap-fetches"]],
    ["jit", ["jit", "misestimate"]],
    ["insert", ["triggers"]],
    ["parallel-append", ["worker-start"]],
    ["18-disabled", ["disabled"]],
    ["18-index-searches", ["index-searches", "misestimate"]],
    ["memoize", []],
    ["limit", []],
    ["window", []],
    ["incremental-sort", []],
    ["hashed-subplan", []],
    ["update", []],
  ])("%s: %j", (name, found) => {
    expect(kinds(name)).toEqual(found);
  });

  it("names an index, as what can be tried where it can be", () => {
    expect(findings(fixture("seq-filter"), { ...noFacts, pretends: true })[0]?.next).toBe(
      'Try hypothetical_indexes ["CREATE INDEX ON public.orders (customer_id)"].',
    );
    expect(findings(fixture("seq-filter"))[0]?.next).toBe(
      "CREATE INDEX ON public.orders (customer_id) should help; untested.",
    );
    const [found] = findings(fixture("dependent-columns"));
    expect(found?.next).toContain("(country, city, id)");
  });

  it("proposes work_mem that holds what was spilled", () => {
    expect(findings(fixture("external-sort"))[0]?.next).toMatch(/SET LOCAL work_mem = '(24|32)MB'/);
    expect(findings(fixture("external-sort"), { ...noFacts, workMem: 1_048_576 })[0]?.next).toContain("'2048MB'");
  });

  it("sees a selective scan in an estimate once it knows the table", () => {
    const tables = new Map([["public.orders", { rows: 100_000, bytes: 1e7, analyzed: true, changed: 0 }]]);
    expect(findings(fixture("seq-filter-plain")).length).toBe(0);
    expect(findings(fixture("seq-filter-plain"), { ...noFacts, tables })[0]).toMatchObject({
      kind: "filter",
      what: expect.stringContaining("reads about 100,000 rows to keep about 10") as string,
    });
  });

  it("says ANALYZE where statistics are old or missing", () => {
    const facts = (analyzed: boolean, changed: number) => ({
      ...noFacts,
      tables: new Map([["public.customers", { rows: 10_000, bytes: 1e6, analyzed, changed }]]),
    });
    const next = (analyzed: boolean, changed: number) =>
      findings(fixture("dependent-join"), facts(analyzed, changed))[0]?.next;
    expect(next(true, 5_000)).toBe("ANALYZE public.customers (5,000 rows changed since the last).");
    expect(next(false, 0)).toBe("ANALYZE public.customers (never done).");
    expect(next(true, 10)).toContain("CREATE STATISTICS ON country, city FROM public.customers");
  });

  const alone = (members: Raw, top: Raw = {}) =>
    findings(
      planOf(node("Seq Scan", { "Relation Name": "t", Schema: "s", Alias: "t", ...ran(100, 100), ...members }), {
        "Execution Time": 100,
        ...top,
      }),
    ).map(({ kind }) => kind);

  it("sees what other versions and builds say", () => {
    expect(alone({}, { "Planning Time": 200 })).toEqual(["planning"]);
    expect(alone({}, { "Planning Time": 5 })).toEqual([]);
    expect(alone({}, { Serialization: { Time: 40, "Output Volume": 900, Format: "text" } })).toEqual(["serialization"]);
    expect(alone({}, { JIT: { Timing: { Generation: { Deform: 1, Total: 5 }, Total: 60 } } })).toEqual(["jit"]);
    expect(alone({ "Shared Read Blocks": 5_000, "Shared Hit Blocks": 10, "Shared I/O Read Time": 80 })).toEqual([
      "cold-buffers",
    ]);
    expect(alone({ "Shared Read Blocks": 5_000, "Shared Hit Blocks": 90_000 })).toEqual([]);
    expect(alone({ "Workers Planned": 4, "Workers Launched": 1 })).toContain("workers");
    expect(alone({ "Rows Removed by Index Recheck": 90_000 })).toEqual(["recheck"]);
    expect(alone({ "Total Cost": 1.00001e10 })).toEqual(["disabled"]);
    expect(alone({}, { Triggers: [{ "Trigger Name": "audit", Time: 90, Calls: 10 }, "odd", null] })).toEqual([
      "triggers",
    ]);
  });

  it("never gives more than six, the weightiest first", () => {
    const scan = (i: number): Raw =>
      node("Seq Scan", {
        "Parent Relationship": "Member",
        "Relation Name": `t${i}`,
        Alias: `t${i}`,
        Filter: "(a = 1)",
        "Rows Removed by Filter": 50_000,
        ...ran(10 + i, 100),
      });
    const found = findings(
      planOf(
        node(
          "Append",
          { "Plan Rows": 900, ...ran(150, 900) },
          Array.from({ length: 9 }, (_, i) => scan(i)),
        ),
      ),
    );
    expect(found).toHaveLength(6);
    expect(found.map(({ weight }) => weight)).toEqual(found.map(({ weight }) => weight).toSorted((a, b) => b - a));
    expect(found[0]?.node?.raw["Relation Name"]).toBe("t8");
  });
});
