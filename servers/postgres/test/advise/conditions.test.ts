import { describe, expect, test } from "vitest";
import { conditionsOf, sortKeyOf } from "../../src/advise/conditions.ts";
import { expression, parse } from "./fixtures.ts";

/** `columns test operator constant` of every condition. */
async function said(sql: string): Promise<string[]> {
  return conditionsOf(await expression(sql)).map(
    ({ columns, test: kind, operator, constant, joins, alternative, values }) =>
      [
        columns.join("+"),
        kind,
        operator,
        constant ?? "",
        joins ? "joins" : "",
        alternative ? "or" : "",
        values > 1 ? `×${values}` : "",
      ]
        .filter(Boolean)
        .join(" "),
  );
}

describe("conditions as EXPLAIN writes them", () => {
  test.each([
    ["(t.a = 5)", ["a equal = 5"]],
    ["((t.a = 5) AND (t.b > '2020-01-01'::date))", ["a equal = 5", "b range > 2020-01-01"]],
    ["(5 < t.a)", ["a range > 5"]],
    ["(t.a = ANY ('{1,2,3}'::integer[]))", ["a equal = ×3"]],
    ["(t.a = ANY (ARRAY[$1, $2]))", ["a equal = ×2"]],
    ["(t.a IS NULL)", ["a null IS"]],
    ["(t.a IS NOT NULL)", ["a not null IS"]],
    ["t.flag", ["flag equal = t"]],
    ["(NOT t.flag)", ["flag equal = f"]],
    ["(t.a = $1)", ["a equal ="]],
    ["(t.name ~~ 'abc%'::text)", ["name prefix ~~ abc%"]],
    ["(t.name ~~ '%abc%'::text)", ["name substring ~~ %abc%"]],
    ["(t.name ~~ 'a%'::text)", ["name substring ~~ a%"]],
    ["(t.name ~~* 'abc%'::text)", ["name substring ~~* abc%"]],
    ["(t.doc @> '{\"a\": 1}'::jsonb)", ['doc contains @> {"a": 1}']],
    ["(lower((t.email)::text) = 'x'::text)", ["email equal = x"]],
    ["(t.a <> 5)", []],
    ["(t.a = t.b)", []],
    ["(t.a = NULL::integer)", []],
    ["((t.a = 1) OR (t.b = 2))", ["a equal = 1 or", "b equal = 2 or"]],
    ["(t.* IS NOT NULL)", []],
  ])("%s", async (sql, wanted) => {
    expect(await said(sql)).toEqual(wanted);
  });

  test("a join is a condition of both sides", async () => {
    const found = conditionsOf(await expression("(o.id = l.order_id)"));
    expect(found.map(({ alias, columns, joins }) => [alias, columns, joins])).toEqual([
      ["o", ["id"], true],
      ["l", ["order_id"], true],
    ]);
  });

  test("only constants can stand in a partial index", async () => {
    const sqlOf = async (sql: string) => conditionsOf(await expression(sql)).map((each) => each.sql);
    expect(await sqlOf("(t.status = 'it''s \\ open'::text)")).toEqual([`("status" = (E'it''s \\\\ open')::"text")`]);
    expect(await sqlOf("(t.status = $1)")).toEqual([undefined]);
    expect(await sqlOf("(t.gone IS NULL)")).toEqual(['"gone" IS NULL']);
    expect(await sqlOf('(NOT t."a ""b")')).toEqual(['NOT "a ""b"']);
  });
});

describe("sort keys", () => {
  test.each([
    ["t.a", { descending: false, nullsFirst: false, distance: undefined }],
    ["t.a DESC", { descending: true, nullsFirst: true, distance: undefined }],
    ["t.a DESC NULLS LAST", { descending: true, nullsFirst: false, distance: undefined }],
    ["t.a NULLS FIRST", { descending: false, nullsFirst: true, distance: undefined }],
    ["(t.v <=> '[1,2]'::vector)", { descending: false, nullsFirst: false, distance: "<=>" }],
    ["(t.a <> 1)", { descending: false, nullsFirst: false, distance: undefined }],
    ["(t.a <= 1)", { descending: false, nullsFirst: false, distance: undefined }],
  ])("%s", async (key, wanted) => {
    const [tree] = await parse(`SELECT 1 ORDER BY ${key}`);
    expect(tree && sortKeyOf(tree)).toMatchObject(wanted);
  });

  test("USING an operator is none that an index is made for", async () => {
    const [tree] = await parse("SELECT 1 ORDER BY t.a USING ~<~");
    expect(tree && sortKeyOf(tree)).toBeUndefined();
  });
});
