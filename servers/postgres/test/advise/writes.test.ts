import { describe, expect, test } from "vitest";
import { ruleGain } from "../../src/advise/rule-score.ts";
import { usesOf } from "../../src/advise/uses.ts";
import { columnsSet, upkeep, writesPerScan } from "../../src/advise/writes.ts";
import { parse, plan, table } from "./fixtures.ts";

const on = table("t", { a: {}, b: {} }, { rows: 1_000, inserted: 3_000, updated: 5_000, hot: 4_000, scans: 2_000 });
const index = (columns: readonly string[]) => ({
  table: on,
  method: "btree" as const,
  keys: columns.map((column) => ({ sql: `"${column}"`, column, columns: [column] })),
  include: [],
  where: undefined,
});

describe("upkeep", () => {
  test("counts what every index is told of, and what stops being HOT", () => {
    expect(upkeep(index(["a"]), new Set(["b"]), { unit: "cost", reads: 1 })).toMatchObject({
      entries: 4_000,
      hotLost: 0,
    });
    const lost = upkeep(index(["b"]), new Set(["b"]), { unit: "cost", reads: 1 });
    expect(lost).toMatchObject({ entries: 8_000, hotLost: 4_000 });
    expect(lost.charge).toBeGreaterThan(upkeep(index(["a"]), new Set(["b"]), { unit: "cost", reads: 1 }).charge);
  });

  test("by reads of the statements, or by what the workload wrote", () => {
    const cost = (reads: number) => upkeep(index(["a"]), new Set(), { unit: "cost", reads }).charge;
    expect(cost(4)).toBeCloseTo(4 * cost(1));
    const ms = (inserted: number, updated: number, set: readonly string[] = []) =>
      upkeep(index(["a"]), new Set(set), { unit: "ms", written: { inserted, updated } }).charge;
    expect(ms(1_000, 0)).toBeCloseTo(5);
    // Four of five updates are HOT.
    expect(ms(0, 1_000)).toBeCloseTo(1);
    expect(ms(0, 1_000, ["a"])).toBeCloseTo(5);
  });

  test("few scans, or a first load alone, tell of no rate", () => {
    const few = { ...index(["a"]), table: { ...on, scans: 3 } };
    expect(upkeep(few, new Set(), { unit: "cost", reads: 1 }).charge).toBe(0);
    const loaded = { ...on, rows: 3_000, updated: 0, hot: 0 };
    expect(upkeep({ ...index(["a"]), table: loaded }, new Set(), { unit: "cost", reads: 1 }).charge).toBe(0);
    expect(writesPerScan(loaded)).toBe(0);
    expect(writesPerScan(on)).toBe(1.5);
    expect(writesPerScan({ ...on, scans: 3 })).toBeUndefined();
  });

  test.each([
    ["UPDATE t SET a = 1, b = b + 1 WHERE c = 2", ["a", "b"]],
    ["UPDATE t SET (a, b) = (1, 2)", ["a", "b"]],
    ["INSERT INTO t VALUES (1) ON CONFLICT (a) DO UPDATE SET b = 2", ["b"]],
    ["INSERT INTO t (a) VALUES (1)", []],
    ["DELETE FROM t", []],
  ])("%s", async (sql, wanted) => {
    const [tree] = await parse(sql);
    expect(tree && columnsSet(tree)).toEqual(wanted);
  });
});

describe("gains by rules", () => {
  test("selective columns gain, others do not, and a range ends what keys can do", async () => {
    const scan = {
      "Node Type": "Seq Scan",
      "Relation Name": "t",
      Schema: "public",
      Alias: "t",
      "Total Cost": 5_000,
      "Plan Rows": 1,
      Output: ["t.a", "t.b"],
      Filter: "((t.a = 1) AND (t.b > 2))",
    };
    const big = { ...table("t", { a: {}, b: {}, c: {} }), rows: 1_000_000 };
    const [use] = await usesOf(plan(scan), parse);
    const gain = (columns: readonly string[]) =>
      ruleGain({ ...index(columns), table: big }, { statement: 0, use: use as never, table: big });
    expect(gain(["a"])).toBeGreaterThan(3_000);
    expect(gain(["a", "b"])).toBeGreaterThan(gain(["a"]));
    // Behind a range the second key narrows nothing; both spare reading the table.
    expect(gain(["b", "a"])).toBeLessThan(gain(["a", "b"]));
    expect(gain(["c"])).toBe(0);
    // Another table's.
    expect(ruleGain(index(["a"]), { statement: 0, use: use as never, table: big })).toBe(0);
  });
});
