import { describe, expect, test } from "vitest";
import { deriveCandidates, type Surroundings, type TableUse } from "../../src/advise/candidates.ts";
import { body } from "../../src/advise/index-definition.ts";
import type { Table } from "../../src/advise/tables.ts";
import { usesOf } from "../../src/advise/uses.ts";
import { existing, parse, plan, table } from "./fixtures.ts";

const none: Surroundings = { extensions: new Map(), mask: [] };

/** Candidates for filters of one table, each a statement of its own, as index bodies. */
async function derived(
  on: Table,
  filters: readonly string[],
  {
    surroundings = none,
    output = ["*"],
    sort,
  }: { surroundings?: Surroundings; output?: string[]; sort?: string[] } = {},
): Promise<string[]> {
  const uses: TableUse[] = [];
  for (const [statement, filter] of filters.entries()) {
    const scan = {
      "Node Type": "Seq Scan",
      "Relation Name": on.name,
      Schema: on.schema,
      Alias: "t",
      "Total Cost": 1_000,
      "Plan Rows": 10,
      Output: output.map((each) => `t.${each}`),
      ...(filter === "" ? {} : { Filter: filter }),
    };
    const root = sort ? { "Node Type": "Sort", "Sort Key": sort, Output: scan.Output, Plans: [scan] } : scan;
    for (const use of await usesOf(plan(root), parse)) uses.push({ statement, use, table: on });
  }
  return deriveCandidates(uses, surroundings).candidates.map(({ definition }) => body(definition));
}

const orders = table("orders", {
  customer: { distinct: 10_000 },
  status: {
    type: "text",
    distinct: 3,
    common: new Map([
      ["done", 0.97],
      ["open", 0.02],
      ["held", 0.01],
    ]),
  },
  day: { type: "date", distinct: 2_400, correlation: 0.99 },
  total: { type: "numeric" },
  email: { type: "character varying", distinct: 9_000, bytewise: false },
  note: { type: "text", width: 400, bytewise: false },
  doc: { type: "jsonb" },
  tags: { type: "text[]" },
  words: { type: "tsvector" },
  spot: { type: "vector" },
  during: { type: "daterange" },
});

describe("candidates of plans", () => {
  test("equality columns, the most selective first, then one range", async () => {
    const found = await derived(orders, ["((t.status = $1) AND (t.customer = 7) AND (t.day > '2020-01-01'::date))"]);
    expect(found).toContain('("customer", "status", "day")');
    expect(found).toContain('("customer", "status")');
    expect(found).toContain('("day")');
    expect(found).not.toContain('("day", "customer")');
  });

  test("equality, then the order; a descending order is read backwards", async () => {
    const found = await derived(orders, ["(t.customer = 7)"], { sort: ["t.day DESC", "t.total DESC"] });
    expect(found).toContain('("customer", "day", "total")');
    const mixed = await derived(orders, ["(t.customer = 7)"], { sort: ["t.day DESC", "t.total"] });
    expect(mixed).toContain('("customer", "day", "total" DESC)');
    const last = await derived(orders, [""], { sort: ["t.day DESC NULLS LAST"] });
    expect(last).toContain('("day" NULLS FIRST)');
  });

  test("few small columns are carried along, large ones are not", async () => {
    expect(await derived(orders, ["(t.customer = 7)"], { output: ["total"] })).toContain(
      '("customer") INCLUDE ("total")',
    );
    const large = await derived(orders, ["(t.customer = 7)"], { output: ["total", "note"] });
    expect(large.filter((each) => each.includes("INCLUDE"))).toEqual([]);
  });

  test("a partial index for a rare constant of few, which every statement asks for", async () => {
    const rare = "((t.status = 'open'::text) AND (t.customer = 7))";
    expect(await derived(orders, [rare])).toContain(`("customer") WHERE ("status" = ('open')::"text")`);
    expect(await derived(orders, ["((t.status = 'done'::text) AND (t.customer = 7))"])).not.toContainEqual(
      expect.stringContaining("WHERE"),
    );
    expect(await derived(orders, ["((t.status = $1) AND (t.customer = 7))"])).not.toContainEqual(
      expect.stringContaining("WHERE"),
    );
    // Two constants in turn: neither dominates.
    const both = await derived(orders, [rare, "((t.status = 'held'::text) AND (t.customer = 7))"]);
    expect(both).not.toContainEqual(expect.stringContaining("WHERE"));
    // An example's own value is not what the application asks for.
    expect(await derived(orders, ["((t.customer = 7) AND (t.day = '2020-01-01'::date))"])).not.toContainEqual(
      expect.stringContaining("WHERE"),
    );
  });

  test("an expression stays one; a cast that changes nothing does not count", async () => {
    expect(await derived(orders, ["(lower((t.email)::text) = 'x'::text)"])).toContain(`(("lower"(("email")::"text")))`);
    expect(await derived(orders, ["((t.email)::text = 'x'::text)"])).toContain('("email")');
    expect(await derived(orders, ["((t.customer)::text = 'x'::text)"])).toContain('((("customer")::"text"))');
  });

  test("LIKE 'x%' needs an operator class where text is ordered by language", async () => {
    expect(await derived(orders, ["(t.note ~~ 'abc%'::text)"])).toContain('("note" text_pattern_ops)');
    expect(await derived(orders, ["((t.email)::text ~~ 'abc%'::text)"])).toContain('("email" varchar_pattern_ops)');
    const bytewise = table("c", { note: { type: "text", bytewise: true } });
    expect(await derived(bytewise, ["(t.note ~~ 'abc%'::text)"])).toContain('("note")');
  });

  test.each([
    ["(t.doc @> '{}'::jsonb)", 'USING gin ("doc" jsonb_path_ops)'],
    ["(t.doc ? 'a'::text)", 'USING gin ("doc")'],
    ["(t.tags && '{a}'::text[])", 'USING gin ("tags")'],
    ["(t.words @@ '''a'''::tsquery)", 'USING gin ("words")'],
    [
      "(to_tsvector('english'::regconfig, t.note) @@ '''a'''::tsquery)",
      `USING gin (("to_tsvector"(('english')::"regconfig", "note")))`,
    ],
    ["(t.during @> '2020-01-01'::date)", 'USING gist ("during")'],
    ["(t.day > '2020-01-01'::date)", undefined],
  ])("%s", async (filter, wanted) => {
    const found = await derived(orders, [filter]);
    expect(found.find((each) => each.startsWith("USING gi"))).toBe(wanted);
  });

  test("wildcards at the beginning need pg_trgm, and it is said when that is missing", async () => {
    const filter = "(t.note ~~ '%abc%'::text)";
    const extensions = new Map([["pg_trgm", "1.6"]]);
    expect(await derived(orders, [filter], { surroundings: { ...none, extensions } })).toEqual([
      'USING gin ("note" gin_trgm_ops)',
    ]);
    const [use] = await usesOf(
      plan({
        "Node Type": "Seq Scan",
        "Relation Name": "orders",
        Schema: "public",
        Alias: "t",
        Filter: filter,
        Output: ["t.note"],
      }),
      parse,
    );
    const { candidates, unavailable } = deriveCandidates(
      [{ statement: 0, use: use as TableUse["use"], table: orders }],
      none,
    );
    expect(candidates).toEqual([]);
    expect(unavailable).toMatchObject([{ what: "GIN (note gin_trgm_ops)", why: expect.stringContaining("pg_trgm") }]);
  });

  test("BRIN where a big table lies in the order of the column", async () => {
    const big = { ...orders, pages: 100_000 };
    expect(await derived(big, ["(t.day > '2020-01-01'::date)"])).toContain('USING brin ("day")');
    expect(await derived(big, ["(t.total > 5)"])).not.toContainEqual(expect.stringContaining("brin"));
    expect(await derived(orders, ["(t.day > '2020-01-01'::date)"])).not.toContainEqual(expect.stringContaining("brin"));
  });

  test("nearest vectors", async () => {
    expect(await derived(orders, [""], { sort: ["(t.spot <=> '[1]'::vector)"] })).toEqual([
      'USING hnsw ("spot" vector_cosine_ops)',
    ]);
  });

  test("arms of OR each have an index of their own", async () => {
    const found = await derived(orders, ["((t.customer = 1) OR (t.day = '2020-01-01'::date))"]);
    expect(found.sort()).toEqual(['("customer")', '("day")']);
  });

  test("none for tiny tables, for what is there already, for masked columns", async () => {
    expect(await derived({ ...orders, pages: 3 }, ["(t.customer = 7)"])).toEqual([]);
    expect(await derived({ ...orders, indexes: [existing("i", ["customer", "day"])] }, ["(t.customer = 7)"])).toEqual(
      [],
    );
    expect(
      await derived({ ...orders, indexes: [existing("i", ["customer"], { valid: false })] }, ["(t.customer = 7)"]),
    ).toEqual(['("customer")']);
    const mask = { ...none, mask: ["public.orders.status"] };
    const found = await derived(orders, ["((t.status = 'open'::text) AND (t.customer = 7))"], {
      surroundings: mask,
      output: ["status"],
    });
    expect(found).not.toContainEqual(expect.stringContaining("status"));
    expect(found).toContain('("customer")');
  });
});
