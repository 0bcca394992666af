import { describe, expect, test } from "vitest";
import { usesOf } from "../../src/advise/uses.ts";
import { parse, plan } from "./fixtures.ts";

const scan = (alias: string, more: object = {}) => ({
  "Node Type": "Seq Scan",
  "Relation Name": "t",
  Schema: "public",
  Alias: alias,
  "Total Cost": 100,
  "Plan Rows": 10,
  ...more,
});

describe("what a plan asks of its relations", () => {
  test("conditions, orders and the columns that are needed", async () => {
    const [use] = await usesOf(
      plan({
        "Node Type": "Limit",
        Output: ["id", "at"],
        Plans: [
          {
            "Node Type": "Sort",
            Output: ["id", "at"],
            "Sort Key": ["t.at DESC"],
            Plans: [scan("t", { Output: ["id", "at"], Filter: "(t.customer = 7)" })],
          },
        ],
      }),
      parse,
    );
    expect(use).toMatchObject({ schema: "public", table: "t", cost: 100, rows: 10, node: "Seq Scan" });
    expect([...(use?.needed ?? [])].sort()).toEqual(["at", "customer", "id"]);
    expect(use?.conditions.map(({ columns }) => columns)).toEqual([["customer"]]);
    expect(
      use?.orders.map((keys) => keys.map(({ references, descending }) => [references[0]?.column, descending])),
    ).toEqual([[["at", true]]]);
  });

  test("a scan below an aggregate writes every column and needs few", async () => {
    const [use] = await usesOf(
      plan({
        "Node Type": "Aggregate",
        Output: ["sum(price)"],
        Plans: [scan("t", { Output: ["id", "price", "note"], Filter: "(t.day > 3)" })],
      }),
      parse,
    );
    expect(use?.needed).toEqual(["day", "price"].sort());
  });

  test("a whole row needs all columns", async () => {
    const [use] = await usesOf(plan(scan("t", { Output: ["t.*"] })), parse);
    expect(use?.needed).toBeUndefined();
  });

  test("the same table twice is two uses, and a join tells both", async () => {
    const uses = await usesOf(
      plan({
        "Node Type": "Hash Join",
        Output: ["a.x", "b.y"],
        "Hash Cond": "(a.id = b.parent)",
        Plans: [
          scan("a", { Output: ["a.x", "a.id"] }),
          { "Node Type": "Hash", Output: ["b.y"], Plans: [scan("b", { Output: ["b.y"] })] },
        ],
      }),
      parse,
    );
    expect(
      uses.map(({ alias, conditions }) => [alias, conditions.map(({ columns, joins }) => [columns[0], joins])]),
    ).toEqual([
      ["a", [["id", true]]],
      ["b", [["parent", true]]],
    ]);
  });

  test.each([
    ["15", "((t.a = 1) AND (NOT (hashed SubPlan 1)))"],
    ["15, correlated", "((t.a = 1) AND (t.b > (SubPlan 2)))"],
    ["17", "((t.a = 1) AND (t.b > (InitPlan 1).col1))"],
  ])("what is written of subplans (%s) does not hide the rest", async (_, filter) => {
    const [use] = await usesOf(plan(scan("t", { Output: ["id"], Filter: filter })), parse);
    expect(use?.conditions.find(({ constant }) => constant === "1")?.columns).toEqual(["a"]);
  });

  test("what is no SQL at all is passed over", async () => {
    const [use] = await usesOf(
      plan(scan("t", { Output: ["id", "(PARTIAL count(*))"], Filter: "((( nonsense" })),
      parse,
    );
    expect(use?.conditions).toEqual([]);
    expect(use?.needed).toEqual(["id"]);
  });

  test("max() is an order", async () => {
    const [use] = await usesOf(
      plan({ "Node Type": "Aggregate", Output: ["max(at)"], Plans: [scan("t", { Output: ["at"] })] }),
      parse,
    );
    expect(use?.orders.map((keys) => keys[0]?.references[0]?.column)).toEqual(["at"]);
  });
});
