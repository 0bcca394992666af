import { describe, expect, it } from "vitest";
import { compared } from "../../src/plan/compared.ts";

const nothing = { equal: [], range: [], pattern: [], expressions: [], alternatives: false };

describe("compared", () => {
  it.each<[string, Partial<ReturnType<typeof compared>>]>([
    ["(customer_id = 5)", { equal: ["customer_id"] }],
    ["(o.customer_id = 5)", { equal: ["customer_id"] }],
    ["((o.status)::text = 'open'::text)", { equal: ["status"] }],
    ["((o.a = 1) AND (o.b >= 2) AND (o.b < 9))", { equal: ["a"], range: ["b"] }],
    ["(o.status = ANY ('{a,b}'::text[]))", { equal: ["status"] }],
    ["(o.gone IS NULL)", { equal: ["gone"] }],
    ["(o.gone IS NOT NULL)", {}],
    ["(o.name ~~ '%x%'::text)", { pattern: ["name"] }],
    ["(lower(o.name) = 'x'::text)", { expressions: ["lower(name)"] }],
    ["(lower((o.name)::text) = 'x'::text)", { expressions: ["lower(name)"] }],
    ["((o.a = 1) OR (o.b = 2))", { equal: ["a", "b"], alternatives: true }],
    ['(o."Strange ""name" = 1)', { equal: ['"Strange ""name"'] }],
    ["((o.total)::numeric > '5'::numeric)", { range: ["total"] }],
    ["(o.code = '(o.fake = 1) OR (o.b = 2)'::text)", { equal: ["code"] }],
    ["(o.code = 'it''s (o.fake = 1)'::text)", { equal: ["code"] }],
    ["(other.id = 5)", {}],
    ["((o.total % 3) = 1)", {}],
    ["", {}],
  ])("%s", (condition, found) => {
    expect(compared(condition, "o")).toEqual({ ...nothing, ...found });
  });

  it("reads hostile text in linear time", () => {
    const from = performance.now();
    compared(`(${"a.".repeat(50_000)}`, "a");
    compared("(".repeat(50_000), "a");
    compared(`${"a".repeat(50_000)}`, "a");
    compared(`"${'""'.repeat(25_000)}`, "a");
    expect(performance.now() - from).toBeLessThan(2_000);
  });
});
